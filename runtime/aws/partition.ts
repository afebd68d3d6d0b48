/**
 * What differs between AWS's partitions: the one table behind every ARN, service principal and host name.
 * https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
 */
interface Partition {
  readonly id: string;
  readonly regions: RegExp;
  readonly dnsSuffix: string;
  /** Where IAM, Organizations and console sign-in deliver their events. */
  readonly home: string;
}

const partitions: readonly Partition[] = [
  { id: "aws-cn", regions: /^cn-/, dnsSuffix: "amazonaws.com.cn", home: "cn-north-1" },
  { id: "aws-us-gov", regions: /^us-gov-/, dnsSuffix: "amazonaws.com", home: "us-gov-west-1" },
  { id: "aws-eusc", regions: /^eusc-/, dnsSuffix: "amazonaws.eu", home: "eusc-de-east-1" },
  { id: "aws", regions: /^[a-z]{2}-[a-z]+-\d+$/, dnsSuffix: "amazonaws.com", home: "us-east-1" },
];

/** @throws Error for a name that is no region of a known partition. */
export function partitionOf(region: string): Partition {
  const found = partitions.find(partition => partition.regions.test(region));
  if (found === undefined) throw new Error(`"${region}" is no region of a known AWS partition`);
  return found;
}

/** `arn:<partition>:<service>:<region>:<account>:<resource>`, the partition being that of `region`. */
export const arnOf = (service: string, region: string, account: string, resource: string): string =>
  `arn:${partitionOf(region).id}:${service}:${region}:${account}:${resource}`;
