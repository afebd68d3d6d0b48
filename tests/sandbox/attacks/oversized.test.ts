import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { DisableRuleCommand, EnableRuleCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { randomUUID } from "node:crypto";
import { type DeployedStack, passInTicks, startStack } from "../support/stack";

const guardrail = "security-group-open-ingress";

describe("whoever makes a call so large that CloudTrail leaves out what it did", function () {
  this.timeout(600_000);
  let stack: DeployedStack;
  let ada: EC2Client;
  before(async () => {
    stack = await startStack({ config: { guardrails: { [guardrail]: "enforce" } } });
    ada = stack.stage.client(EC2Client, "ada");
  });
  after(() => stack?.stop());

  const pass = (minutes: number) => passInTicks(stack, minutes);

  /**
   * Hands the function an event as EventBridge delivers it, with the bodies that CloudTrail left out. The account's own
   * quotas keep a single group from a call that large, and a stack cannot rely on them.
   */
  const deliver = async (eventName: string): Promise<void> => {
    const { account } = stack.stage;
    const time = new Date(stack.sandbox.clock.now()).toISOString().replace(/\.\d+/, "");
    const omitted = (member: string) => ({
      omitted: true,
      originalSize: 204_800,
      reason: `${member} exceed the limit`,
    });
    const event = {
      ...{ version: "0", id: randomUUID(), "detail-type": "AWS API Call via CloudTrail", source: "aws.ec2" },
      ...{ account, time, region: "us-east-1", resources: [] },
      detail: {
        ...{ eventVersion: "1.11", eventID: randomUUID(), eventTime: time, eventName },
        ...{
          eventSource: "ec2.amazonaws.com",
          awsRegion: "us-east-1",
          readOnly: false,
          managementEvent: true,
        },
        ...{ eventType: "AwsApiCall", recipientAccountId: account, eventCategory: "Management" },
        userIdentity: {
          type: "IAMUser",
          arn: `arn:aws:iam::${account}:user/ada`,
          accountId: account,
          userName: "ada",
        },
        requestParameters: omitted("requestParameters"),
        responseElements: omitted("responseElements"),
      },
    };
    const lambda = stack.sandbox.gateway.client(LambdaClient);
    const Payload = Buffer.from(JSON.stringify(event));
    await lambda.send(
      new InvokeCommand({ FunctionName: `guardrails-dev-${guardrail}`, InvocationType: "Event", Payload }),
    );
  };

  it("has the port closed again by the sweep that looks instead, though sweeps only tell", async () => {
    const { GroupId = "" } = await ada.send(
      new CreateSecurityGroupCommand({ GroupName: "oversized", Description: "Of a test" }),
    );
    await pass(15);
    const from = stack.sandbox.journal.happenings.length;
    const open = (FromPort: number, CidrIp: string) => {
      const IpPermissions = [{ IpProtocol: "tcp", FromPort, ToPort: FromPort, IpRanges: [{ CidrIp }] }];
      return ada.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
    };
    const events = stack.sandbox.gateway.client(EventBridgeClient);
    const rule = { Name: `guardrails-dev-${guardrail}` };
    await events.send(new DisableRuleCommand(rule));
    await open(22, "0.0.0.0/0");
    await open(22, "10.0.0.0/8");
    await events.send(new EnableRuleCommand(rule));
    await deliver("AuthorizeSecurityGroupIngress");
    await pass(15);

    const since = stack.sandbox.journal.happenings.slice(from);
    const mails = since.flatMap(one => (one.kind === "mail" ? [`${one.subject}\n${one.body}`] : []));
    const Filters = [{ Name: "group-id", Values: [GroupId] }];
    const { SecurityGroupRules = [] } = await ada.send(
      new DescribeSecurityGroupRulesCommand({ Filters, MaxResults: 1000 }),
    );
    expect(mails.filter(mail => /HELD:[^]*so it cannot be said what was called for/.test(mail))).to.not.be
      .empty;
    expect(mails.filter(mail => /Fixed:[^]*0\.0\.0\.0\/0/.test(mail) && mail.includes(GroupId))).to.not.be
      .empty;
    expect(
      SecurityGroupRules.flatMap(({ CidrIpv4, IsEgress }) => (IsEgress ? [] : [CidrIpv4])),
    ).to.deep.equal(["10.0.0.0/8"]);
  });
});
