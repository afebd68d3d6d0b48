import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import { GetPolicyCommand, LambdaClient } from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import type { Account } from "../state/account";
import { parsePolicy, type PolicyDocument } from "./policies";
import { absent, type Arn } from "../state/stored";

const policyOf = (text: string | undefined): PolicyDocument | undefined =>
  text === undefined || text === "" ? undefined : parsePolicy(text);

/** The policy on a resource of the account, a role's trust policy included. */
export async function readResourcePolicy(account: Account, arn: Arn): Promise<PolicyDocument | undefined> {
  const name = arn.resource.split(/[/:]/).pop() ?? "";
  switch (arn.service) {
    case "iam": {
      if (!arn.resource.startsWith("role/")) return undefined;
      const client = account.client(iam.IAMClient, arn);
      const found = await absent(client.send(new iam.GetRoleCommand({ RoleName: name })));
      return policyOf(found?.Role?.AssumeRolePolicyDocument);
    }
    case "s3": {
      const Bucket = arn.resource.split("/")[0];
      const found = await absent(
        account.client(s3.S3Client, arn).send(new s3.GetBucketPolicyCommand({ Bucket })),
      );
      return policyOf(found?.Policy);
    }
    case "sns": {
      const TopicArn = `arn:aws:sns:${arn.region}:${arn.account}:${arn.resource}`;
      const client = account.client(sns.SNSClient, arn);
      const found = await absent(client.send(new sns.GetTopicAttributesCommand({ TopicArn })));
      return policyOf(found?.Attributes?.Policy);
    }
    case "sqs": {
      const client = account.client(sqs.SQSClient, arn);
      const queue = await absent(client.send(new sqs.GetQueueUrlCommand({ QueueName: arn.resource })));
      if (!queue?.QueueUrl) return undefined;
      const { QueueUrl } = queue;
      const attributes = new sqs.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["Policy"] });
      return policyOf((await client.send(attributes)).Attributes?.Policy);
    }
    case "lambda": {
      const FunctionName = arn.resource.split(":")[1];
      const client = account.client(LambdaClient, arn);
      const found = await absent(client.send(new GetPolicyCommand({ FunctionName })));
      return policyOf(found?.Policy);
    }
    case "kms": {
      const client = account.client(kms.KMSClient, arn);
      const command = new kms.GetKeyPolicyCommand({ KeyId: name, PolicyName: "default" });
      return policyOf((await absent(client.send(command)))?.Policy);
    }
    case "dynamodb": {
      const client = account.client(dynamodb.DynamoDBClient, arn);
      const ResourceArn = `arn:aws:dynamodb:${arn.region}:${arn.account}:${arn.resource}`;
      const found = await absent(client.send(new dynamodb.GetResourcePolicyCommand({ ResourceArn })));
      return policyOf(found?.Policy);
    }
    default:
      return undefined;
  }
}
