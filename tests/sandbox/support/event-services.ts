import { createHash } from "node:crypto";
import { NotFoundException, SNSClient } from "@aws-sdk/client-sns";
import { QueueDoesNotExist, SQSClient } from "@aws-sdk/client-sqs";
import type { Account } from "../../../sandbox/state/account";
import type { Answer, Call, Identity } from "../../../sandbox/ground/call";
import { createClock } from "../../../sandbox/ground/clock";
import { createEventServices, type EventServicesOptions } from "../../../sandbox/services/event-services";
import { createJournal, type Happening } from "../../../sandbox/ground/journal";
import { parsePolicy } from "../../../sandbox/iam/policies";
import { fakeClient } from "../../support/fakes/client";
import { place, zip } from "./functions";

export const arnOf = (service: string, name: string) => `arn:aws:${service}:us-east-1:123456789012:${name}`;

export interface SentMessage {
  readonly queue: string;
  readonly body: string;
  readonly attributes: Record<string, string>;
}

const caller: Identity = {
  kind: "root",
  account: place.account,
  arn: "arn:aws:iam::123456789012:root",
  principalId: "123456789012",
  accessKeyId: "AKIASANDBOXROOT",
  issuedAt: 0,
};

/**
 * The event services over an account that has the topic `alerts` and the queues `failures` and `inbox` (more with
 * `queues`), whose policies admit every service unless told otherwise. A fault makes a queue fail.
 */
export async function startEventServices(options: Partial<EventServicesOptions> = {}) {
  const clock = createClock();
  const journal = createJournal();
  const sent: SentMessage[] = [];
  const policies = new Map<string, object | undefined>();
  const faults = new Map<string, Error>();
  const admitAll = (service: string) => ({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: ["events", "sns", "cloudwatch"].map(name => `${name}.amazonaws.com`) },
        Action: `${service}:*`,
        Resource: "*",
      },
    ],
  });
  for (const name of ["failures", "inbox"]) policies.set(arnOf("sqs", name), admitAll("sqs"));
  policies.set(arnOf("sns", "alerts"), admitAll("sns"));

  const queues = fakeClient<SQSClient>({
    GetQueueUrl: ({ QueueName }) => {
      if (policies.has(arnOf("sqs", String(QueueName)))) return { QueueUrl: `http://state/${QueueName}` };
      throw new QueueDoesNotExist({ message: "no such queue", $metadata: {} });
    },
    SendMessage: ({ QueueUrl, MessageBody, MessageAttributes }) => {
      const queue = String(QueueUrl).split("/").pop() ?? "";
      const fault = faults.get(queue);
      if (fault) throw fault;
      const attributes = Object.entries((MessageAttributes ?? {}) as Record<string, { StringValue: string }>);
      sent.push({
        queue,
        body: String(MessageBody),
        attributes: Object.fromEntries(attributes.map(([name, { StringValue }]) => [name, StringValue])),
      });
      const MD5OfMessageBody = createHash("md5").update(String(MessageBody)).digest("hex");
      return { MessageId: "m", MD5OfMessageBody };
    },
  });
  const topics = fakeClient<SNSClient>({
    GetTopicAttributes: ({ TopicArn }) => {
      if (policies.has(String(TopicArn))) return { Attributes: {} };
      throw new NotFoundException({ message: "no such topic", $metadata: {} });
    },
  });
  const account = {
    client: (make: unknown) => {
      if (make === SQSClient) return queues;
      if (make === SNSClient) return topics;
      throw new Error("the test's account has queues and topics only");
    },
  } as unknown as Account;

  const services = await createEventServices({
    clock,
    journal,
    account,
    endpoint: () => "http://127.0.0.1:9",
    credentialsFor: async () => ({ accessKeyId: "ASIA", secretAccessKey: "secret", sessionToken: "token" }),
    resourcePolicy: async arn => {
      const policy = policies.get(arn);
      return policy === undefined ? services.policyOf(arn) : parsePolicy(policy);
    },
    ...options,
  });

  /** One call that the gateway would hand to these services. */
  const call = async (action: string, input: object = {}): Promise<Answer["output"]> => {
    const [service = "", operation = ""] = action.split(":");
    const handler = services.handlers[action];
    if (handler === undefined) throw new Error(`no handler for ${action}`);
    const made: Call = {
      ...place,
      service,
      operation,
      input: input as Record<string, unknown>,
      id: "request-1",
      identity: caller,
      userAgent: "test",
      sourceIp: "192.0.2.1",
      time: clock.now(),
    };
    const forward = async () => ({ output: {} });
    return (await handler({ call: made, forward })).output;
  };
  const of = <K extends Happening["kind"]>(kind: K) =>
    journal.happenings.filter(
      (happening): happening is Extract<Happening, { kind: K }> => happening.kind === kind,
    );
  /** Deploys a function whose index.js is the text, and lets every rule invoke it. */
  const deploy = async (name: string, source: string, admits = true) => {
    await call("lambda:CreateFunction", {
      FunctionName: name,
      Code: { ZipFile: zip({ "index.js": source }) },
      Handler: "index.handler",
      Runtime: "nodejs22.x",
      Role: "arn:aws:iam::123456789012:role/guardrails/watcher",
    });
    const Principal = "events.amazonaws.com";
    if (admits)
      await call("lambda:AddPermission", {
        FunctionName: name,
        StatementId: "rules",
        Action: "lambda:InvokeFunction",
        Principal,
      });
    return arnOf("lambda", `function:${name}`);
  };
  /** A rule on events of the source `shop`, with one target. */
  const rule = async (target: object, change: object = {}) => {
    await call("events:PutRule", { Name: "orders", EventPattern: '{"source":["shop"]}', ...change });
    await call("events:PutTargets", { Rule: "orders", Targets: [{ Id: "one", ...target }] });
  };
  return { ...services, services, clock, journal, sent, policies, faults, call, of, deploy, rule, admitAll };
}

export const event = (change: Record<string, never> | object = {}) => ({
  version: "0",
  id: "e-1",
  "detail-type": "Order",
  source: "shop",
  account: place.account,
  time: "2026-01-02T03:04:05Z",
  region: place.region,
  resources: [],
  detail: { id: 7, name: "vase", items: [{ sku: "a" }, { sku: "b" }] },
  ...change,
});
