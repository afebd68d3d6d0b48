import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { expect } from "chai";
import { startWorld, type World } from "./support/account";

const regions = { dev: "us-east-1", prod: "eu-west-1" } as const;

describe("two stacks of one account under Pulumi's CLI, by the commands of the README", () => {
  let world: World;
  before(async () => {
    world = await startWorld();
    const { pulumi } = world.workspace;
    const enforce = "guardrails.security-group-open-ingress";
    await pulumi("config", "rm", "guardrails");
    await pulumi("config", "set", "--path", enforce, "enforce");
    await pulumi("up", "--yes", "--skip-preview");
    await pulumi("stack", "init", "prod");
    await pulumi("config", "set", "aws:region", regions.prod);
    await pulumi("config", "set", "recipients", "secops@example.com,netops@example.com");
    await pulumi("config", "set", "--path", enforce, "enforce");
    await pulumi("up", "--yes", "--skip-preview");
  });
  after(() => world?.stop());

  for (const [stack, region] of Object.entries(regions))
    it(`are both at work: ${stack} closes a port in ${region}`, async () => {
      const { sandbox, client } = world;
      const ec2 = client(EC2Client, region);
      const since = sandbox.journal.happenings.length;
      const { GroupId } = await ec2.send(
        new CreateSecurityGroupCommand({ GroupName: "shop", Description: "shop" }),
      );
      await ec2.send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId,
          IpPermissions: [
            { IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: "0.0.0.0/0" }] },
          ],
        }),
      );
      await sandbox.idle();

      const { SecurityGroupRules = [] } = await ec2.send(
        new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: "group-id", Values: [GroupId ?? ""] }] }),
      );
      expect(SecurityGroupRules.filter(({ IsEgress }) => IsEgress !== true)).to.deep.equal([]);
      const rules = sandbox.journal.happenings
        .slice(since)
        .flatMap(one => (one.kind === "event" ? one.rules : []))
        .map(rule => rule.split("/").pop());
      expect(rules).to.include(`guardrails-${stack}-security-group-open-ingress`);
      expect(rules.filter(rule => !rule?.startsWith(`guardrails-${stack}-`))).to.deep.equal([]);
    });
});
