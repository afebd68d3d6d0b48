import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Bundle } from "./bundle";
import type { Definition, EventPattern, Trigger } from "./definition";
import { hasFunction, isPublishing } from "./kinds";
import { nameOf, tagsOf } from "./place";
import { Remediator, type Shared } from "./remediator";
import type { EnabledGuardrail } from "./settings/guardrails";
import { validate } from "../patterns";
import { objectAt } from "../runtime/events";
import { roleArn } from "../runtime/names";

export interface GuardrailArgs {
  readonly enabled: EnabledGuardrail;
  /** The code of every enabled guardrail's function, by id. */
  readonly bundles: Promise<Readonly<Record<string, Bundle>>>;
  readonly shared: Shared;
}

/** The names of a definition's rules, one for each trigger. */
export const ruleNames = ({ id, triggers }: Definition): string[] =>
  triggers.map((_, at) => nameOf(at === 0 ? id : `${id}-${at + 1}`));

/** The names of the rules that publish to the topic by themselves. */
export const publishingRuleNames = (definition: Definition): string[] =>
  isPublishing(definition) ? ruleNames(definition) : [];

/** The name of the definition's function, if it has one. */
export const functionNames = (definition: Definition): string[] =>
  hasFunction(definition) ? [nameOf(definition.id)] : [];

/** The definition's id, if it has a function, which alone sends metrics. */
export const measuredIds = (definition: Definition): string[] =>
  hasFunction(definition) ? [definition.id] : [];

/** One enabled guardrail: a rule per trigger, and what the rules invoke. Everything of it goes when it is disabled. */
export class Guardrail extends pulumi.ComponentResource {
  readonly id: string;
  /** What the stack's outputs say of it. */
  readonly summary: { mode: string; rules: pulumi.Output<string>[]; function?: pulumi.Output<string> };

  constructor(name: string, args: GuardrailArgs, opts?: pulumi.ComponentResourceOptions) {
    super("aws-event-guardrails:index:Guardrail", name, {}, opts);
    const within = { parent: this };
    const { shared, bundles } = args;
    const { definition, mode } = args.enabled;
    const tags = tagsOf(definition.id);
    const remediator = createRemediator();
    const rules = definition.triggers.map(createRule);
    rules.forEach(createTarget);
    this.id = definition.id;
    this.summary = { mode, rules: rules.map(({ rule }) => rule.name), function: remediator?.functionName };
    this.registerOutputs({
      ruleArns: rules.map(({ rule }) => rule.arn),
      functionArn: remediator?.functionArn,
    });

    function createRemediator(): Remediator | undefined {
      if (!hasFunction(definition)) return undefined;
      const bundle = bundles.then(all => all[definition.id]);
      return new Remediator(name, { enabled: { ...args.enabled, definition }, bundle, shared }, within);
    }

    function createRule(trigger: Trigger, at: number) {
      const ruleName = ruleNames(definition)[at];
      const own = remediator && shared.place.apply(place => roleArn(place, nameOf(definition.id)));
      const rule = new aws.cloudwatch.EventRule(
        ruleName,
        {
          name: ruleName,
          description: `${definition.title} (mode ${mode})`,
          state: "ENABLED",
          tags,
          ...("schedule" in trigger
            ? { scheduleExpression: trigger.schedule }
            : {
                eventPattern: pulumi
                  .output(own)
                  .apply(arn => renderPattern(definition.id, trigger.pattern, arn)),
              }),
        },
        { ...within, deleteBeforeReplace: true },
      );
      return { rule, ruleName };
    }

    function createTarget({ rule, ruleName }: { rule: aws.cloudwatch.EventRule; ruleName: string }): void {
      const permission =
        remediator &&
        new aws.lambda.Permission(
          ruleName,
          {
            statementId: ruleName,
            action: "lambda:InvokeFunction",
            principal: "events.amazonaws.com",
            function: remediator.functionName,
            sourceArn: rule.arn,
          },
          within,
        );
      new aws.cloudwatch.EventTarget(
        ruleName,
        {
          rule: rule.name,
          targetId: definition.id,
          arn: remediator?.functionArn ?? shared.topicArn,
          inputTransformer: isPublishing(definition) ? transformerOf(definition.notice) : undefined,
          retryPolicy: { maximumEventAgeInSeconds: 24 * 3600, maximumRetryAttempts: 185 },
          deadLetterConfig: { arn: shared.deadLetterQueueArn },
        },
        { ...within, dependsOn: permission && [permission] },
      );
    }
  }
}

/** EventBridge's template of several lines is a list of JSON strings: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html */
const transformerOf = ({
  paths,
  lines,
}: {
  paths: Readonly<Record<string, string>>;
  lines: readonly string[];
}) => ({
  inputPaths: { ...paths },
  inputTemplate: lines.map(line => JSON.stringify(line)).join("\n"),
});

const apiCall = "AWS API Call via CloudTrail";

/**
 * The pattern as EventBridge gets it: the definition's own, and for API calls without the calls of this guardrail's
 * own role. The clause admits records without an issuer: `anything-but` alone would drop root and IAM users.
 * @throws Error when EventBridge would refuse it, or it breaks a service limit.
 */
export function renderPattern(id: string, pattern: EventPattern, ownRoleArn: string | undefined): string {
  const identity = objectAt(pattern.detail, "userIdentity");
  const context = objectAt(identity, "sessionContext");
  const sessionIssuer = {
    ...objectAt(context, "sessionIssuer"),
    arn: [{ exists: false }, { "anything-but": ownRoleArn ?? "" }],
  };
  const rendered =
    ownRoleArn === undefined || !pattern["detail-type"].includes(apiCall)
      ? pattern
      : {
          ...pattern,
          detail: {
            ...pattern.detail,
            userIdentity: { ...identity, sessionContext: { ...context, sessionIssuer } },
          },
        };
  const { errors, warnings } = validate(rendered);
  const mistakes = [...errors, ...warnings];
  if (mistakes.length > 0)
    throw new Error(
      `The event pattern of ${id} cannot be deployed:\n${mistakes.map(({ path, message }) => `  ${path}: ${message}`).join("\n")}`,
    );
  return JSON.stringify(rendered);
}
