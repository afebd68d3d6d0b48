import { expect } from "chai";
import type { FunctionRecord } from "../../../sandbox/lambda/store";
import { functionRecord, startEndpoint, startFunctions, zip } from "../support/functions";

const minute = 60_000;
const queueArn = "arn:aws:sqs:us-east-1:123456789012:failures";
const failing = "exports.handler = async () => { throw Object.assign(new Error('no'), { name: 'Nope' }); };";

describe("functions in the sandbox", () => {
  let endpoint: Awaited<ReturnType<typeof startEndpoint>>;
  let sandbox: Awaited<ReturnType<typeof startFunctions>>;
  beforeEach(async () => {
    endpoint = await startEndpoint();
    sandbox = await startFunctions({ endpoint: () => endpoint.url });
  });
  afterEach(async () => {
    await sandbox.functions.stop();
    await endpoint.stop();
  });
  const deploy = (source: string, change?: Partial<FunctionRecord>) => {
    const record = functionRecord(source, change);
    sandbox.functions.store.add(record);
    return record.arn;
  };
  const call = async (arn: string, payload: unknown = {}) => {
    const { ok, body } = await sandbox.functions.invoke(arn, JSON.stringify(payload));
    return { ok, answer: JSON.parse(body) as Record<string, unknown> };
  };

  it("answers with what the handler returns, from one process that stays warm", async () => {
    const arn = deploy("let calls = 0; exports.handler = async event => ({ ...event, calls: ++calls });");

    const first = await call(arn, { name: "a" });
    const second = await call(arn, { name: "b" });

    expect([first.answer, second.answer]).to.deep.equal([
      { name: "a", calls: 1 },
      { name: "b", calls: 2 },
    ]);
    expect(sandbox.of("invocation").map(({ cold }) => cold)).to.deep.equal([true, false]);
  });

  it("gives the process Lambda's environment, its role's keys and nothing of ours but PATH", async () => {
    process.env.GUARDRAILS_TEST_LEAK = "leaked";
    const arn = deploy("exports.handler = async () => process.env;", { environment: { TOPIC: "t" } });

    const { answer } = await call(arn);
    delete process.env.GUARDRAILS_TEST_LEAK;

    expect(answer).to.include({
      TOPIC: "t",
      AWS_REGION: "us-east-1",
      AWS_LAMBDA_FUNCTION_NAME: "watcher",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
      AWS_ACCESS_KEY_ID: "ASIAWATCHER",
      AWS_ENDPOINT_URL: endpoint.url,
      _HANDLER: "index.handler",
      PATH: process.env.PATH,
    });
    expect(answer).to.not.have.any.keys("GUARDRAILS_TEST_LEAK", "NODE_CHANNEL_FD", "HOME");
  });

  it("puts every file of the package beside the handler", async () => {
    const files = {
      "index.js": "exports.handler = async () => require('./config.json');",
      "config.json": '{ "mode": "notify" }',
    };
    const arn = deploy("", { code: zip(files) });

    const { answer } = await call(arn);

    expect(answer).to.deep.equal({ mode: "notify" });
  });

  it("serves callbacks, and answers null when nothing is left to wait for", async () => {
    const callback = deploy("exports.handler = (event, context, done) => done(null, event.x);", {
      name: "callback",
    });
    const silent = deploy("exports.handler = () => 5;", { name: "silent" });

    expect((await call(callback, { x: 1 })).answer).to.equal(1);
    expect((await call(silent)).answer).to.equal(null);
  });

  it("reports what the handler throws with its name, message and trace", async () => {
    const { ok, answer } = await call(deploy(failing));

    expect(ok).to.equal(false);
    expect(answer).to.include({ errorType: "Nope", errorMessage: "no" });
    expect(answer.trace).to.be.an("array").that.is.not.empty;
    expect(sandbox.of("invocation")[0]).to.include({ error: "Nope: no", attempt: 1 });
  });

  for (const [what, source, errorType] of [
    ["a handler that is not exported", "exports.other = 1;", "Runtime.HandlerNotFound"],
    ["a module that cannot be loaded", "require('nowhere');", "Runtime.ImportModuleError"],
    ["text that is no JavaScript", "exports.handler = (;", "Runtime.UserCodeSyntaxError"],
    ["an error while loading", "throw new RangeError('early');", "RangeError"],
    ["a process that leaves", "exports.handler = () => process.exit(3);", "Runtime.ExitError"],
    [
      "a promise nobody waits for",
      "exports.handler = () => { Promise.reject(new Error('lost')); return new Promise(() => setTimeout(() => {}, 9000)); };",
      "Runtime.UnhandledPromiseRejection",
    ],
  ] as const)
    it(`fails with ${errorType} for ${what}`, async () => {
      const { ok, answer } = await call(deploy(source));

      expect(ok).to.equal(false);
      expect(answer.errorType).to.equal(errorType);
    });

  it("starts afresh after a process ended", async () => {
    const arn = deploy("exports.handler = async ({ leave }) => (leave ? process.exit(1) : 'here');");
    await call(arn, { leave: true });

    const { answer } = await call(arn);

    expect(answer).to.equal("here");
  });

  it("kills a function at its deadline on the sandbox clock, as Lambda words it", async () => {
    const arn = deploy("exports.handler = () => new Promise(done => setTimeout(done, 60_000));", {
      timeout: 3,
    });
    const called = call(arn);
    await sandbox.clock.sleep(600);

    await sandbox.clock.advance(5000);

    const { answer } = await called;
    expect(answer.errorType).to.equal("Sandbox.Timedout");
    expect(answer.errorMessage).to.match(/^RequestId: [\w-]{36} Error: Task timed out after 3.00 seconds$/);
  });

  it("lets the function's own pauses pass with the sandbox clock, each in its turn", async () => {
    const source = `
      const { setTimeout: pause } = require("node:timers/promises");
      exports.handler = async () => {
        const times = [Date.now()];
        await new Promise(done => setTimeout(done, 60_000));
        times.push(new Date().getTime());
        await pause(120_000);
        times.push(Date.now());
        return times.map(time => Math.round((time - times[0]) / 60_000));
      };`;
    const arn = deploy(source, { timeout: 600 });
    const called = call(arn);

    await sandbox.clock.advance(4 * minute);

    expect((await called).answer).to.deep.equal([0, 1, 3]);
  });

  it("does not let time jump while the function calls AWS, only while it pauses", async () => {
    const source = `
      const http = require("node:http");
      const agent = new http.Agent({ keepAlive: true });
      const ask = () => new Promise((done, fail) => {
        const guard = setTimeout(() => fail(new Error("the call timed out")), 120_000);
        http.get(process.env.AWS_ENDPOINT_URL, { agent }, answer => {
          answer.resume();
          answer.on("end", () => done(clearTimeout(guard)));
        });
      });
      exports.handler = async () => {
        const start = Date.now();
        await ask();
        const asked = Date.now();
        await new Promise(done => setTimeout(done, 60_000));
        await ask();
        return [asked - start < 10_000, Math.round((Date.now() - start) / 60_000)];
      };`;
    await endpoint.stop();
    endpoint = await startEndpoint(() => ({}), 100);
    const called = call(deploy(source, { timeout: 300 }));

    await sandbox.clock.advance(4 * minute);

    expect((await called).answer).to.deep.equal([true, 1]);
  });

  it("starts a process at the sandbox's time, not the machine's", async () => {
    await sandbox.clock.advance(60 * minute);
    const arn = deploy("exports.handler = async () => [Date.now(), typeof Date(), new Date(0).getTime()];");

    const { answer } = await call(arn);

    const [now, text, zero] = answer as unknown as [number, string, number];
    expect(now).to.be.closeTo(sandbox.clock.now(), 2000);
    expect([text, zero]).to.deep.equal(["string", 0]);
  });

  it("never fires a timer that was cleared, and repeats an interval", async () => {
    const source = `exports.handler = () => new Promise(done => {
      let ticks = 0;
      clearTimeout(setTimeout(() => done("cleared one fired"), 10_000));
      const interval = setInterval(() => { if (++ticks === 3) { clearInterval(interval); done(ticks); } }, 20_000);
    });`;
    const called = call(deploy(source, { timeout: 120 }));

    await sandbox.clock.advance(2 * minute);

    expect((await called).answer).to.equal(3);
  });

  it("shows console lines with time, request and level, and bare lines as they are", async () => {
    const source = `exports.handler = async () => {
      console.log("two\\nlines", { a: 1 });
      console.error("bad");
      process.stdout.write('{"bare":true}\\n');
    };`;

    await call(deploy(source));

    const [{ requestId = "" } = {}] = sandbox.of("invocation");
    const lines = sandbox.of("log").map(({ line }) => line);
    expect(lines[0]).to.match(new RegExp(`^\\d{4}-.*Z\\t${requestId}\\tINFO\\ttwo\\nlines \\{ a: 1 \\}$`));
    expect(lines[1]).to.match(new RegExp(`\\t${requestId}\\tERROR\\tbad$`));
    expect(lines[2]).to.equal('{"bare":true}');
    expect(sandbox.of("log").map(log => log.requestId)).to.deep.equal([requestId, requestId, requestId]);
  });

  it("writes the lines to the log group with the role's keys", async () => {
    const arn = deploy("exports.handler = async () => process.stdout.write('hello\\n');", {
      logging: { format: "Text", group: "/guardrails/dev" },
    });

    await call(arn);

    const [stream, events] = endpoint.received;
    expect(stream?.body).to.include({ logGroupName: "/guardrails/dev" });
    expect(stream?.body.logStreamName).to.match(/^\d{4}\/\d\d\/\d\d\/watcher\[\$LATEST\][0-9a-f]{32}$/);
    expect(events?.target).to.equal("Logs_20140328.PutLogEvents");
    expect((events?.body.logEvents as { message: string }[])[0]?.message).to.equal("hello");
    expect(endpoint.received.map(({ key }) => key)).to.deep.equal(["ASIAWATCHER", "ASIAWATCHER"]);
  });

  it("tries an asynchronous invocation again after one and two minutes, then sends the record", async () => {
    const arn = deploy(failing, { invokeConfig: { onFailure: queueArn, modified: 0 } });
    const start = sandbox.clock.now();

    const requestId = sandbox.functions.invokeAsync(arn, '{"n":1}', { eventId: "e-1" });
    await sandbox.activity.idle();
    expect(sandbox.functions.retrying).to.equal(1);
    await sandbox.clock.advance(5 * minute);
    await sandbox.activity.idle();

    const tries = sandbox.of("invocation");
    expect(tries.map(({ attempt, eventId, ...rest }) => [attempt, eventId, rest.requestId])).to.deep.equal([
      [1, "e-1", requestId],
      [2, "e-1", requestId],
      [3, "e-1", requestId],
    ]);
    expect(tries.map(({ at }) => Math.floor((at - start) / minute))).to.deep.equal([0, 1, 3]);
    const sent = endpoint.received.find(({ target }) => target === "AmazonSQS.SendMessage");
    expect(sent?.key).to.equal("ASIAWATCHER");
    const record = JSON.parse(String(sent?.body.MessageBody)) as Record<string, unknown>;
    expect(record).to.deep.include({
      requestPayload: { n: 1 },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      requestContext: {
        requestId,
        functionArn: `${arn}:$LATEST`,
        condition: "RetriesExhausted",
        approximateInvokeCount: 3,
      },
    });
    expect(sandbox.of("dead-letter")).to.have.length(1);
  });

  it("stops trying once it works", async () => {
    const source = `exports.handler = async () => { if (Date.now() < ${Date.now() + minute}) throw new Error("early"); };`;
    const arn = deploy(source, { invokeConfig: { onFailure: queueArn, modified: 0 } });

    sandbox.functions.invokeAsync(arn, "{}");
    await sandbox.clock.advance(5 * minute);
    await sandbox.activity.idle();

    expect(sandbox.of("invocation").map(({ error }) => error)).to.deep.equal(["Error: early", undefined]);
    expect(sandbox.of("dead-letter")).to.deep.equal([]);
  });

  it("tries no more often than its configuration says", async () => {
    const never = deploy(failing, {
      name: "never",
      invokeConfig: { maximumRetryAttempts: 0, onFailure: queueArn, modified: 0 },
    });
    const brief = deploy(failing, {
      name: "brief",
      invokeConfig: { maximumEventAgeInSeconds: 90, onFailure: queueArn, modified: 0 },
    });

    sandbox.functions.invokeAsync(never, "{}");
    sandbox.functions.invokeAsync(brief, "{}");
    await sandbox.clock.advance(10 * minute);
    await sandbox.activity.idle();

    const tries = sandbox.of("invocation").map(({ functionName }) => functionName);
    expect(tries.sort()).to.deep.equal(["brief", "brief", "never"]);
    const reasons = sandbox.of("dead-letter").map(({ reason }) => reason);
    expect(reasons.sort()).to.deep.equal(["brief: EventAgeExceeded", "never: RetriesExhausted"]);
  });

  it("says that an event is lost when the role may not send it on", async () => {
    await endpoint.stop();
    endpoint = await startEndpoint(({ target }) =>
      target === "AmazonSQS.SendMessage"
        ? {
            __type: "com.amazonaws.sqs#AccessDeniedException",
            message: "not authorized to perform: sqs:SendMessage",
          }
        : {},
    );
    const arn = deploy(failing, {
      invokeConfig: { maximumRetryAttempts: 0, onFailure: queueArn, modified: 0 },
    });

    sandbox.functions.invokeAsync(arn, "{}");
    await sandbox.activity.idle();

    expect(sandbox.of("dead-letter")).to.deep.equal([]);
    expect(sandbox.of("note").map(({ text }) => text)).to.deep.equal([
      `Lost: watcher could not send its record to ${queueArn}: not authorized to perform: sqs:SendMessage`,
    ]);
  });

  it("counts a process that is killed halfway as a failed try", async () => {
    const arn = deploy("exports.handler = () => new Promise(done => setTimeout(done, 5000));");
    const called = call(arn);
    await sandbox.clock.sleep(400);

    expect(sandbox.functions.crash("watcher")).to.equal(true);

    const { answer } = await called;
    expect(answer.errorMessage).to.match(/Runtime exited with error: signal: killed$/);
  });

  it("runs a function one at a time and lets the next wait", async () => {
    const source = `exports.handler = async () => {
      const start = Date.now();
      await new Promise(done => setTimeout(done, 100));
      return [start, Date.now()];
    };`;
    const arn = deploy(source);

    const answers = await Promise.all([call(arn), call(arn)]);

    const [first, second] = answers
      .map(({ answer }) => answer as unknown as [number, number])
      .sort(([one], [other]) => one - other);
    expect(second?.[0]).to.be.at.least(first?.[1] ?? Infinity);
  });
});
