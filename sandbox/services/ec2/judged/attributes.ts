import type { Call } from "../../../ground/call";
import { awsError } from "../../../ground/call";
import type { Judged } from "../../../iam/judged";
import type { Context } from "../../../iam/wildcards";

/** The calls that change one attribute of an instance or an interface, and what else they may say. */
const modifying = ["ModifyInstanceAttribute", "ModifyNetworkInterfaceAttribute"];
const others = ["InstanceId", "NetworkInterfaceId", "DryRun", "Force", "Attribute", "Value"];

/**
 * Condition keys of the calls that change an attribute: ec2:Attribute, its name, and ec2:Attribute/<name>, its new
 * value, on the instance or interface alone. A list is one text, as in `["sg-1","sg-2"]` for Groups: an authorization
 * message that AWS decoded has it so, though the page speaks of single values only. Attributes of several members,
 * such as Attachment, have no value.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-policies-for-amazon-ec2.html, ec2:Attribute condition key
 */
export const attributeKeys: Judged["contextKeys"] = {
  "ec2:Attribute": call => attributeOf(call)?.name,
  "ec2:Attribute/*": call => {
    const { name, value } = attributeOf(call) ?? {};
    const told = textOf(value);
    return (name === undefined || told === undefined ? {} : { [`ec2:Attribute/${name}`]: told }) as Context;
  },
};

/** EC2 changes one attribute at a time. @throws InvalidParameterCombination */
export function checkOneAttribute(call: Call): void {
  const given = attributesOf(call);
  if (given.length > 1)
    throw awsError(
      "InvalidParameterCombination",
      `Fields for multiple attribute types specified: ${given.join(", ")}`,
    );
}

function attributesOf({ operation, input }: Call): string[] {
  if (!modifying.includes(operation)) return [];
  const given = Object.keys(input).filter(name => !others.includes(name) && input[name] !== undefined);
  return input.Attribute === undefined ? given : [...given, "Attribute"];
}

/** The attribute of a call that EC2 does not refuse anyway. */
function attributeOf(call: Call): { name: string; value: unknown } | undefined {
  const { input } = call;
  const [name, ...more] = attributesOf(call);
  if (name === undefined || more.length > 0) return undefined;
  return name === "Attribute"
    ? { name: String(input.Attribute), value: input.Value }
    : { name, value: input[name] };
}

function textOf(value: unknown): string | undefined {
  if (["string", "boolean", "number"].includes(typeof value)) return String(value);
  if (Array.isArray(value))
    return value.every(one => typeof one === "string") ? JSON.stringify(value) : undefined;
  const members = Object.entries((value ?? {}) as Record<string, unknown>);
  return members.length === 1 && members[0]?.[0] === "Value" ? textOf(members[0][1]) : undefined;
}
