import type { SecurityGroupRule } from "@aws-sdk/client-ec2";
import type { GuardrailEvent } from "../../runtime/events";
import { type FakeAccount, stageOf } from "../support/fake-accounts";
import { awsError } from "../support/fake-client";

type Ask = (input: never) => unknown;
type Tags = { Key?: string }[];
const ids = /\b(?:i|sg|sgr|eni|vol|pl|subnet|vpc)-[0-9a-f]{8,17}\b/g;
/** EC2 takes no rule twice, so that rules which differ by their ids alone differ by their sources here. */
const wide = ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "0.0.0.0/2", "64.0.0.0/2"];
function unlike(answer: unknown): unknown {
  const { SecurityGroupRules: rules } = (answer ?? {}) as { SecurityGroupRules?: SecurityGroupRule[] };
  return rules === undefined
    ? answer
    : {
        SecurityGroupRules: rules.map(rule =>
          open(rule) && rule.CidrIpv4
            ? { ...rule, CidrIpv4: wide[Number(`0x${rule.SecurityGroupRuleId?.slice(-1)}`) % wide.length] }
            : rule,
        ),
      };
}
const open = ({ CidrIpv4, PrefixListId }: SecurityGroupRule): boolean =>
  wide.includes(CidrIpv4 ?? "") || PrefixListId !== undefined;

/** An account that holds what the written event names, and nothing else; `wrongs` says what should not have been asked of it. */
export function strictWorld(guardrail: string, event: GuardrailEvent, wrongs: string[]) {
  const stage = stageOf(guardrail);
  const account: FakeAccount = stage.account(event);
  const text = JSON.stringify(event);
  const parts = (id: string) => ["i", "vol", "eni"].map(kind => id.replace(/^[a-z]+-/, `${kind}-`));
  const held = new Set([...(text.match(ids) ?? []), ...(text.match(ids) ?? []).flatMap(parts)]);
  const holds = (id: string): boolean =>
    held.has(id) || (guardrail === "s3-bucket-encryption" && text.includes(`"${id}"`));
  const raw = (service: string, operation: string) => account[service][operation] as Ask;
  let writes = 0;

  /** Leaves out of an EC2 filter what the account does not hold. */
  const filtered = (input: { Filters?: { Name: string; Values: string[] }[] }) => ({
    ...input,
    Filters: input.Filters?.map(({ Name, Values }) => ({
      Name,
      Values: Name.endsWith("-id") ? Values.filter(holds) : Values,
    })),
  });
  const check = (isRight: unknown, what: string): void => {
    writes++;
    if (!isRight) wrongs.push(what);
  };
  const of = (input: unknown) => input as never;
  const lacks = (id: string, tags: Tags): boolean => {
    const [operation, name, list, field] = id.startsWith("vol-")
      ? ["DescribeVolumes", "volume-id", "Volumes", "Tags"]
      : id.startsWith("eni-")
        ? ["DescribeNetworkInterfaces", "network-interface-id", "NetworkInterfaces", "TagSet"]
        : ["DescribeInstances", "instance-id", "Reservations", "Tags"];
    const answer = raw("ec2", operation)(of({ Filters: [{ Name: name, Values: [id] }] })) as Record<
      string,
      { Instances?: object[] }[]
    >;
    const found = (answer[list][0].Instances?.[0] ?? answer[list][0]) as Record<string, Tags>;
    return tags.some(({ Key }) => !found[field].some(tag => tag.Key === Key));
  };

  const guarded: Record<string, Ask> = {
    PutBucketEncryption: (input: { Bucket: string }) => {
      const now = raw("s3", "GetBucketEncryption")(of(input));
      check(
        holds(input.Bucket) && !JSON.stringify(now).includes("aws:kms"),
        `PutBucketEncryption ${input.Bucket}`,
      );
    },
    CreateTags: (input: { Resources: string[]; Tags: Tags }) =>
      input.Resources.forEach(id => check(holds(id) && lacks(id, input.Tags), `CreateTags ${id}`)),
    ModifyNetworkInterfaceAttribute: ({
      NetworkInterfaceId: id,
      Groups,
    }: {
      NetworkInterfaceId: string;
      Groups: string[];
    }) => {
      const [found] = (
        raw(
          "ec2",
          "DescribeNetworkInterfaces",
        )(of({ Filters: [{ Name: "network-interface-id", Values: [id] }] })) as {
          NetworkInterfaces: { Groups: { GroupId: string }[] }[];
        }
      ).NetworkInterfaces;
      const isKept = found.Groups.every(({ GroupId }) => Groups.includes(GroupId));
      check(
        holds(id) && isKept && Groups.length === found.Groups.length + 1,
        `ModifyNetworkInterfaceAttribute ${id}`,
      );
    },
    RevokeSecurityGroupIngress: (input: { GroupId: string; SecurityGroupRuleIds: string[] }) => {
      const { SecurityGroupRules: rules } = raw(
        "ec2",
        "DescribeSecurityGroupRules",
      )(of({ Filters: [{ Name: "group-id", Values: [input.GroupId] }] })) as {
        SecurityGroupRules: SecurityGroupRule[];
      };
      const isOpen = (id: string) => rules.some(rule => rule.SecurityGroupRuleId === id && open(rule));
      check(holds(input.GroupId) && input.SecurityGroupRuleIds.every(isOpen), `Revoke ${input.GroupId}`);
    },
  };

  const answers = Object.fromEntries(
    Object.entries(account).map(([service, operations]) => [
      service,
      Object.fromEntries(
        Object.entries(operations).map(([operation, answer]) => [
          operation,
          (input: { Bucket?: string }) => {
            if (input.Bucket !== undefined && !holds(input.Bucket)) throw awsError("NoSuchBucket");
            guarded[operation]?.(of(input));
            return unlike(
              (answer as Ask)(of(operation.startsWith("Describe") ? filtered(of(input)) : input)),
            );
          },
        ]),
      ),
    ]),
  );
  return { answers, writes: () => writes };
}
