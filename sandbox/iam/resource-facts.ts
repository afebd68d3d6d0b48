import {
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import { LambdaClient, ListTagsCommand } from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import type { Account } from "../state/account";
import { absent, tagsOf, type Arn, type Tags } from "../state/stored";

/** A resource's tags, and the VPC of what lies in one. */
export async function readFacts(
  account: Account,
  arn: Arn,
): Promise<{ tags: Tags; vpcId?: string } | undefined> {
  const full = `arn:aws:${arn.service}:${arn.region}:${arn.account}:${arn.resource}`;
  const name = arn.resource.split(/[/:]/).pop() ?? "";
  switch (arn.service) {
    case "ec2":
      return readEc2Facts(account.client(EC2Client, arn), arn.resource.split("/")[0] ?? "", name);
    case "s3": {
      if (arn.resource.includes("/")) return { tags: {} };
      const client = account.client(s3.S3Client, arn);
      const found = await absent(client.send(new s3.GetBucketTaggingCommand({ Bucket: arn.resource })));
      return { tags: tagsOf(found?.TagSet) };
    }
    case "iam": {
      const client = account.client(iam.IAMClient, arn);
      const role = arn.resource.startsWith("role/");
      const tags = role
        ? (await absent(client.send(new iam.ListRoleTagsCommand({ RoleName: name }))))?.Tags
        : arn.resource.startsWith("user/")
          ? (await absent(client.send(new iam.ListUserTagsCommand({ UserName: name }))))?.Tags
          : [];
      return { tags: tagsOf(tags) };
    }
    case "sns": {
      const command = new sns.ListTagsForResourceCommand({ ResourceArn: full });
      return { tags: tagsOf((await absent(account.client(sns.SNSClient, arn).send(command)))?.Tags) };
    }
    case "sqs": {
      const client = account.client(sqs.SQSClient, arn);
      const queue = await absent(client.send(new sqs.GetQueueUrlCommand({ QueueName: arn.resource })));
      if (!queue) return undefined;
      return {
        tags: (await client.send(new sqs.ListQueueTagsCommand({ QueueUrl: queue.QueueUrl }))).Tags ?? {},
      };
    }
    case "lambda": {
      const found = await absent(
        account.client(LambdaClient, arn).send(new ListTagsCommand({ Resource: full })),
      );
      return { tags: found?.Tags ?? {} };
    }
    case "kms": {
      const client = account.client(kms.KMSClient, arn);
      const found = await absent(client.send(new kms.ListResourceTagsCommand({ KeyId: name })));
      return { tags: tagsOf(found?.Tags) };
    }
    case "dynamodb": {
      const table = full.split("/").slice(0, 2).join("/");
      const client = account.client(dynamodb.DynamoDBClient, arn);
      const found = await absent(client.send(new dynamodb.ListTagsOfResourceCommand({ ResourceArn: table })));
      return { tags: tagsOf(found?.Tags) };
    }
    default:
      return undefined;
  }
}

async function readEc2Facts(client: EC2Client, kind: string, id: string) {
  const filter = { Filters: [{ Name: "resource-id", Values: [id] }] };
  const tags = tagsOf((await client.send(new DescribeTagsCommand(filter))).Tags);
  const vpcId = await vpcOf(client, kind, id);
  return vpcId === undefined ? { tags } : { tags, vpcId };
}

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
