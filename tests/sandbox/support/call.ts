import type { Find } from "../../../sandbox/iam/judged";
import type { Call } from "../../../sandbox/ground/call";

/** An account that knows one role with a path, one key alias, one security group, one instance profile and tables. */
export const find: Find = async (kind, name) => {
  if (kind === "dynamodb:partition-key") return "pk";
  if (kind === "iam:role-of-profile") return "arn:aws:iam::123456789012:role/app";
  if (kind.startsWith("iam:") && name === "pathed")
    return `arn:aws:iam::123456789012:${kind.slice("iam:".length)}/team/${name}`;
  if (kind === "kms:key" && name === "alias/data") return "arn:aws:kms:eu-west-1:123456789012:key/k-1";
  return kind === "ec2:security-group" && name === "web" ? "sg-web" : undefined;
};

/** A call of the IAM user ann, decoded. */
export const call = (service: string, operation: string, input: object = {}): Call => ({
  id: "r-1",
  service,
  operation,
  input: input as Call["input"],
  region: "eu-west-1",
  account: "123456789012",
  identity: {
    kind: "user",
    account: "123456789012",
    arn: "arn:aws:iam::123456789012:user/ann",
    principalId: "AIDA",
    accessKeyId: "AKIA",
    userName: "ann",
    issuedAt: 0,
  },
  userAgent: "test",
  sourceIp: "203.0.113.1",
  time: 0,
});
