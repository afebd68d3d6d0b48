import type { Call } from "../../ground/call";
import { objects, text, textsOf, type Lookups } from "./arns";

type Input = Call["input"];

const at = (member: string) => (input: Input) => textsOf(input[member]);

/** Roles that a call hands to a service: "<signing name>:<Operation>" → where the roles' ARNs stand, and the service. */
const passes: Readonly<Record<string, readonly [(input: Input) => string[], string]>> = {
  "lambda:CreateFunction": [at("Role"), "lambda.amazonaws.com"],
  "lambda:UpdateFunctionConfiguration": [at("Role"), "lambda.amazonaws.com"],
  "events:PutRule": [at("RoleArn"), "events.amazonaws.com"],
  "events:PutTargets": [
    input => objects(input.Targets).flatMap(target => textsOf(target.RoleArn)),
    "events.amazonaws.com",
  ],
  "logs:PutDestination": [at("roleArn"), "logs.amazonaws.com"],
  "logs:PutSubscriptionFilter": [at("roleArn"), "logs.amazonaws.com"],
  "s3:PutBucketReplication": [
    input => textsOf((input.ReplicationConfiguration as Input | undefined)?.Role),
    "s3.amazonaws.com",
  ],
  "ec2:CreateFlowLogs": [at("DeliverLogsPermissionArn"), "vpc-flow-logs.amazonaws.com"],
  "monitoring:PutMetricStream": [at("RoleArn"), "streams.metrics.cloudwatch.amazonaws.com"],
};

/** Calls that hand the role of an instance profile to EC2. */
const profiles = /^(RunInstances|AssociateIamInstanceProfile|ReplaceIamInstanceProfileAssociation)$/;

/** The roles that the call passes on, each with the service that gets it: iam:PassRole is needed for each. */
export async function passedRoles(call: Call, lookups: Lookups): Promise<{ role: string; to: string }[]> {
  const { service, operation, input } = call;
  const row = `${service}:${operation}`;
  const [read, to] = Object.hasOwn(passes, row) ? passes[row] : [() => [], ""];
  const roles = read(input).map(role => ({ role, to }));
  if (row === "iam:AddRoleToInstanceProfile") {
    const role = await lookups.iamArn("role", String(input.RoleName), call);
    return role ? [{ role, to: "ec2.amazonaws.com" }] : [];
  }
  const profile = input.IamInstanceProfile as Input | undefined;
  const name = text(profile?.Arn) ?? text(profile?.Name);
  if (service !== "ec2" || !profiles.test(operation) || name === undefined) return roles;
  const role = await lookups.instanceProfileRole(name, call);
  return role ? [{ role, to: "ec2.amazonaws.com" }] : [];
}

/** "<signing name>:<Operation>" → the action that tags given at creation need as well, on the same resources. */
export const taggingActions: Readonly<Record<string, string>> = {
  "dynamodb:CreateTable": "dynamodb:TagResource",
  "events:CreateEventBus": "events:TagResource",
  "events:PutRule": "events:TagResource",
  "iam:CreateInstanceProfile": "iam:TagInstanceProfile",
  "iam:CreatePolicy": "iam:TagPolicy",
  "iam:CreateRole": "iam:TagRole",
  "iam:CreateUser": "iam:TagUser",
  "kms:CreateKey": "kms:TagResource",
  "lambda:CreateEventSourceMapping": "lambda:TagResource",
  "lambda:CreateFunction": "lambda:TagResource",
  "logs:CreateLogGroup": "logs:TagResource",
  "monitoring:PutMetricAlarm": "cloudwatch:TagResource",
  "s3:CreateBucket": "s3:TagResource",
  "s3:PutObject": "s3:PutObjectTagging",
  "sns:CreateTopic": "sns:TagResource",
  "sqs:CreateQueue": "sqs:TagQueue",
  "sts:AssumeRole": "sts:TagSession",
};

/** Members of a call that need an action of their own on the same resources. */
export const extraActions = ({ service, operation, input }: Call): string[] => {
  const row = `${service}:${operation}`;
  const needs = (member: string, ...actions: string[]) => (input[member] ? actions : []);
  if (row === "s3:CreateBucket")
    return [
      ...needs("ACL", "s3:PutBucketAcl"),
      ...needs("ObjectOwnership", "s3:PutBucketOwnershipControls"),
      ...needs("ObjectLockEnabledForBucket", "s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning"),
    ];
  if (row === "s3:PutObject")
    return [
      ...needs("ACL", "s3:PutObjectAcl"),
      ...needs("ObjectLockMode", "s3:PutObjectRetention"),
      ...needs("ObjectLockLegalHoldStatus", "s3:PutObjectLegalHold"),
    ];
  if (row === "s3:CopyObject") return ["s3:GetObject", ...needs("ACL", "s3:PutObjectAcl")];
  if (row === "s3:UploadPartCopy") return ["s3:GetObject"];
  return [];
};
