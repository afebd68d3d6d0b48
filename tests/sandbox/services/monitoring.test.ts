import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { failure } from "../support/failure";
import { startServedAccount, type ServedAccount } from "../support/served-account";

const minute = 60_000;

describe("alarms", function () {
  this.timeout(600_000);
  let served: ServedAccount;
  let watch: CloudWatchClient;
  let topicArn: string;
  beforeEach(async () => {
    served = await startServedAccount();
    watch = served.client(CloudWatchClient);
    const sns = served.client(SNSClient);
    const Policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Action: "sns:Publish",
          Resource: "arn:aws:sns:us-east-1:123456789012:alerts",
        },
      ],
    });
    const { TopicArn = "" } = await sns.send(
      new CreateTopicCommand({ Name: "alerts", Attributes: { Policy } }),
    );
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "email", Endpoint: "secops@example.com" }));
    topicArn = TopicArn;
  });
  afterEach(() => served.close());

  const ofQueue = (MetricName: string): Partial<PutMetricAlarmCommandInput> => ({
    Namespace: "AWS/SQS",
    MetricName,
    Dimensions: [{ Name: "QueueName", Value: "failures" }],
    Statistic: "Maximum",
    Period: 60,
  });
  const putAlarm = (change: Partial<PutMetricAlarmCommandInput>) =>
    watch.send(
      new PutMetricAlarmCommand({
        AlarmName: "failures",
        AlarmDescription: "Something is in the queue.",
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
        TreatMissingData: "notBreaching",
        AlarmActions: [topicArn],
        ...change,
      }),
    );
  const state = async () => {
    const { MetricAlarms: [alarm] = [] } = await watch.send(new DescribeAlarmsCommand({}));
    return alarm?.StateValue;
  };
  const after = async (minutes: number) => {
    await served.clock.advance(minutes * minute);
    await served.services.idle();
    return state();
  };
  const subjects = () => served.of("mail").map(({ subject }) => subject);
  const createQueue = async () => {
    const sqs = served.client(SQSClient);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "failures" }));
    return {
      send: () => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "an event" })),
      /** Looks at what is there, and lets others see it again, as an operator does. */
      look: async () => {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
        for (const { ReceiptHandle } of Messages)
          await sqs.send(
            new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
          );
      },
      take: async () => {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
        for (const { ReceiptHandle } of Messages)
          await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      },
    };
  };
  const log = async (...lines: object[]) => {
    const logs = served.client(CloudWatchLogsClient);
    const [logGroupName, logStreamName] = ["/guardrails/dev", "one"];
    await logs.send(new CreateLogGroupCommand({ logGroupName })).catch(() => undefined);
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName })).catch(() => undefined);
    const logEvents = lines.map(line => ({ timestamp: served.clock.now(), message: JSON.stringify(line) }));
    await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
  };
  const gauge = (Open: unknown) => ({
    _aws: {
      Timestamp: served.clock.now(),
      CloudWatchMetrics: [
        { Namespace: "Guardrails", Dimensions: [["stack"]], Metrics: [{ Name: "Open", Unit: "Count" }] },
      ],
    },
    stack: "dev",
    Open,
  });
  const ofGauge: Partial<PutMetricAlarmCommandInput> = {
    Namespace: "Guardrails",
    MetricName: "Open",
    Dimensions: [{ Name: "stack", Value: "dev" }],
    Statistic: "Maximum",
    Period: 300,
  };

  it("are on within a minute of a message in the queue, and off again some minutes after it is gone", async () => {
    const queue = await createQueue();
    await putAlarm(ofQueue("ApproximateNumberOfMessagesVisible"));
    const states = [await state(), await after(1)];

    await queue.send();
    states.push(await after(1));
    await queue.take();
    states.push(await after(4));

    expect(states).to.deep.equal(["INSUFFICIENT_DATA", "OK", "ALARM", "OK"]);
    expect(subjects()).to.deep.equal(['ALARM: "failures" in US East (N. Virginia)']);
  });

  it("mail what CloudWatch mails", async () => {
    const queue = await createQueue();
    await putAlarm(ofQueue("ApproximateNumberOfMessagesVisible"));
    await queue.send();
    await after(1);

    const { body = "" } = served.of("mail")[0] ?? {};
    expect(body).to.match(
      /^You are receiving this email because your Amazon CloudWatch Alarm "failures" in the US East \(N\. Virginia\) region has entered the ALARM state, because "Threshold Crossed: 1 out of the last 1 datapoints \[1\.0\] was greater than or equal to the threshold \(1\.0\)\." at "\w+day \d\d \w+, 20\d\d \d\d:\d\d:\d\d UTC"\./,
    );
    for (const [label, value, width] of [
      ["Name", "failures", 28],
      ["Description", "Something is in the queue.", 28],
      ["State Change", "INSUFFICIENT_DATA -> ALARM", 28],
      ["AWS Account", "123456789012", 28],
      ["MetricNamespace", "AWS/SQS", 37],
      ["Dimensions", "[QueueName = failures]", 37],
      ["ALARM", `[${topicArn}]`, 7],
    ] as const)
      expect(body.split("\n")).to.include(`- ${`${label}:`.padEnd(width)}${value}`);
  });

  it("on the age of the oldest message do not see one that was looked at three times", async () => {
    const queue = await createQueue();
    await putAlarm({ ...ofQueue("ApproximateAgeOfOldestMessage"), Threshold: 3600 });
    await queue.send();
    const states = [await after(61)];

    await queue.look();
    await queue.look();
    states.push(await after(4));
    await queue.look();
    states.push(await after(4));

    expect(states).to.deep.equal(["ALARM", "ALARM", "OK"]);
  });

  it("on a gauge in log lines are on as long as it is above, and when nothing sends it", async () => {
    await log(gauge(0));
    await putAlarm({ ...ofGauge, TreatMissingData: "breaching" });
    const states = [await after(1)];

    await log(gauge(2));
    states.push(await after(2));
    await log(gauge(0));
    await after(5);
    await log(gauge(0));
    states.push(await after(1));
    states.push(await after(20));

    expect(states).to.deep.equal(["OK", "ALARM", "OK", "ALARM"]);
  });

  it("count every value of a list, and take none of a line that is wrong", async () => {
    await log(gauge([1, 2, 3]), gauge("many"));
    const StartTime = new Date(served.clock.now() - minute);
    const EndTime = new Date(served.clock.now() + minute);
    const ask = (Namespace: string, MetricName: string, Name: string, Value: string) =>
      watch.send(
        new GetMetricStatisticsCommand({
          ...{ Namespace, MetricName, StartTime, EndTime },
          Dimensions: [{ Name, Value }],
          Period: 180,
          Statistics: ["Sum", "Maximum", "SampleCount"],
        }),
      );

    const { Datapoints } = await ask("Guardrails", "Open", "stack", "dev");
    const { Metrics } = await watch.send(new ListMetricsCommand({ Namespace: "AWS/Logs" }));

    expect(Datapoints?.[0]).to.include({ Sum: 6, Maximum: 3, SampleCount: 3 });
    expect(Metrics?.map(({ MetricName }) => MetricName)).to.deep.equal(["EMFValidationErrors"]);
    expect(served.of("note").map(({ text }) => text)).to.include(
      "CloudWatch takes no metric of a line in /guardrails/dev: Open is neither a number nor a list of 1 to 100",
    );
  });

  it("add up the metrics of an expression, those that somebody puts too", async () => {
    const stat = (Id: string, RuleName: string) => ({
      Id,
      ReturnData: false,
      MetricStat: {
        Metric: {
          Namespace: "Lost",
          MetricName: "Events",
          Dimensions: [{ Name: "RuleName", Value: RuleName }],
        },
        Period: 300,
        Stat: "Sum",
      },
    });
    const Metrics = [
      { Id: "lost", Expression: "SUM(METRICS())", ReturnData: true },
      stat("m0", "a"),
      stat("m1", "b"),
    ];
    await putAlarm({ Metrics, Threshold: 3 });
    const put = (RuleName: string, Value: number) =>
      watch.send(
        new PutMetricDataCommand({
          Namespace: "Lost",
          MetricData: [{ MetricName: "Events", Dimensions: [{ Name: "RuleName", Value: RuleName }], Value }],
        }),
      );

    await put("a", 2);
    const before = await after(1);
    await put("b", 1);

    expect([before, await after(1)]).to.deep.equal(["OK", "ALARM"]);
  });

  for (const [what, change, words] of [
    [
      "an expression that it cannot work out",
      {
        Metrics: [
          { Id: "e", Expression: "RATE(m)" },
          {
            Id: "m",
            ReturnData: false,
            MetricStat: { Metric: { Namespace: "N", MetricName: "M" }, Period: 60, Stat: "Sum" },
          },
        ],
      },
      /"RATE" of the expression RATE\(m\)/,
    ],
    [
      "a percentile",
      { Namespace: "N", MetricName: "M", Period: 60, ExtendedStatistic: "p99" },
      /ExtendedStatistic/,
    ],
    [
      "ten seconds",
      { Namespace: "N", MetricName: "M", Period: 10, Statistic: "Sum" },
      /the period of 10 seconds/,
    ],
  ] as const)
    it(`refuse ${what}, by its name, and are not kept`, async () => {
      const error = await failure(putAlarm(change as unknown as Partial<PutMetricAlarmCommandInput>));

      expect(error.message).to.match(words);
      expect(await state()).to.equal(undefined);
    });

  it("keep what somebody sets until they are evaluated, and run their actions", async () => {
    await putAlarm(ofGauge);
    await watch.send(
      new SetAlarmStateCommand({ AlarmName: "failures", StateValue: "ALARM", StateReason: "a drill" }),
    );
    await served.services.idle();
    const set = (await watch.send(new DescribeAlarmsCommand({}))).MetricAlarms?.[0];

    expect(set).to.include({ StateValue: "ALARM", StateReason: "a drill" });
    expect(subjects()).to.deep.equal(['ALARM: "failures" in US East (N. Virginia)']);
    expect(await after(1)).to.equal("OK");
  });

  it("tell nobody while their actions are off, nor when they are gone", async () => {
    await putAlarm({ ...ofGauge, TreatMissingData: "breaching" });
    await watch.send(new DisableAlarmActionsCommand({ AlarmNames: ["failures"] }));
    const states = [await after(1)];
    await watch.send(new EnableAlarmActionsCommand({ AlarmNames: ["failures"] }));
    await watch.send(new DeleteAlarmsCommand({ AlarmNames: ["failures"] }));
    states.push(await after(10));

    expect(states).to.deep.equal(["ALARM", undefined]);
    expect(subjects()).to.deep.equal([]);
  });
});
