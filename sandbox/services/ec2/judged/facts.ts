import {
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { partitionOf } from "../../../../runtime/aws/partition";
import type { FactsReader, Finder } from "../../../iam/judged";
import { absent, tagsOf, type Arn } from "../../../state/stored";
import { madeElsewhere } from "../made-elsewhere";

/** What EC2's resources answer besides their tags. */
export const ec2FactKeys = ["ec2:Vpc", "ec2:ManagedResourceOperator"];

export const ec2Facts: FactsReader = async (account, arn) => {
  const client = account.client(EC2Client, arn);
  const [kind = "", id = ""] = arn.resource.split("/");
  const filter = { Filters: [{ Name: "resource-id", Values: [id] }] };
  const tags = tagsOf((await client.send(new DescribeTagsCommand(filter))).Tags);
  const vpcId = await vpcOf(client, kind, id);
  const operator = madeElsewhere(account).operators().get(id);
  return {
    tags,
    keys: {
      ...(vpcId === undefined ? {} : { "ec2:Vpc": arnOfVpc(arn, vpcId) }),
      ...(operator === undefined ? {} : { "ec2:ManagedResourceOperator": operator }),
    },
  };
};

const arnOfVpc = ({ region, account }: Arn, vpcId: string) =>
  `arn:${partitionOf(region).id}:ec2:${region}:${account}:vpc/${vpcId}`;

/** The id of a group by its name, within a VPC or anywhere. */
export const securityGroup: Finder = async (account, name, place, vpcId) => {
  const Filters = [{ Name: "group-name", Values: [name] }];
  if (vpcId !== undefined) Filters.push({ Name: "vpc-id", Values: [vpcId] });
  const { SecurityGroups = [] } = await account
    .client(EC2Client, place)
    .send(new DescribeSecurityGroupsCommand({ Filters }));
  return SecurityGroups[0]?.GroupId;
};

async function vpcOf(client: EC2Client, kind: string, id: string): Promise<string | undefined> {
  if (kind === "security-group") {
    const found = await absent(client.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] })));
    return found?.SecurityGroups?.[0]?.VpcId;
  }
  if (kind === "subnet") {
    const found = await absent(client.send(new DescribeSubnetsCommand({ SubnetIds: [id] })));
    return found?.Subnets?.[0]?.VpcId;
  }
  if (kind !== "network-interface") return undefined;
  const found = await absent(
    client.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] })),
  );
  return found?.NetworkInterfaces?.[0]?.VpcId;
}
