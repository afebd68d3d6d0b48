import { expect } from "chai";
import { createActivity } from "../../../sandbox/ground/activity";
import { awsError } from "../../../sandbox/ground/call";
import { startEventServices } from "../support/event-services";
import { failure } from "../support/failure";
import { zip } from "../support/functions";

describe("the sandbox's Lambda API", () => {
  let sandbox: Awaited<ReturnType<typeof startEventServices>>;
  beforeEach(async () => {
    sandbox = await startEventServices();
  });
  afterEach(() => sandbox.stop());
  const code = (source: string) => ({ ZipFile: zip({ "index.js": source }) });
  const create = (change: object = {}) =>
    sandbox.call("lambda:CreateFunction", {
      FunctionName: "watcher",
      Code: code("exports.handler = async event => ({ said: event.word, limit: process.env.LIMIT });"),
      Handler: "index.handler",
      Runtime: "nodejs22.x",
      Role: "arn:aws:iam::123456789012:role/guardrails/watcher",
      ...change,
    });
  const invoke = async (payload: unknown, change: object = {}) => {
    const Payload = new Uint8Array(Buffer.from(JSON.stringify(payload)));
    const output = await sandbox.call("lambda:Invoke", { FunctionName: "watcher", Payload, ...change });
    return {
      ...output,
      answer: output.Payload && JSON.parse(Buffer.from(output.Payload as Buffer).toString()),
    };
  };

  it("creates, describes, changes and deletes a function", async () => {
    const made = await create({
      Timeout: 20,
      Environment: { Variables: { LIMIT: "1" } },
      Tags: { team: "sec" },
    });
    expect((await invoke({ word: "a" })).answer).to.deep.equal({ said: "a", limit: "1" });

    await sandbox.call("lambda:UpdateFunctionConfiguration", {
      FunctionName: "watcher",
      Environment: { Variables: { LIMIT: "2" } },
      LoggingConfig: { LogFormat: "Text", LogGroup: "/guardrails/dev" },
    });
    expect((await invoke({ word: "b" })).answer).to.deep.equal({ said: "b", limit: "2" });
    await sandbox.call("lambda:UpdateFunctionCode", {
      FunctionName: made.FunctionArn,
      ...code("exports.handler = async () => 'new';"),
    });
    expect((await invoke({})).answer).to.equal("new");

    const { Configuration, Tags } = await sandbox.call("lambda:GetFunction", { FunctionName: "watcher" });
    expect(Configuration).to.deep.include({
      FunctionName: "watcher",
      Timeout: 20,
      State: "Active",
      LoggingConfig: { LogFormat: "Text", LogGroup: "/guardrails/dev" },
    });
    expect(Tags).to.deep.equal({ team: "sec" });
    await sandbox.call("lambda:DeleteFunction", { FunctionName: "watcher" });
    expect(await failure(invoke({}))).to.have.property("code", "ResourceNotFoundException");
  });

  it("answers a failed invocation as Lambda does, and takes an event without waiting", async () => {
    await create({ Code: code("exports.handler = async () => { throw new TypeError('no'); };") });

    const failed = await invoke({});
    const taken = await invoke({}, { InvocationType: "Event" });
    await sandbox.idle();

    expect(failed).to.include({ StatusCode: 200, FunctionError: "Unhandled" });
    expect(failed.answer).to.include({ errorType: "TypeError", errorMessage: "no" });
    expect(taken).to.deep.equal({ StatusCode: 202, answer: undefined });
    expect(sandbox.of("invocation")).to.have.length(2);
  });

  it("keeps a resource policy that decides who may invoke", async () => {
    await create();
    const permission = {
      FunctionName: "watcher",
      StatementId: "rule",
      Action: "lambda:InvokeFunction",
      Principal: "events.amazonaws.com",
      SourceArn: "arn:aws:events:us-east-1:123456789012:rule/r",
    };
    await sandbox.call("lambda:AddPermission", permission);
    const again = await failure(sandbox.call("lambda:AddPermission", permission));

    const { Policy } = await sandbox.call("lambda:GetPolicy", { FunctionName: "watcher" });
    await sandbox.call("lambda:RemovePermission", { FunctionName: "watcher", StatementId: "rule" });
    const gone = await failure(sandbox.call("lambda:GetPolicy", { FunctionName: "watcher" }));

    expect(again).to.have.property("code", "ResourceConflictException");
    expect((JSON.parse(String(Policy)) as { Statement: object[] }).Statement).to.deep.equal([
      {
        Sid: "rule",
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "lambda:InvokeFunction",
        Resource: "arn:aws:lambda:us-east-1:123456789012:function:watcher",
        Condition: { ArnLike: { "AWS:SourceArn": "arn:aws:events:us-east-1:123456789012:rule/r" } },
      },
    ]);
    expect(gone).to.have.property("code", "ResourceNotFoundException");
  });

  it("keeps how a function is invoked asynchronously", async () => {
    await create();
    const Destination = "arn:aws:sqs:us-east-1:123456789012:failures";
    await sandbox.call("lambda:PutFunctionEventInvokeConfig", {
      FunctionName: "watcher",
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnFailure: { Destination } },
    });

    const found = await sandbox.call("lambda:GetFunctionEventInvokeConfig", { FunctionName: "watcher" });

    expect(found).to.deep.include({
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnSuccess: {}, OnFailure: { Destination } },
    });
  });

  it("throttles a function whose reserved concurrency is zero, and gives its events up at once", async () => {
    await create();
    await sandbox.call("lambda:PutFunctionConcurrency", {
      FunctionName: "watcher",
      ReservedConcurrentExecutions: 0,
    });

    const error = await failure(invoke({}));
    await invoke({}, { InvocationType: "Event" });
    await sandbox.idle();

    expect(error).to.have.property("code", "TooManyRequestsException");
    expect(sandbox.of("invocation")).to.deep.equal([]);
    expect(sandbox.of("note").map(({ text }) => text)).to.have.length(1);
  });

  it("refuses a role that does not trust Lambda", async () => {
    await sandbox.stop();
    sandbox = await startEventServices({
      credentialsFor: async () => {
        throw awsError("AccessDenied", "not trusted", 403);
      },
    });

    const error = await failure(create());

    expect(error.message).to.equal("The role defined for the function cannot be assumed by Lambda.");
  });

  for (const [what, change, code] of [
    ["a second function of the same name", {}, "ResourceConflictException"],
    [
      "a zip that is none",
      { FunctionName: "b", Code: { ZipFile: new Uint8Array([1, 2, 3]) } },
      "InvalidParameterValueException",
    ],
    [
      "a zip whose file lies outside",
      { FunctionName: "b", Code: { ZipFile: zip({ "../evil.js": "" }) } },
      "InvalidParameterValueException",
    ],
    [
      "a variable that Lambda sets itself",
      { FunctionName: "b", Environment: { Variables: { AWS_REGION: "x" } } },
      "InvalidParameterValueException",
    ],
    ["another runtime than Node.js", { FunctionName: "b", Runtime: "python3.13" }, "NotImplemented"],
    [
      "layers, which it does not have",
      { FunctionName: "b", Layers: ["arn:aws:lambda:us-east-1:123456789012:layer:x:1"] },
      "NotImplemented",
    ],
    ["a timeout of 1000 seconds", { FunctionName: "b", Timeout: 1000 }, "ValidationException"],
  ] as const)
    it(`refuses ${what} with ${code}`, async () => {
      await create();

      const error = await failure(create(change));

      expect(error).to.have.property("code", code);
    });

  it("names an operation that it does not have", async () => {
    const error = await failure(sandbox.call("lambda:CreateEventSourceMapping"));

    expect(error).to.include({ code: "NotImplemented" });
    expect(error.message).to.include("lambda:CreateEventSourceMapping");
  });

  it("is idle only when nothing follows what has ended", async () => {
    const activity = createActivity(sandbox.clock);
    const first = activity.begin();
    let isIdle = false;
    const idle = activity.idle().then(() => (isIdle = true));

    first.end();
    const second = activity.begin();
    await new Promise(resolve => setTimeout(resolve, 10));
    expect(isIdle).to.equal(false);
    second.end();

    await idle;
    expect(activity.underWay).to.equal(0);
  });
});
