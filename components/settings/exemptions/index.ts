import {
  matchesPart,
  mentionedDays,
  optionalKeys,
  requiredKeys,
  validity,
  type Exemption,
} from "../../../runtime/exemptions";
import { partitionOf } from "../../../runtime/aws/partition";
import type { Definition } from "../../definition";
import { moveValue, removeValue, setValue, type Path } from "../fixes";
import { closest, didYouMean, shown, type Report, type Warning } from "../mistakes";
import { placeholders, readers } from "./values";
import { isMap } from "../values";

type Key = keyof Exemption;
type Given = Readonly<Record<string, unknown>>;

const place: Path = ["exemptions"];
const keys: readonly Key[] = [...requiredKeys, ...optionalKeys];

/**
 * The stack's exemptions, and a warning for each that has ended or soon will. Reports mistakes and leaves out what
 * has one. One that has ended is no mistake: a stack must not become undeployable overnight.
 * @param now epoch milliseconds
 */
export function readExemptions(
  given: unknown,
  catalogue: readonly Definition[],
  now: number,
  report: Report,
): { exemptions: Exemption[]; warnings: Warning[] } {
  if (given !== undefined && !Array.isArray(given)) {
    const fix = isMap(given) ? moveValue(place, place, [given]) : removeValue(place);
    report(place, `got ${shown(given)}, expected a list of maps`, fix);
  }
  const list: readonly unknown[] = Array.isArray(given) ? given : [];
  const read = list.map((item, at) => {
    const path: Path = [...place, at];
    if (isMap(item)) return readExemption(item, path, catalogue, now, report);
    const problem = `got ${shown(item)}, expected a map with ${requiredKeys.join(", ")}`;
    report(path, problem, moveValue(place, place, list.filter(isMap)));
    return undefined;
  });
  const warnings = read.flatMap((exemption, at) => (exemption ? warningOf(exemption, at, now) : []));
  // Last first: to remove one moves those after it.
  return { exemptions: read.flatMap(exemption => exemption ?? []), warnings: warnings.reverse() };
}

function readExemption(
  given: Given,
  path: Path,
  catalogue: readonly Definition[],
  now: number,
  report: Report,
): Exemption | undefined {
  let isRight = true;
  const refuse: Report = (...mistake) => {
    isRight = false;
    report(...mistake);
  };
  const misspelt = reportUnknownKeys(given, path, refuse);
  const read: Partial<Record<Key, string>> = {};
  for (const key of keys) {
    // A misspelt key is not also missed under its right name; an optional one may be absent, and nothing else.
    if (misspelt.includes(key) || (!Object.hasOwn(given, key) && optionalKeys.some(name => name === key)))
      continue;
    const reading = readers[key](given[key], catalogue, now);
    if ("value" in reading) read[key] = reading.value;
    else
      refuse([...path, key], reading.problem, setValue([...path, key], reading.meant ?? placeholders[key]));
  }
  reportContradictions(read, path, refuse);
  const isUnread = (key: Key) =>
    (misspelt.includes(key) || Object.hasOwn(given, key)) && read[key] === undefined;
  if (!isUnread("region") && !isUnread("principal")) reportBreadth(read, path, refuse);
  return isRight ? (read as Exemption) : undefined;
}

/** The keys that were meant by those that are none. */
function reportUnknownKeys(given: Given, path: Path, report: Report): Key[] {
  return Object.keys(given).flatMap(key => {
    if (keys.some(known => known === key)) return [];
    const meant = closest(key, keys);
    const isFree = meant !== undefined && !Object.hasOwn(given, meant);
    report(
      [...path, key],
      `not a setting${didYouMean(meant) || `; there are ${keys.join(", ")}`}`,
      isFree ? moveValue([...path, key], [...path, meant], given[key]) : removeValue([...path, key]),
    );
    return isFree ? [meant] : [];
  });
}

const isNamed = (part: string | undefined): boolean => part !== undefined && /[^*?]/.test(part);

/** What follows the kind of resource: `sg-0abc` of `security-group/sg-0abc`, the whole of `my-bucket`. */
const nameIn = (arn: string): string => {
  const resource = arn.split(":").slice(5).join(":");
  return resource.slice(resource.search(/[:/]/) + 1);
};

function reportContradictions(
  { resource, account, region }: Partial<Exemption>,
  path: Path,
  report: Report,
): void {
  const [, partition, , ofRegion, ofAccount] = resource?.split(":") ?? [];
  const contradict = (key: "account" | "region", value: string | undefined, part: string | undefined) => {
    if (value === undefined || part === undefined || part === "" || matchesPart(part, value)) return;
    const problem = `got ${shown(value)}, but the resource's ARN is of ${key} ${part}: it would never apply`;
    report([...path, key], problem, removeValue([...path, key]));
  };
  contradict("account", account, ofAccount);
  contradict("region", region, ofRegion);
  const home = region && partitionOf(region).id;
  if (home && partition !== undefined && !matchesPart(partition, home))
    report(
      [...path, "resource"],
      `got partition ${partition}, but ${region} is of partition ${home}: it would never apply`,
      setValue([...path, "resource"], resource!.replace(/^arn:[^:]*/, `arn:${home}`)),
    );
}

/** The account does not narrow anything down: a stack guards one account. */
function reportBreadth(
  { resource, region, principal }: Partial<Exemption>,
  path: Path,
  report: Report,
): void {
  if (resource === undefined) return;
  const ofRegion = resource.split(":")[3];
  const names = [nameIn(resource), ofRegion, region, principal && nameIn(principal)];
  if (names.some(isNamed)) return;
  const problem =
    `got ${shown(resource)}, which covers everything of its kind: name a resource, a region or a principal, ` +
    "or switch the guardrail off";
  report([...path, "resource"], problem, setValue([...path, "resource"], placeholders.resource));
}

function warningOf(exemption: Exemption, at: number, now: number): Warning[] {
  const { guardrail, resource, owner, expires } = exemption;
  const what = `exemptions[${at}] (${guardrail}, ${resource}, owner ${owner})`;
  const path: Path = [...place, at];
  const renew = setValue([...path, "expires"], placeholders.expires);
  switch (validity(expires, now)) {
    case "valid":
      return [];
    case "expired":
      return [
        {
          path,
          words: command =>
            `${what} ended after ${expires} and covers nothing any more: remove it with ${command(removeValue(path))}, ` +
            `or renew it with ${command(renew)}`,
        },
      ];
    case "soon":
      return [
        {
          path,
          words: command =>
            `${what} ends after ${expires}, within ${mentionedDays} days: ` +
            `renew it with ${command(renew)}, or what it covers is a finding again`,
        },
      ];
  }
}
