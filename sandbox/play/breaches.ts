import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { CreateBucketCommand, GetBucketEncryptionCommand, S3Client } from "@aws-sdk/client-s3";
import { randomBytes } from "node:crypto";
import { compare, type Difference, type Stage } from "./scenario/step";

/** A resource that somebody has just broken. */
export interface Broken {
  readonly id: string;
  readonly arn: string;
  /** How the account differs from what it must be once the guardrail is done; [] when it is. */
  differences(): Promise<Difference[]>;
  /** Whether a recorded state is the one that the guardrail found. */
  isFound(state: unknown): boolean;
}

/** The plainest thing that one guardrail puts right, done to a new resource each time. */
export interface Breach {
  readonly guardrail: string;
  /** The guarded service. */
  readonly service: string;
  /** The operations that put it right, each once. */
  readonly writes: readonly string[];
  play(stage: Stage): Promise<Broken>;
}

const fresh = (): string => randomBytes(5).toString("hex");
const says = (state: unknown, ...words: string[]): boolean =>
  words.every(word => JSON.stringify(state).includes(word));

const bucket: Breach = {
  guardrail: "s3-bucket-encryption",
  service: "s3",
  writes: ["PutBucketEncryption"],
  play: async stage => {
    const s3 = stage.client(S3Client, "ada");
    const Bucket = `guardrails-breach-${fresh()}`;
    await s3.send(new CreateBucketCommand({ Bucket }));
    return {
      id: Bucket,
      arn: `arn:aws:s3:::${Bucket}`,
      isFound: state => says(state, Bucket) && !says(state, "aws:kms"),
      differences: async () => {
        const { ServerSideEncryptionConfiguration } = await s3.send(
          new GetBucketEncryptionCommand({ Bucket }),
        );
        const [rule] = ServerSideEncryptionConfiguration?.Rules ?? [];
        return compare(
          "the bucket's default encryption",
          "aws:kms",
          rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm,
        );
      },
    };
  },
};

type LaunchState = { instances: { parts: { groups: string[] }[] }[] };
const groupsIn = (state: unknown): string[] =>
  (state as LaunchState).instances.flatMap(({ parts }) => parts.flatMap(({ groups }) => groups));

const launch: Breach = {
  guardrail: "ec2-launch-baseline",
  service: "ec2",
  writes: ["CreateTags", "ModifyNetworkInterfaceAttribute"],
  play: async stage => {
    const ec2 = stage.client(EC2Client, "ada");
    const launched = await ec2.send(
      new RunInstancesCommand({
        ImageId: stage.imageId,
        InstanceType: "t3.micro",
        MinCount: 1,
        MaxCount: 1,
        TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "Project", Value: "breach" }] }],
      }),
    );
    const id = launched.Instances?.[0]?.InstanceId ?? "";
    return {
      id,
      arn: `arn:aws:ec2:${stage.region}:${stage.account}:instance/${id}`,
      isFound: state =>
        says(state, id, "Project") && !says(state, "Owner") && !says(groupsIn(state), stage.adminGroupId),
      differences: async () => {
        const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
        const instance = Reservations[0]?.Instances?.[0];
        const groups = (instance?.NetworkInterfaces ?? []).map(({ Groups = [] }) =>
          Groups.map(({ GroupId }) => (GroupId === stage.adminGroupId ? "administrators" : "own")).sort(),
        );
        return [
          ...compare("its tags", ["Owner", "Project"], instance?.Tags?.map(({ Key }) => Key).sort()),
          ...compare("the groups of its interfaces", [["administrators", "own"]], groups),
        ];
      },
    };
  },
};

const ingress: Breach = {
  guardrail: "security-group-open-ingress",
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
      arn: `arn:aws:ec2:${stage.region}:${stage.account}:security-group/${GroupId}`,
      isFound: state => says(state, GroupId, '"fromPort":22', '"fromPort":443'),
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

/** One for each guardrail that writes. */
export const breaches: readonly Breach[] = [bucket, launch, ingress];
