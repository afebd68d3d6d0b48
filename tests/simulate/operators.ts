import { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { IAMClient } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Failure } from "../../operations/failures";
import type { Operator } from "../../operations/operator";
import { redrive } from "../../operations/redrive";
import { baselineOf, fixBaseline } from "../../operations/sweep/baseline";
import { pause } from "../../operations/pause";
import { isRefusal } from "../../operations/refusals";
import { planResume, resume } from "../../operations/resume";
import { planUndo, undo } from "../../operations/undo";
import type { Exemption } from "../../runtime/exemptions";
import type { Json } from "../../runtime/json";
import { functionArn } from "../../runtime/names";
import type { Dice } from "../guardrails/simulation";
import type { Repertoire } from "./plan";
import type { Span, Undone } from "./promises/safety";
import type { VirtualTime } from "./time";

const minute = 60_000;
const hour = 60 * minute;

/** What an operator may do. */
export const operatorsDeeds: readonly Repertoire[] = [
  { name: "pause", weight: 1, by: ["operator"] },
  { name: "resume", weight: 1, by: ["operator"] },
  { name: "undo", weight: 2, by: ["operator"] },
  { name: "exempt", weight: 1, by: ["operator"] },
  { name: "redrive", weight: 1, by: ["operator"] },
  { name: "fix-baseline", weight: 1, by: ["operator"] },
];

/** What operators have decided, and what they decide about. */
export interface Decisions {
  readonly pauses: Span[];
  /** By thing. */
  readonly undone: Map<string, Undone>;
  /** What is in the dead-letter queue. */
  readonly failures: readonly Failure[];
  /** What they have asked to be put right, however old it is. */
  readonly asked: Set<string>;
  /** What was wrong at any time so far: each by all its ARNs. */
  readonly noticed: readonly (readonly string[])[];
  /** The things of a resource that are wrong now as a function has put them right before. */
  fixedAndWrongOn(arn: string): string[];
  /** What is wrong with a thing now, in words. */
  wordsOf(thing: string): string[];
  /** Its things, wrong or not. */
  thingsOf(arn: string): string[];
  /** Who calls, by ARN. */
  readonly callers: readonly string[];
  exempt(exemptions: readonly Exemption[]): void;
}

const place = { stack: "dev", partition: "aws", account: "123456789012", home: "us-east-1" };

/** What is in the dead-letter queue, as the operator's commands read it. */
export const failureOf = (guardrail: string, payload: Json): Failure => {
  const body = JSON.stringify(payload);
  return {
    id: body,
    receipt: body,
    since: 0,
    kind: "function",
    target: functionArn(place, guardrail),
    why: "it failed three times",
    event: payload as Record<string, unknown>,
    body,
  };
};

/** A person at work, on virtual time. To be called while clients are replaced. */
export const operatorAt = (time: VirtualTime): Operator => ({
  place,
  by: "arn:aws:sts::123456789012:assumed-role/secops/olga",
  dynamodb: new DynamoDBClient({}),
  sns: new SNSClient({}),
  lambda: new LambdaClient({}),
  sqs: new SQSClient({}),
  cloudwatch: new CloudWatchClient({}),
  events: new EventBridgeClient({}),
  iam: new IAMClient({}),
  trail: region => new CloudTrailClient({ region }),
  clients: (definition, region) => definition.clients(region),
  now: () => time.now,
  pause: ms => time.wait(ms, () => undefined),
});

/** Does one of `operatorsDeeds`. @returns what came of it, in words */
export async function operate(
  operator: Operator,
  deed: string,
  guardrail: string,
  dice: Dice,
  decisions: Decisions,
  undoing: (work: () => Promise<void>) => Promise<string[]>,
): Promise<string> {
  try {
    switch (deed) {
      case "pause": {
        const ms = dice.pick([10 * minute, hour, 3 * hour]);
        const { until } = await pause(operator, guardrail, { reason: "a rehearsal", ms });
        for (const span of decisions.pauses) span.to = Math.min(span.to, operator.now());
        decisions.pauses.push({ from: operator.now(), to: until });
        return `pauses the guardrail for ${ms / minute} minutes`;
      }
      case "resume": {
        const now = operator.now();
        for (const span of decisions.pauses) span.to = Math.min(span.to, now);
        const plan = await planResume(operator, guardrail, [guardrail]);
        const problems = await resume(operator, plan);
        return `resumes the guardrail${problems.length > 0 ? `, but ${problems.join("; ")}` : ""}`;
      }
      case "undo": {
        const { noticed } = decisions;
        if (noticed.length === 0) return "has nothing to undo";
        const [last] = dice.pick(noticed);
        const plan = await planUndo(operator, { last });
        const ms = 30 * 24 * hour;
        let heldUntil = 0;
        const things = await undoing(async () => {
          ({ heldUntil } = await undo(operator, plan, { reason: "it was wanted", ms }));
        });
        // What is so already is not changed by the undo, and left alone all the same.
        const alike = decisions.fixedAndWrongOn(last);
        for (const thing of [...things, ...alike])
          decisions.undone.set(thing, {
            from: operator.now(),
            to: heldUntil,
            words: new Set(decisions.wordsOf(thing)),
          });
        return `undoes what the guardrail did to ${last}`;
      }
      case "exempt": {
        const { noticed } = decisions;
        if (noticed.length === 0) return "has nothing to exempt";
        const arns = dice.pick(noticed);
        const decision = { guardrail, reason: "a test", owner: "olga", expires: "2026-12-31" };
        const principal = dice.chance(0.4) ? dice.pick(decisions.callers) : undefined;
        decisions.exempt(
          arns.map(resource => ({ ...decision, resource, ...(principal !== undefined && { principal }) })),
        );
        return `exempts ${arns.join(" and ")}${principal === undefined ? "" : ` where ${principal} calls`}`;
      }
      case "redrive": {
        if (decisions.failures.length === 0) return "finds no failure to send again";
        const said: string[] = [];
        for (const failure of decisions.failures) said.push((await redrive(operator, "queue", failure)).said);
        return `sends again what failed: ${said.join("; ")}`;
      }
      case "fix-baseline": {
        const standing = await baselineOf(operator, [guardrail]);
        const chosen = standing.slice(0, 1 + dice.below(3));
        if (chosen.length === 0) return "finds no baseline";
        for (const { resource } of chosen)
          for (const thing of decisions.thingsOf(resource.arn)) decisions.asked.add(thing);
        await fixBaseline(operator, chosen);
        return `asks that ${chosen.map(({ resource }) => resource.id).join(" and ")} of the baseline be put right`;
      }
      default:
        throw new Error(`Operators know no ${deed}`);
    }
  } catch (error) {
    if (isRefusal(error)) return `is refused: ${deed}: ${(error as Error).message.split("\n")[0]}`;
    // AWS did not answer, say: a person sees it, and tries again or does not.
    if ((error as { $fault?: unknown }).$fault !== undefined)
      return `fails with ${deed}: ${(error as Error).name}`;
    throw error;
  }
}
