import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { arnOf } from "../../../runtime/aws/partition";
import { type Breach, compare, fresh, says, type Stage } from "../step";

export const breach: Breach = {
  service: "ec2",
  writes: ["RevokeSecurityGroupIngress"],
  play: async stage => {
    const ec2 = stage.client(EC2Client, "ada");
    const { GroupId = "" } = await ec2.send(
      new CreateSecurityGroupCommand({ GroupName: `guardrails-breach-${fresh()}`, Description: "Breach" }),
    );
    await openSsh(stage, GroupId);
    return {
      id: GroupId,
      arn: arnOf("ec2", stage.region, stage.account, `security-group/${GroupId}`),
      isFound: state => says(state, GroupId, '"fromPort":22'),
      remove: () => ec2.send(new DeleteSecurityGroupCommand({ GroupId })),
      differences: async () => {
        const Filters = [{ Name: "group-id", Values: [GroupId] }];
        const { SecurityGroupRules = [] } = await ec2.send(
          new DescribeSecurityGroupRulesCommand({ Filters }),
        );
        const ports = SecurityGroupRules.flatMap(({ IsEgress, FromPort }) => (IsEgress ? [] : [FromPort]));
        return compare("the ports that are open", [443], ports);
      },
    };
  },
};

/** Opens HTTPS, which may stay, and SSH, which may not, to the world. */
async function openSsh(stage: Stage, GroupId: string): Promise<void> {
  const open = (port: number) => ({
    IpProtocol: "tcp",
    FromPort: port,
    ToPort: port,
    IpRanges: [{ CidrIp: "0.0.0.0/0" }],
  });
  await stage
    .client(EC2Client, "ada")
    .send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [open(22), open(443)] }));
}
