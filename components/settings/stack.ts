import type { AdminSecurityGroup } from "../definition";
import type { StackKey } from "./keys";
import { moveValue, removeValue, setValue, type Path } from "./fixes";
import { closest, didYouMean, shown, type Report } from "./mistakes";
import { isMap } from "./values";

const address = /^[^\s@,;:<>()[\]"]+@[^\s@.,;:<>()[\]"]+(\.[^\s@.,;:<>()[\]"]+)+$/;
const addressesIn = (text: string) =>
  text
    .split(/[\s,;:<>()[\]"{}]+/)
    .map(part => part.replace(/\.$/, ""))
    .filter(part => address.test(part));

/** A list of addresses, or one text with commas between them. Without any, nobody would hear of anything. */
export function readRecipients(given: unknown, report: Report): string[] {
  const place: Path = ["recipients"];
  const list = typeof given === "string" ? splitText(given) : given;
  if (!Array.isArray(list) || list.length === 0) {
    const problem = `got ${shown(given)}, expected at least one e-mail address, or nobody hears of anything`;
    report(place, problem, rewritten(addressesIn(JSON.stringify(given ?? ""))));
    return [];
  }

  const key = (item: unknown) => String(item).toLowerCase();
  const isRepeated = (item: unknown, at: number) => list.findIndex(other => key(other) === key(item)) < at;
  const isAddress = (item: unknown): item is string => typeof item === "string" && address.test(item);
  const fix = rewritten(
    list.filter((item, at) => !isRepeated(item, at)).map(item => (isAddress(item) ? item : meant(item))),
  );
  list.forEach((item, at) => {
    const path: Path = Array.isArray(given) ? ["recipients", at] : place;
    if (!isAddress(item)) report(path, `got ${shown(item)}, expected an e-mail address${hint(item)}`, fix);
    else if (isRepeated(item, at)) report(path, `${shown(item)} is there twice, expected it once`, fix);
  });
  return list.filter(isAddress);
}

const splitText = (text: string) =>
  /^\s*[[{]/.test(text)
    ? undefined
    : text
        .split(",")
        .map(part => part.trim())
        .filter(part => part !== "");

const placeholder = "<address>";
const suggestion = (item: unknown) => addressesIn(String(item)).join(",") || undefined;
const meant = (item: unknown) => suggestion(item) ?? placeholder;
const hint = (item: unknown) => didYouMean(suggestion(item));

// One command for the whole list: removing single items would move the others.
const rewritten = (addresses: readonly string[]) => {
  const once = addresses.filter((item, at) => item === placeholder || addresses.indexOf(item) === at);
  return setValue(["recipients"], once.join(",") || placeholder);
};

const groupId = /^sg-([0-9a-f]{8}|[0-9a-f]{17})$/;
const vpcId = /^vpc-([0-9a-f]{8}|[0-9a-f]{17})$/;
const aGroupId = "a security group id (sg- and 8 or 17 hexadecimal digits)";

/** One group's id, an id per VPC, or tags to find the group by. Undefined when nothing valid is given. */
export function readAdminSecurityGroup(given: unknown, report: Report): AdminSecurityGroup | undefined {
  const place: Path = ["adminSecurityGroupId"];
  if (given === undefined) return undefined;
  if (typeof given === "string" && groupId.test(given)) return given;
  if (isMap(given) && Object.keys(given).length > 0)
    return "tag" in given ? readTags(given, report) : readGroupsByVpc(given, report);
  report(
    place,
    `got ${shown(given)}, expected ${aGroupId}, a map of VPC id to group id, or { tag: { Key: value } }`,
    setValue(place, "sg-<id>"),
  );
  return undefined;
}

function readGroupsByVpc(given: Record<string, unknown>, report: Report): { [vpcId: string]: string } {
  for (const [vpc, group] of Object.entries(given)) {
    const path: Path = ["adminSecurityGroupId", vpc];
    if (!vpcId.test(vpc))
      report(
        path,
        `got ${shown(vpc)}, expected a VPC id (vpc- and 8 or 17 hexadecimal digits) or "tag"`,
        moveValue(path, ["adminSecurityGroupId", "vpc-<id>"], group),
      );
    if (typeof group !== "string" || !groupId.test(group))
      report(path, `got ${shown(group)}, expected ${aGroupId}`, setValue(path, "sg-<id>"));
  }
  return given as { [vpcId: string]: string };
}

function readTags(given: Record<string, unknown>, report: Report): { tag: { [key: string]: string } } {
  const path: Path = ["adminSecurityGroupId", "tag"];
  const { tag, ...others } = given;
  for (const other of Object.keys(others))
    report(
      ["adminSecurityGroupId", other],
      `got ${shown(other)} beside "tag", expected either tags or VPC ids`,
      removeValue(["adminSecurityGroupId", other]),
    );
  const entries = isMap(tag) ? Object.entries(tag) : [];
  const names = entries.map(([key]) => key.toLowerCase()).sort();
  if (names.join() === "key,value")
    report(
      path,
      `got ${shown(tag)}, expected the tag's own key and value`,
      moveValue(path, path, pairOf(entries)),
    );
  else if (entries.length === 0)
    report(
      path,
      `got ${shown(tag)}, expected a map of tag keys to values`,
      moveValue(path, path, { "<Key>": "<value>" }),
    );
  for (const [key, value] of entries)
    if (!isTagValue(value))
      report([...path, key], `got ${shown(value)}, expected a text`, setValue([...path, key], "<value>"));
  return { tag: Object.fromEntries(entries.map(([key, value]) => [key, String(value)])) };
}

// `pulumi config set --path` stores digits as a number and true as a boolean: tags are text all the same.
const isTagValue = (value: unknown) =>
  typeof value === "boolean" || Number.isSafeInteger(value) || (typeof value === "string" && value !== "");

const pairOf = (entries: readonly (readonly [string, unknown])[]) => {
  const [key, value] = ["key", "value"].map(
    name => entries.find(([known]) => known.toLowerCase() === name)?.[1],
  );
  return { [String(key)]: value };
};

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns */
const policyArn = /^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+$/;

export function readPermissionsBoundary(given: unknown, report: Report): string | undefined {
  if (given === undefined) return undefined;
  if (typeof given === "string" && policyArn.test(given)) return given;
  const path: Path = ["permissionsBoundary"];
  report(
    path,
    `got ${shown(given)}, expected the ARN of an IAM policy`,
    setValue(path, "arn:aws:iam::<account>:policy/<name>"),
  );
  return undefined;
}

/** One of a few words, the first of which a config without the setting means. */
export const readWord =
  <const Word extends string>(key: StackKey, words: readonly [Word, ...Word[]]) =>
  (given: unknown, report: Report): Word => {
    const word = given === undefined ? words[0] : words.find(known => known === given);
    if (word !== undefined) return word;
    const meant = typeof given === "string" ? closest(given, words) : undefined;
    report(
      [key],
      `got ${shown(given)}, expected ${words.join(" or ")}${didYouMean(meant)}`,
      setValue([key], meant ?? words[0]),
    );
    return words[0];
  };

/** `true` and `false` arrive as text at the top of a stack's config. */
export function readDashboard(given: unknown, report: Report): boolean {
  if (given === undefined || given === false || given === "false") return false;
  if (given === true || given === "true") return true;
  const meant = /^(no|off|n)$/i.test(String(given)) ? "false" : "true";
  report(["dashboard"], `got ${shown(given)}, expected true or false`, setValue(["dashboard"], meant));
  return false;
}
