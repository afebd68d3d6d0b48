import type { SecurityGroupRule } from "@aws-sdk/client-ec2";
import type { GuardrailEvent } from "../../runtime/events";
import { awsError } from "./fake-client";
import { fakeTable } from "./fake-table";

/** Service (as in @aws-sdk/client-<service>) → operation → answer. */
export type FakeAccount = Record<
  string,
  Readonly<Record<string, { answer(input: never): unknown }["answer"]>>
>;

/** A small account in which an event of this guardrail finds something to put right, and settings that ask for it. */
interface Stage {
  readonly settings: Record<string, unknown>;
  account(event: GuardrailEvent): FakeAccount;
}

const admins = "sg-0ad314ad314ad314a";
const web = "sg-0aaaaaaaaaaaaaaaa";
const vpc = "vpc-0123456789abcdef0";
const subnet = "subnet-0123456789abcdef0";

type Filters = { Filters?: { Name: string; Values: string[] }[] };
const filtered = ({ Filters = [] }: Filters, name: string): string[] =>
  Filters.find(filter => filter.Name === name)?.Values ?? [];
const tagsOf = (tags: Record<string, string>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
/** What every guardrail asks besides: a topic that takes all notices, and an empty ledger. */
const shared = (): FakeAccount => ({
  sns: { Publish: () => ({ MessageId: "1" }) },
  dynamodb: fakeTable().answers,
});

/** Buckets with the encryption that S3 gives by itself, and one tag. */
function buckets(): FakeAccount {
  const rules: Record<string, object[]> = {};
  const amazon = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" }, BucketKeyEnabled: false };
  return {
    s3: {
      GetBucketEncryption: ({ Bucket }: { Bucket: string }) => ({
        ServerSideEncryptionConfiguration: { Rules: rules[Bucket] ?? [amazon] },
      }),
      GetBucketPolicy: () => {
        throw awsError("NoSuchBucketPolicy");
      },
      GetBucketTagging: () => ({ TagSet: tagsOf({ Owner: "team-shop" }) }),
      PutBucketEncryption: (input: {
        Bucket: string;
        ServerSideEncryptionConfiguration: { Rules: object[] };
      }) => {
        rules[input.Bucket] = input.ServerSideEncryptionConfiguration.Rules;
      },
    },
    ...shared(),
  };
}

/** Every instance that is asked for, each with one volume and one interface, without tags and in one group. */
function instances(): FakeAccount {
  const tags: Record<string, Record<string, string>> = {};
  const groups: Record<string, string[]> = {};
  const part = (kind: string, id: string) => id.replace(/^[a-z]+-/, `${kind}-`);
  const groupsOf = (eni: string) => (groups[eni] ?? [web]).map(GroupId => ({ GroupId }));
  const instance = (id: string, ClientToken?: string) => ({
    InstanceId: id,
    ClientToken,
    VpcId: vpc,
    SubnetId: subnet,
    State: { Name: "running" },
    RootDeviceType: "ebs",
    BlockDeviceMappings: [{ Ebs: { VolumeId: part("vol", id) } }],
    NetworkInterfaces: [
      { NetworkInterfaceId: part("eni", id), Groups: groupsOf(part("eni", id)), Attachment: {} },
    ],
    Tags: tagsOf(tags[id] ?? {}),
  });
  return {
    ec2: {
      DescribeInstances: (input: Filters) => ({
        Reservations: [
          {
            Instances: [
              ...filtered(input, "instance-id").map(id => instance(id)),
              ...filtered(input, "client-token").map(token => instance("i-0123456789abcdef0", token)),
            ],
          },
        ],
      }),
      DescribeVolumes: (input: Filters) => ({
        Volumes: filtered(input, "volume-id").map(VolumeId => ({
          VolumeId,
          Tags: tagsOf(tags[VolumeId] ?? {}),
          Attachments: [{ InstanceId: part("i", VolumeId) }],
        })),
      }),
      DescribeNetworkInterfaces: (input: Filters) => ({
        NetworkInterfaces: filtered(input, "network-interface-id").map(id => ({
          NetworkInterfaceId: id,
          VpcId: vpc,
          TagSet: tagsOf(tags[id] ?? {}),
          Groups: groupsOf(id),
          Attachment: { InstanceId: part("i", id) },
        })),
      }),
      DescribeSecurityGroups: (input: Filters) => ({
        SecurityGroups: filtered(input, "group-id").map(GroupId => ({ GroupId, VpcId: vpc })),
      }),
      DescribeSubnets: () => ({ Subnets: [{ SubnetId: subnet, Tags: tagsOf({ Owner: "team-net" }) }] }),
      DescribeVpcs: () => ({ Vpcs: [{ VpcId: vpc, Tags: [] }] }),
      CreateTags: (input: { Resources: string[]; Tags: { Key: string; Value: string }[] }) => {
        for (const id of input.Resources)
          for (const { Key, Value } of input.Tags) tags[id] = { ...tags[id], [Key]: Value };
      },
      ModifyNetworkInterfaceAttribute: (input: { NetworkInterfaceId: string; Groups: string[] }) => {
        groups[input.NetworkInterfaceId] = input.Groups;
      },
    },
    ...shared(),
  };
}

/** Every security group that is asked for; the first has the event's rules, each SSH from everywhere. */
function groups(event: GuardrailEvent): FakeAccount {
  const record = JSON.stringify(event.detail);
  const named = [...new Set(record.match(/sgr-[0-9a-f]{17}/g) ?? ["sgr-0ffffffffffffffff"])];
  const [list] = record.match(/pl-[0-9a-f]{17}/) ?? [];
  const rules: Record<string, SecurityGroupRule[]> = {};
  const ssh = { IsEgress: false, IpProtocol: "tcp", FromPort: 22, ToPort: 22 };
  const rulesOf = (GroupId: string): SecurityGroupRule[] => {
    const ids = Object.keys(rules).length > 0 ? [GroupId.replace("sg-", "sgr-")] : named;
    return (rules[GroupId] ??= [
      ...ids.map((SecurityGroupRuleId, at) => ({
        ...ssh,
        SecurityGroupRuleId,
        GroupId,
        ...(list !== undefined && at === 0 ? { PrefixListId: list } : { CidrIpv4: "0.0.0.0/0" }),
      })),
      { ...ssh, SecurityGroupRuleId: "sgr-0eeeeeeeeeeeeeeee", GroupId, CidrIpv4: "198.51.100.0/24" },
    ]);
  };
  const group = (GroupId: string) => ({ GroupId, VpcId: vpc, Tags: tagsOf({ Owner: "team-net" }) });
  return {
    ec2: {
      DescribeSecurityGroupRules: (input: Filters) => ({
        SecurityGroupRules: filtered(input, "group-id").flatMap(rulesOf),
      }),
      DescribeSecurityGroups: (input: Filters & { GroupNames?: string[] }) => ({
        SecurityGroups: (input.GroupNames !== undefined ||
        filtered(input, "ip-permission.prefix-list-id").length > 0
          ? [web]
          : filtered(input, "group-id")
        ).map(group),
      }),
      GetManagedPrefixListEntries: () => ({ Entries: [{ Cidr: "0.0.0.0/1" }, { Cidr: "128.0.0.0/1" }] }),
      RevokeSecurityGroupIngress: (input: { GroupId: string; SecurityGroupRuleIds: string[] }) => {
        const ids = rulesOf(input.GroupId).map(rule => rule.SecurityGroupRuleId);
        if (!input.SecurityGroupRuleIds.every(id => ids.includes(id)))
          throw awsError("InvalidSecurityGroupRuleId.NotFound");
        rules[input.GroupId] = rulesOf(input.GroupId).filter(
          ({ SecurityGroupRuleId: id = "" }) => !input.SecurityGroupRuleIds.includes(id),
        );
        return { Return: true };
      },
    },
    ...shared(),
  };
}

/** One for each guardrail that has a function. */
export const stages: Readonly<Record<string, Stage | undefined>> = {
  "s3-bucket-encryption": { settings: { algorithm: "aws:kms" }, account: buckets },
  "ec2-launch-baseline": {
    settings: { when: "always", infer: ["launch", "subnet", "vpc"], adminSecurityGroupId: admins },
    account: instances,
  },
  "security-group-open-ingress": { settings: {}, account: groups },
};

/** @throws Error saying what to add for a guardrail that has none. */
export function stageOf(id: string): Stage {
  const stage = stages[id];
  if (stage === undefined)
    throw new Error(
      `There is no account to try ${id} in: add one with something to put right to stages in tests/support/fake-accounts.ts`,
    );
  return stage;
}
