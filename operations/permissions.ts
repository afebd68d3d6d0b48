import type { AnyInspecting, Statement } from "../components/definition";
import { catalogue } from "../components/guardrails";
import { covering, scopeOf } from "../components/regions";
import { policyDocument, trailStatement } from "../components/statements";
import { partition } from "../runtime/ledger/items";
import {
  alarmArn,
  functionArn,
  ledgerArn,
  queueArn,
  rolesArn,
  type StackPlace,
  topicArn,
} from "../runtime/names";
import { inspectingGuardrails } from "./operator";

/** Everything that an operator does to a deployed stack. */
export const commands = [
  "status",
  "undo",
  "pause",
  "resume",
  "failures",
  "redrive",
  "sweep",
  "baseline",
] as const;
export type Command = (typeof commands)[number];

/** A guardrail with the settings that its permissions depend on. */
export interface Subject {
  readonly definition: AnyInspecting;
  readonly settings: unknown;
}

/** The IAM policy that an operator needs for these commands, beside being one of the stack's `operators`. */
export const policyFor = (asked: readonly Command[], place: StackPlace, subjects: readonly Subject[]) =>
  policyDocument(merged(asked.flatMap(command => statements[command](place, subjects))));

const ledger = (place: StackPlace, actions: readonly string[], keys: readonly string[]): Statement => ({
  actions: actions.map(action => `dynamodb:${action}`),
  resources: [ledgerArn(place)],
  conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": keys } },
});
/** Indexes hold keys only. */
const index = (place: StackPlace, name: string): Statement => ({
  actions: ["dynamodb:Query"],
  resources: [`${ledgerArn(place)}/index/${name}`],
});
const tell = (place: StackPlace): Statement => ({ actions: ["sns:Publish"], resources: [topicArn(place)] });
const functionsOf = (place: StackPlace): string[] =>
  inspectingGuardrails().map(({ id }) => functionArn(place, id));
const invoke = (place: StackPlace): Statement => ({
  actions: ["lambda:InvokeFunction"],
  resources: functionsOf(place),
});
const queue = (place: StackPlace, ...actions: string[]): Statement => ({
  actions: ["GetQueueUrl", "GetQueueAttributes", "ReceiveMessage", "ChangeMessageVisibility", ...actions].map(
    action => `sqs:${action}`,
  ),
  resources: [queueArn(place)],
});
const keysOf = (subjects: readonly Subject[]): string[] =>
  subjects.map(({ definition }) => `${definition.id}#arn:*`);

/** The partitions of what is open. */
const heldOf = (subjects: readonly Subject[]): string[] =>
  subjects.map(({ definition }) => partition(definition.id, "held"));

/** Where the sweeps are remembered. */
const ticksOf = (subjects: readonly Subject[]): string[] =>
  subjects.map(({ definition }) => partition(definition.id, "tick"));

/** Of every guardrail: `--all` means the whole catalogue. */
const brakes = catalogue.map(({ id }) => partition(id, "brake"));

type Statements = (place: StackPlace, subjects: readonly Subject[]) => readonly Statement[];

const statements: Readonly<Record<Command, Statements>> = {
  status: (place, subjects) => [
    { actions: ["events:ListRules"], resources: ["*"], reason: "listing rules has no resource" },
    { actions: ["iam:GetRole"], resources: [rolesArn(place)] },
    { actions: ["lambda:GetFunctionConfiguration"], resources: functionsOf(place) },
    { actions: ["sns:ListSubscriptionsByTopic"], resources: [topicArn(place)] },
    { actions: ["sqs:GetQueueUrl", "sqs:GetQueueAttributes"], resources: [queueArn(place)] },
    { actions: ["cloudwatch:DescribeAlarms"], resources: [alarmArn(place, "*")] },
    index(place, "day"),
    ledger(place, ["BatchGetItem"], [...keysOf(subjects), ...brakes]),
    ledger(place, ["Query"], heldOf(subjects)),
    ledger(place, ["GetItem"], ticksOf(subjects)),
  ],
  undo: (place, subjects) => [
    index(place, "id"),
    ledger(place, ["BatchGetItem", "PutItem", "Query", "UpdateItem"], keysOf(subjects)),
    tell(place),
    {
      actions: ["cloudwatch:PutMetricData"],
      resources: ["*"],
      conditions: { StringEquals: { "cloudwatch:namespace": "Guardrails" } },
      reason: "CloudWatch has no resource for metrics",
    },
    ...subjects.flatMap(({ definition, settings }) => {
      const { read, undo } = definition.permissions(scopeOf(covering(place), settings));
      return [...read, ...undo];
    }),
  ],
  pause: place => [ledger(place, ["PutItem"], brakes), tell(place)],
  resume: (place, subjects) => [
    ledger(place, ["BatchGetItem"], [...keysOf(subjects), ...brakes, ...heldOf(subjects)]),
    ledger(place, ["PutItem", "Query"], heldOf(subjects)),
    ledger(place, ["GetItem", "UpdateItem"], brakes),
    invoke(place),
  ],
  baseline: (place, subjects) => [
    index(place, "day"),
    ledger(place, ["BatchGetItem"], keysOf(subjects)),
    ledger(place, ["PutItem"], heldOf(subjects)),
    invoke(place),
  ],
  sweep: (place, subjects) =>
    subjects.flatMap(({ definition, settings }) => {
      const { read, inventory } = definition.permissions(scopeOf(covering(place), settings));
      return [...read, ...inventory];
    }),
  failures: place => [queue(place)],
  redrive: place => [queue(place, "DeleteMessage"), invoke(place), tell(place), trailStatement],
};

/** Statements on the same resources under the same conditions are one: policies have a size limit. */
function merged(given: readonly Statement[]): Statement[] {
  const found = new Map<string, Statement>();
  for (const one of given) {
    const key = JSON.stringify([one.resources, one.conditions]);
    const known = found.get(key);
    const actions = [...new Set([...(known?.actions ?? []), ...one.actions])].sort();
    found.set(key, { ...one, actions });
  }
  return [...found.values()];
}
