import type { Permissions, Scope, StackSettings } from "../../definition";
import { groupFilters, vpcCondition } from "./admin-groups";
import type { Baseline } from "./lack";

type Asking = Pick<Baseline, "infer" | "requiredTags" | "protectedTags"> &
  Pick<StackSettings, "adminSecurityGroupId">;

/**
 * What the guardrail may call. Its writes are the keys that are missing, on what no service manages, and the groups of
 * interfaces.
 */
export function permissions({ partition, account, regions, settings }: Scope<Asking>): Permissions {
  const every = (...types: string[]) =>
    types.flatMap(type => regions.map(region => `arn:${partition}:ec2:${region}:${account}:${type}/*`));
  const { infer, adminSecurityGroupId, requiredTags, protectedTags } = settings;
  const asked = [
    "ec2:DescribeInstances",
    "ec2:DescribeVolumes",
    "ec2:DescribeNetworkInterfaces",
    ...(groupFilters(adminSecurityGroupId, ["any"]) ? ["ec2:DescribeSecurityGroups"] : []),
    ...(infer.includes("subnet") ? ["ec2:DescribeSubnets"] : []),
    ...(infer.includes("vpc") ? ["ec2:DescribeVpcs"] : []),
  ];
  const tagged = every("instance", "volume", "network-interface");
  const unmanaged = { "ec2:ManagedResourceOperator": "true" };
  const keys = Object.keys(requiredTags);
  const groups = {
    actions: ["ec2:ModifyNetworkInterfaceAttribute"],
    resources: every("network-interface", "instance", "security-group"),
    conditions: {
      // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-policies-for-amazon-ec2.html, ec2:Attribute
      Null: {
        ...unmanaged,
        ...Object.fromEntries(otherAttributes.map(name => [`ec2:Attribute/${name}`, "true"])),
      },
      ...vpcCondition(adminSecurityGroupId),
    },
  };
  return {
    read: [{ actions: asked, resources: ["*"], reason: "EC2 does not scope its Describe actions" }],
    write: [
      // A key of its own for each tag: only where it is missing, so that no value is ever overwritten.
      ...keys.map(key => ({
        actions: ["ec2:CreateTags"],
        resources: tagged,
        conditions: {
          "ForAllValues:StringEquals": { "aws:TagKeys": [key] },
          Null: { ...unmanaged, "aws:TagKeys": "false", [`aws:ResourceTag/${key}`]: "true" },
          ...(protectedTags.includes(key) && {
            StringEquals: { [`aws:RequestTag/${key}`]: requiredTags[key] },
          }),
        },
        unheld: protectedTags.includes(key)
          ? `Of ${key} it could give the default to any instance, volume or interface of the account that lacks it, new or not.`
          : `Of ${key} it could give any value to any instance, volume or interface of the account that lacks it, new or not.`,
      })),
      {
        ...groups,
        unheld:
          "It could give any network interface of the account that no service operates (one that a service only requested is left out by the code, IAM has no condition for it) any security groups of the account in place of all that it has: EC2 has no condition for what a set of groups must hold.",
      },
    ],
    undo: [
      ...(keys.length > 0
        ? [
            {
              actions: ["ec2:DeleteTags"],
              resources: tagged,
              conditions: {
                "ForAllValues:StringEquals": { "aws:TagKeys": keys },
                // Without this a call that names no key, and deletes all, would pass.
                Null: { "aws:TagKeys": "false" },
              },
            },
          ]
        : []),
      groups,
    ],
    inventory: [],
  };
}

/** What ModifyNetworkInterfaceAttribute can change besides groups, as far as a condition can name it. */
const otherAttributes = ["AssociatePublicIpAddress", "Description", "SourceDestCheck"];
