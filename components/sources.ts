import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Definition, DirectDefinition, EventPattern, Trigger } from "./definition";
import type { Parts, Rule } from "./parts";
import { tagsOf } from "./place";
import { regionsOf, type Place } from "./regions";
import type { Shared } from "./remediator";
import { validate } from "../patterns";
import { objectAt } from "../runtime/events";
import { roleArn } from "../runtime/names";

/** What the rules of a guardrail hand events to. */
export interface Target {
  readonly arn: pulumi.Output<string>;
  /** Of a function: it must admit the rules, which drop the calls of its own role. */
  readonly functionName?: pulumi.Output<string>;
  /** What the target gets instead of the event. */
  readonly inputTransformer?: aws.types.input.cloudwatch.EventTargetInputTransformer;
}

export interface SourceArgs {
  readonly definition: Definition;
  readonly mode: string;
  readonly target: Target;
  readonly shared: Shared;
}

/**
 * The rules of a guardrail and its timer, all at home. Every rule is made before what hangs on one.
 *
 * A region beyond home is refused by `heardAtHome` until this makes rules there: one for each of `regionsOf`, under the
 * name that it has at home, with a provider of that region and a way from there to the target.
 */
export function createSources(
  { rules, timer }: Parts,
  args: SourceArgs,
  within: pulumi.CustomResourceOptions,
): aws.cloudwatch.EventRule[] {
  const { definition, mode, shared } = args;
  const made = rules.map(rule =>
    createRule(rule.name, `${definition.title} (mode ${mode})`, whenOf(rule, args), args, within),
  );
  const ticking =
    timer &&
    createRule(
      timer.name,
      `Lets ${definition.id} look again at what is open`,
      { scheduleExpression: timer.schedule },
      args,
      within,
    );
  rules.forEach(({ name }, at) =>
    createTarget(name, made[at], args, within, {
      retryPolicy: { maximumEventAgeInSeconds: 24 * 3600, maximumRetryAttempts: 185 },
      deadLetterConfig: { arn: shared.deadLetterQueueArn },
    }),
  );
  // A tick that is late is not kept: the next one does its work, and the gauge that is missing meanwhile is an alarm.
  if (timer !== undefined && ticking !== undefined)
    createTarget(timer.name, ticking, args, within, {
      retryPolicy: { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 2 },
    });
  return made;
}

function createRule(
  name: string,
  description: string,
  when: Pick<aws.cloudwatch.EventRuleArgs, "eventPattern" | "scheduleExpression">,
  { definition }: SourceArgs,
  within: pulumi.CustomResourceOptions,
): aws.cloudwatch.EventRule {
  return new aws.cloudwatch.EventRule(
    name,
    { name, description, state: "ENABLED", tags: tagsOf(definition.id), ...when },
    { ...within, deleteBeforeReplace: true },
  );
}

/** The events or the times of a trigger's rule. */
function whenOf({ trigger }: Rule, { definition, target, shared }: SourceArgs) {
  const place = shared.place.apply(where => heardAtHome(definition.id, trigger, where));
  if ("schedule" in trigger) return { scheduleExpression: place.apply(() => trigger.schedule) };
  return {
    eventPattern: place.apply(where => {
      const own = target.functionName && roleArn(where, definition.id);
      return renderPattern(definition.id, trigger.pattern, where.account, own);
    }),
  };
}

/** @throws Error when the trigger's events come elsewhere too: a region without its rule would be silence. */
function heardAtHome(id: string, trigger: Trigger, place: Place): Place {
  const elsewhere = regionsOf(id, trigger, place).filter(region => region !== place.home);
  if (elsewhere.length > 0)
    throw new Error(
      `${id} needs a rule in ${elsewhere.join(", ")} too, and components/sources.ts makes rules in ${place.home} only`,
    );
  return place;
}

function createTarget(
  ruleName: string,
  rule: aws.cloudwatch.EventRule,
  { definition, target }: SourceArgs,
  within: pulumi.CustomResourceOptions,
  failing: Pick<aws.cloudwatch.EventTargetArgs, "retryPolicy" | "deadLetterConfig">,
): void {
  const permission =
    target.functionName &&
    new aws.lambda.Permission(
      ruleName,
      {
        statementId: ruleName,
        action: "lambda:InvokeFunction",
        principal: "events.amazonaws.com",
        function: target.functionName,
        sourceArn: rule.arn,
      },
      within,
    );
  new aws.cloudwatch.EventTarget(
    ruleName,
    {
      rule: rule.name,
      targetId: definition.id,
      arn: target.arn,
      inputTransformer: target.inputTransformer,
      ...failing,
    },
    { ...within, dependsOn: permission && [permission] },
  );
}

/** EventBridge's template of several lines is a list of JSON strings: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html */
export const transformerOf = ({ paths, lines }: DirectDefinition["notice"]) => ({
  inputPaths: { ...paths },
  inputTemplate: lines.map(line => JSON.stringify(line)).join("\n"),
});

const apiCall = "AWS API Call via CloudTrail";

/**
 * The pattern as EventBridge gets it: the definition's own, of this account alone, since a bus may hear of others, and
 * for API calls without the calls of this guardrail's own role. The clause admits records without an issuer: `anything-but` alone would drop root and IAM users.
 * @throws Error when EventBridge would refuse it, or it breaks a service limit.
 */
export function renderPattern(
  id: string,
  pattern: EventPattern,
  account: string,
  ownRoleArn: string | undefined,
): string {
  const identity = objectAt(pattern.detail, "userIdentity");
  const context = objectAt(identity, "sessionContext");
  const sessionIssuer = {
    ...objectAt(context, "sessionIssuer"),
    arn: [{ exists: false }, { "anything-but": ownRoleArn ?? "" }],
  };
  const rendered = {
    ...pattern,
    account: [account],
    ...(ownRoleArn !== undefined &&
      pattern["detail-type"].includes(apiCall) && {
        detail: {
          ...pattern.detail,
          userIdentity: { ...identity, sessionContext: { ...context, sessionIssuer } },
        },
      }),
  };
  const { errors, warnings } = validate(rendered);
  const mistakes = [...errors, ...warnings];
  if (mistakes.length > 0)
    throw new Error(
      `The event pattern of ${id} cannot be deployed:\n${mistakes.map(({ path, message }) => `  ${path}: ${message}`).join("\n")}`,
    );
  return JSON.stringify(rendered);
}
