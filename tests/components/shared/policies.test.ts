import { expect } from "chai";
import * as pulumi from "@pulumi/pulumi";
import type { Parts } from "../../../components/parts";
import { covering } from "../../../components/regions";
import { Failures } from "../../../components/shared/failures";
import { Ledger } from "../../../components/shared/ledger";
import { Notifications } from "../../../components/shared/notifications";
import { ruleArn } from "../../../runtime/names";
import { serviceMay } from "../../../sandbox/iam/decide";
import { parsePolicy } from "../../../sandbox/iam/policies";
import { place as at } from "../../support/fakes/container";
import { deploy, type Deployed } from "../../support/program";

const where = covering(at);

/** The shared parts of a stack with so many guardrails, each with two rules and the longest id that there is. */
const withGuardrails = (count: number): Promise<Deployed> =>
  deploy({}, () => {
    const place = pulumi.output(where);
    const parts = Array.from({ length: count }, (_, at): Parts => {
      const id = `guardrail-of-a-long-name-${String(at).padStart(2, "0")}`;
      const rules = [id, `${id}-2`].map(name => ({
        name: `guardrails-dev-${name}`,
        trigger: undefined as never,
      }));
      return { id, rules, publishes: false, functionName: `guardrails-dev-${id}`, usesLedger: true };
    });
    const { topicArn } = new Notifications("notifications", { recipients: [], publishing: [], place });
    new Failures("failures", { watched: { functions: count, ticksAnHour: 4 * count }, topicArn, place });
    new Ledger("ledger", { parts, operators: [], adopt: false, place });
  });

const policyIn = (stack: Deployed, type: string): string =>
  stack.all(type).map(({ inputs }) => String(inputs.policy))[0];
const [queue, topic, table] = [
  "aws:sqs/queuePolicy:QueuePolicy",
  "aws:sns/topicPolicy:TopicPolicy",
  "aws:dynamodb/resourcePolicy:ResourcePolicy",
];

describe("the policies of what guardrails share", () => {
  it("of queue and topic have the same size with eighty guardrails as with two", async () => {
    const [few, many] = [await withGuardrails(2), await withGuardrails(80)];

    for (const type of [queue, topic]) expect(policyIn(many, type)).to.equal(policyIn(few, type));
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
    expect(policyIn(many, queue).length).to.be.below(8192);
    expect(policyIn(many, queue).match(/"Condition"/g)).to.have.length(2);
  });

  it("of the ledger's table has room for eighty guardrails", async () => {
    // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html
    expect(policyIn(await withGuardrails(80), table).length).to.be.within(5_000, 20 * 1024);
  });
});

describe("the topic's policy", () => {
  const publishing = "guardrails-dev-vpc-created";
  let may: (rule: string | undefined) => boolean;
  before(async () => {
    const stack = await deploy({}, () => {
      const rules = [{ name: publishing, trigger: undefined as never }];
      const parts = { id: "vpc-created", rules, publishes: true, usesLedger: false };
      const place = pulumi.output(where);
      new Notifications("notifications", { recipients: [], publishing: [parts], place });
    });
    const policy = parsePolicy(policyIn(stack, topic), "resource");
    const { Resource } = JSON.parse(policyIn(stack, topic)).Statement[1] as { Resource: string };
    may = rule =>
      serviceMay({
        service: "events.amazonaws.com",
        action: "sns:Publish",
        resource: Resource,
        policy,
        ...(rule !== undefined && { sourceArn: ruleArn(where, where.home, rule) }),
      }).allowed;
  });

  it("admits the rule that publishes, whether or not EventBridge tells SNS which one it is", () => {
    expect(may(publishing)).to.equal(true);
    expect(may(undefined)).to.equal(true);
  });

  it("admits no other rule, where EventBridge tells which one it is", () => {
    expect(may("somebody-elses")).to.equal(false);
    expect(may(`${publishing}-2`)).to.equal(false);
  });
});
