import { parseJson, ruleSet, validate, type RuleSet } from "../../patterns";
import { arnOf } from "../../runtime/aws/partition";
import { objectAt } from "../../runtime/events";
import type { JsonObject } from "../../runtime/json";
import { awsError, type Place } from "../ground/call";
import type { Schedule } from "./schedule";
import type { TargetInput } from "./transform";

export type RuleState = "ENABLED" | "DISABLED" | "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";

/** A rule's target, in EventBridge's own spelling: the members that the sandbox serves. */
export interface Target extends TargetInput {
  readonly Id: string;
  readonly Arn: string;
  readonly RetryPolicy?: {
    readonly MaximumRetryAttempts?: number;
    readonly MaximumEventAgeInSeconds?: number;
  };
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly SqsParameters?: { readonly MessageGroupId?: string };
}

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly bus: EventBus;
  readonly description?: string;
  /** The pattern as given, and what it says. */
  readonly patternText?: string;
  readonly pattern?: unknown;
  readonly scheduleText?: string;
  readonly schedule?: Schedule;
  readonly roleArn?: string;
  state: RuleState;
  readonly tags: Record<string, string>;
  readonly targets: Map<string, Target>;
}

export interface EventBus extends Place {
  readonly name: string;
  readonly arn: string;
  description?: string;
  /** The bus's resource policy, JSON text. */
  policy?: string;
  readonly tags: Record<string, string>;
  readonly rules: Map<string, Rule>;
  /** The rules with a pattern, indexed; built when an event comes, dropped when a rule changes. */
  index?: RuleSet<Rule>;
}

export interface Buses {
  /** By name or ARN; each place has a default bus from the start. */
  find(reference: string | undefined, place: Place): EventBus | undefined;
  /** @throws ResourceNotFoundException */
  get(reference: string | undefined, place: Place): EventBus;
  /** @throws ResourceNotFoundException */
  rule(name: string | undefined, bus: EventBus): Rule;
  /** A rule or bus by its ARN. */
  byArn(arn: string): Rule | EventBus | undefined;
  add(name: string, place: Place): EventBus;
  remove(bus: EventBus): void;
  list(place: Place): EventBus[];
  clear(): void;
}

export function createBuses(): Buses {
  const buses = new Map<string, EventBus>();
  const busArn = (name: string, { region, account }: Place) =>
    name.startsWith("arn:") ? name : arnOf("events", region, account, `event-bus/${name}`);
  const add = (name: string, { region, account }: Place): EventBus => {
    const arn = busArn(name, { region, account });
    const bus: EventBus = { name, arn, region, account, tags: {}, rules: new Map() };
    buses.set(arn, bus);
    return bus;
  };
  const find = (reference: string = "default", place: Place) => {
    const arn = busArn(reference, place);
    const [, , , region = "", account = "", name] = arn.split(":");
    return buses.get(arn) ?? (name === "event-bus/default" ? add("default", { region, account }) : undefined);
  };

  return {
    find,
    get: (reference, place) => {
      const bus = find(reference, place);
      if (bus === undefined) throw notFound(`Event bus ${reference} does not exist.`);
      return bus;
    },
    rule: (name = "", bus) => {
      const rule = bus.rules.get(name);
      if (rule === undefined) throw notFound(`Rule ${name} does not exist on EventBus ${bus.name}.`);
      return rule;
    },
    byArn: arn =>
      buses.get(arn) ??
      [...buses.values()].flatMap(({ rules }) => [...rules.values()]).find(rule => rule.arn === arn),
    add,
    remove: bus => void buses.delete(bus.arn),
    list: place => {
      find("default", place);
      const here = ({ region, account }: Place) => region === place.region && account === place.account;
      return [...buses.values()].filter(here).sort((one, other) => (one.name < other.name ? -1 : 1));
    },
    clear: () => buses.clear(),
  };
}

const notFound = (message: string) => awsError("ResourceNotFoundException", message);

export const ruleArn = (name: string, { region, account, name: bus }: EventBus): string =>
  arnOf("events", region, account, `rule/${bus === "default" ? "" : `${bus}/`}${name}`);

/** A pattern as PutRule and TestEventPattern take it. @throws InvalidEventPatternException */
export function readEventPattern(text: string): unknown {
  const refuse = (why: string) =>
    awsError("InvalidEventPatternException", `Event pattern is not valid. Reason: ${why}`);
  let pattern: unknown;
  try {
    pattern = parseJson(text);
  } catch (error) {
    throw refuse((error as Error).message);
  }
  const { errors } = validate(pattern);
  if (errors.length > 0) throw refuse(errors.map(({ path, message }) => `${path}: ${message}`).join("; "));
  if (JSON.stringify(pattern).length > 2048) throw refuse("it has more than 2048 characters");
  return pattern;
}

/** The bus's enabled rules whose pattern matches, in the order of their names. */
export function matchingRules(bus: EventBus, event: JsonObject): Rule[] {
  bus.index ??= ruleSet(
    [...bus.rules.values()]
      .filter(rule => rule.pattern !== undefined && rule.state !== "DISABLED")
      .sort((one, other) => (one.name < other.name ? -1 : 1))
      .map(rule => [rule, rule.pattern] as const),
  );
  const found = bus.index.match(event);
  return isReadOnlyCall(event) ? found.filter(rule => rule.state !== "ENABLED") : found;
}

/**
 * ENABLED rules do not hear of calls that only read:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
 */
function isReadOnlyCall(event: JsonObject): boolean {
  const isCall = String(event["detail-type"]).endsWith("via CloudTrail");
  const detail = objectAt(event, "detail");
  return isCall && detail.readOnly === true && detail.managementEvent !== false;
}
