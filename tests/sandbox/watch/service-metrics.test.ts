import { expect } from "chai";
import { arnOf, event, startEventServices } from "../support/event-services";
import { failure } from "../support/failure";
import { place } from "../support/functions";

const minute = 60_000;
const [inbox, failures, alerts] = [arnOf("sqs", "inbox"), arnOf("sqs", "failures"), arnOf("sns", "alerts")];
const failing = "exports.handler = async () => { throw new Error('no'); };";

describe("what services measure of themselves", () => {
  let sandbox: Awaited<ReturnType<typeof startEventServices>>;
  let started: number;
  beforeEach(async () => {
    sandbox = await startEventServices();
    started = sandbox.clock.now();
  });
  afterEach(() => sandbox.stop());
  const put = async () => {
    sandbox.bus.put(event() as never, place);
    await sandbox.idle();
  };
  const statistic = (name: "Sum" | "Maximum") => (namespace: string, metric: string, dimension: string) => {
    const [key = "", value = ""] = dimension.split("=");
    return sandbox.watch.metrics.read(
      place,
      { namespace, name: metric, dimensions: { [key]: value } },
      name,
      { from: Math.floor(started / minute) * minute, to: sandbox.clock.now() + minute },
    );
  };
  const [sum, maximum] = [statistic("Sum"), statistic("Maximum")];

  it("counts what a rule could neither deliver nor keep", async () => {
    await sandbox.rule({ Arn: arnOf("sqs", "gone"), DeadLetterConfig: { Arn: failures } });
    await put();
    sandbox.policies.set(failures, undefined);
    await put();

    expect(sum("AWS/Events", "FailedInvocations", "RuleName=orders")).to.equal(2);
    expect(sum("AWS/Events", "InvocationsSentToDlq", "RuleName=orders")).to.equal(1);
    expect(sum("AWS/Events", "InvocationsFailedToBeSentToDlq", "RuleName=orders")).to.equal(1);
  });

  it("counts a function's errors, the age of its events, and what it could not send to its destination", async () => {
    const arn = await sandbox.deploy("shop", failing);
    await sandbox.call("lambda:PutFunctionEventInvokeConfig", {
      FunctionName: "shop",
      DestinationConfig: { OnFailure: { Destination: inbox } },
    });
    await sandbox.rule({ Arn: arn });

    await put();
    await sandbox.clock.advance(4 * minute);
    await sandbox.idle();

    expect(sum("AWS/Lambda", "Invocations", "FunctionName=shop")).to.equal(3);
    expect(sum("AWS/Lambda", "Errors", "FunctionName=shop")).to.equal(3);
    expect(maximum("AWS/Lambda", "AsyncEventAge", "FunctionName=shop")).to.be.within(3 * minute, 4 * minute);
    // The role's keys are none that the queue's endpoint knows here.
    expect(sum("AWS/Lambda", "DestinationDeliveryFailures", "FunctionName=shop")).to.equal(1);
    expect(sum("AWS/Lambda", "AsyncEventsDropped", "FunctionName=shop")).to.equal(1);
  });

  it("counts invocations that a function without concurrency throttles", async () => {
    const arn = await sandbox.deploy("shop", failing);
    await sandbox.call("lambda:PutFunctionConcurrency", {
      FunctionName: "shop",
      ReservedConcurrentExecutions: 0,
    });
    await sandbox.rule({ Arn: arn });

    await put();
    const error = await failure(sandbox.functions.invoke(arn, "{}"));

    expect(error.code).to.equal("TooManyRequestsException");
    expect(sum("AWS/Lambda", "Throttles", "FunctionName=shop")).to.equal(2);
    expect(sum("AWS/Lambda", "Errors", "FunctionName=shop")).to.equal(undefined);
  });

  it("throttles what is more than a function's concurrency, and tries it again until there is room", async () => {
    await sandbox.stop();
    sandbox = await startEventServices({ concurrency: 5 });
    const arn = await sandbox.deploy(
      "shop",
      "exports.handler = () => new Promise(resolve => setTimeout(resolve, 2500));",
    );
    await sandbox.call("lambda:PutFunctionConcurrency", {
      FunctionName: "shop",
      ReservedConcurrentExecutions: 1,
    });
    for (let count = 0; count < 3; count += 1) sandbox.functions.invokeAsync(arn, "{}");
    await sandbox.clock.advance(minute);
    await sandbox.idle();

    expect(sandbox.of("invocation").map(({ attempt, error }) => [attempt, error])).to.deep.equal(
      Array(3).fill([1, undefined]),
    );
    expect(sum("AWS/Lambda", "Throttles", "FunctionName=shop")).to.be.greaterThan(2);
    expect(sum("AWS/Lambda", "AsyncEventsDropped", "FunctionName=shop")).to.equal(undefined);
    expect(maximum("AWS/Lambda", "AsyncEventAge", "FunctionName=shop")).to.be.greaterThan(2500);
  });

  it("gives up what is throttled for longer than an event may wait", async () => {
    const arn = await sandbox.deploy(
      "shop",
      "exports.handler = () => new Promise(resolve => setTimeout(resolve, 9_000_000));",
    );
    await sandbox.call("lambda:PutFunctionConcurrency", {
      FunctionName: "shop",
      ReservedConcurrentExecutions: 1,
    });
    await sandbox.call("lambda:PutFunctionEventInvokeConfig", {
      FunctionName: "shop",
      MaximumEventAgeInSeconds: 60,
      MaximumRetryAttempts: 0,
    });
    await sandbox.call("lambda:UpdateFunctionConfiguration", { FunctionName: "shop", Timeout: 900 });

    sandbox.functions.invokeAsync(arn, "{}");
    sandbox.functions.invokeAsync(arn, "{}");
    await sandbox.clock.advance(5 * minute);

    expect(sandbox.of("note").map(({ text }) => text)).to.include(
      "Lost: shop gave an event up (EventAgeExceeded) and has no destination for failures",
    );
  });

  it("counts the notifications of a topic that arrive, and those that do not", async () => {
    const subscribe = (Protocol: string, Endpoint: string) =>
      sandbox.call("sns:Subscribe", { TopicArn: alerts, Protocol, Endpoint });
    await subscribe("email", "secops@example.com");
    await subscribe("sqs", arnOf("sqs", "gone"));

    await sandbox.call("sns:Publish", { TopicArn: alerts, Message: "m" });
    await sandbox.idle();

    expect(sum("AWS/SNS", "NumberOfMessagesPublished", "TopicName=alerts")).to.equal(1);
    expect(sum("AWS/SNS", "NumberOfNotificationsDelivered", "TopicName=alerts")).to.equal(1);
    expect(sum("AWS/SNS", "NumberOfNotificationsFailed", "TopicName=alerts")).to.equal(1);
  });
});
