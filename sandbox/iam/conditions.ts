import { BlockList, isIP } from "node:net";
import { awsError } from "../ground/call";
import type { Conditions } from "./policies";
import { expand, literal, matches, matchesArn, type Lookup } from "./wildcards";

/** Compares one value of the policy (expanded) with one of the request. */
type Test = (policy: string, value: string) => boolean;

const malformed = (why: string) => awsError("MalformedPolicyDocument", why);

const numbers =
  (compare: (value: number, policy: number) => boolean): Test =>
  (policy, value) => {
    const bound = Number(literal(policy));
    if (literal(policy).trim() === "" || Number.isNaN(bound))
      throw malformed(`${literal(policy)} is not a number.`);
    return value.trim() !== "" && compare(Number(value), bound);
  };

const instants =
  (compare: (value: number, policy: number) => boolean): Test =>
  (policy, value) => {
    const bound = instant(literal(policy));
    if (Number.isNaN(bound)) throw malformed(`${literal(policy)} is not a date.`);
    return compare(instant(value), bound);
  };

/** Epoch seconds or ISO 8601, as milliseconds. */
const instant = (text: string): number => (/^\d{1,12}$/.test(text) ? Number(text) * 1000 : Date.parse(text));

const inRange: Test = (policy, value) => {
  const [address, width] = literal(policy).split("/");
  const family = isIP(address);
  const bits = width === undefined ? (family === 4 ? 32 : 128) : Number(width);
  if (family === 0 || !Number.isInteger(bits) || bits < 0 || bits > (family === 4 ? 32 : 128) || width === "")
    throw malformed(`${literal(policy)} is not an IP address or range.`);
  if (isIP(value) !== family) return false;
  const range = new BlockList();
  const kind = family === 4 ? "ipv4" : "ipv6";
  range.addSubnet(address, bits, kind);
  return range.check(value, kind);
};

const equals: Test = (policy, value) => literal(policy) === value;
const equalsIgnoringCase: Test = (policy, value) => literal(policy).toLowerCase() === value.toLowerCase();
const boolean: Test = (policy, value) => {
  if (!/^(true|false)$/i.test(literal(policy))) throw malformed(`${literal(policy)} is not true or false.`);
  return equalsIgnoringCase(policy, value);
};

/** Operator in lower case → its test, and whether it is the negation of that test. */
const operators: Readonly<Record<string, readonly [Test, "negated"?]>> = {
  stringequals: [equals],
  stringnotequals: [equals, "negated"],
  stringequalsignorecase: [equalsIgnoringCase],
  stringnotequalsignorecase: [equalsIgnoringCase, "negated"],
  stringlike: [matches],
  stringnotlike: [matches, "negated"],
  arnequals: [matchesArn],
  arnlike: [matchesArn],
  arnnotequals: [matchesArn, "negated"],
  arnnotlike: [matchesArn, "negated"],
  binaryequals: [equals],
  bool: [boolean],
  numericequals: [numbers((value, policy) => value === policy)],
  numericnotequals: [numbers((value, policy) => value === policy), "negated"],
  numericlessthan: [numbers((value, policy) => value < policy)],
  numericlessthanequals: [numbers((value, policy) => value <= policy)],
  numericgreaterthan: [numbers((value, policy) => value > policy)],
  numericgreaterthanequals: [numbers((value, policy) => value >= policy)],
  dateequals: [instants((value, policy) => value === policy)],
  datenotequals: [instants((value, policy) => value === policy), "negated"],
  datelessthan: [instants((value, policy) => value < policy)],
  datelessthanequals: [instants((value, policy) => value <= policy)],
  dategreaterthan: [instants((value, policy) => value > policy)],
  dategreaterthanequals: [instants((value, policy) => value >= policy)],
  ipaddress: [inRange],
  notipaddress: [inRange, "negated"],
};

/**
 * Do all conditions hold? Operators and keys are all of an AND, a key's values an OR (for negated operators a NOR).
 * Throws MalformedPolicyDocument for an unknown operator or a value that the operator cannot read.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function conditionsHold(conditions: Conditions, version: string, lookup: Lookup): boolean {
  const readings = Object.entries(conditions).map(([written, block]) => ({
    operator: readOperator(written),
    block,
  }));
  return readings.every(({ operator, block }) =>
    Object.entries(block).every(([key, values]) => holds(operator, key, values, version, lookup)),
  );
}

interface Operator {
  readonly written: string;
  readonly set?: "any" | "all";
  readonly ifExists: boolean;
  /** Absent: the Null operator. */
  readonly test?: Test;
  readonly negated: boolean;
}

function readOperator(written: string): Operator {
  const [, prefix, name] = /^(?:(forallvalues|foranyvalue):)?(.*)$/.exec(written.toLowerCase()) ?? [];
  const ifExists = name.endsWith("ifexists");
  const bare = ifExists ? name.slice(0, -"ifexists".length) : name;
  const [test, negation] = Object.hasOwn(operators, bare) ? operators[bare] : [];
  const isNull = name === "null" && !prefix;
  if (!test && !isNull) throw malformed(`Unknown condition operator ${written}.`);
  const set = prefix === "forallvalues" ? "all" : prefix === "foranyvalue" ? "any" : undefined;
  return { written, set, ifExists, test, negated: negation === "negated" };
}

function holds(
  operator: Operator,
  key: string,
  values: readonly string[],
  version: string,
  lookup: Lookup,
): boolean {
  const found = lookup(key);
  const { test, negated, set, ifExists } = operator;
  if (!test) return values.some(value => boolean(value, String(found === undefined)));
  if (found === undefined) return ifExists || set === "all" || (negated && set !== "any");
  if (found.length > 1 && !set)
    throw malformed(`${key} has many values: ${operator.written} needs ForAllValues or ForAnyValue.`);
  const policy = values.map(value => expand(value, version, lookup));
  // A variable without a value makes the statement match nothing, negated operators included.
  if (policy.some(value => value === undefined)) return false;
  const holdsFor = (value: string) => policy.some(wanted => test(wanted as string, value)) !== negated;
  return set === "any" ? found.some(holdsFor) : found.every(holdsFor);
}
