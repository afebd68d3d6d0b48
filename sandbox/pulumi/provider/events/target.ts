import {
  EventBridgeClient,
  ListTargetsByRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { z } from "zod";
import type { Properties } from "../../values";
import { remembered, type Existing } from "../existing";
import { arn, json, nameOf, wholeNumber } from "../inputs";
import { resourceType, suffixOf } from "../resource-type";
import { busName, isDefault, ruleName } from "./names";

export const eventTarget = resourceType({
  type: "aws:cloudwatch/eventTarget:EventTarget",
  inputs: {
    rule: ruleName,
    arn,
    eventBusName: busName.optional(),
    targetId: nameOf(/^[.\-_A-Za-z0-9]+$/, 64).optional(),
    roleArn: arn.optional(),
    input: json.optional(),
    inputPath: z.string().max(256).optional(),
    inputTransformer: z
      .strictObject({
        inputTemplate: z.string().max(8192, "expected at most 8192 characters"),
        inputPaths: z
          .record(z.string(), z.string())
          .refine(paths => Object.keys(paths).length <= 100, "expected at most 100 paths")
          .optional(),
      })
      .optional(),
    retryPolicy: z
      .strictObject({
        maximumEventAgeInSeconds: wholeNumber(60, 86_400).optional(),
        maximumRetryAttempts: wholeNumber(0, 185).optional(),
      })
      .optional(),
    deadLetterConfig: z.strictObject({ arn: arn.optional() }).optional(),
    sqsTarget: z.strictObject({ messageGroupId: z.string().optional() }).optional(),
    forceDestroy: z.boolean().optional(),
  },
  check: ({ input, inputPath, inputTransformer }) =>
    [input, inputPath, inputTransformer].filter(one => one !== undefined).length > 1
      ? ['"input", "inputPath" and "inputTransformer" exclude each other']
      : [],
  create: async ({ inputs, client, urn }) => {
    const targetId = inputs.targetId ?? `terraform-${suffixOf(urn)}`;
    await put(client, targetId, inputs);
    const bus = isDefault(inputs.eventBusName) ? "" : `${inputs.eventBusName}-`;
    return {
      id: `${bus}${inputs.rule}-${targetId}`,
      outputs: {
        targetId,
        eventBusName: inputs.eventBusName ?? "default",
        forceDestroy: inputs.forceDestroy ?? false,
      },
    };
  },
  namedBy: "targetId",
  replaces: ["rule", "targetId", "eventBusName"],
  defaults: { eventBusName: "default", forceDestroy: false },
  read: async ({ state, client }) => {
    const { Rule, EventBusName, Id } = placeOf(state);
    // A rule has at most five targets: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
    const { Targets = [] } = await client(EventBridgeClient).send(
      new ListTargetsByRuleCommand({ Rule, EventBusName }),
    );
    const found = Targets.find(target => target.Id === Id);
    if (found === undefined) return undefined;
    const {
      InputTransformer: transformer,
      RetryPolicy: retry,
      DeadLetterConfig: dead,
      SqsParameters,
    } = found;
    return {
      rule: Rule,
      targetId: Id,
      eventBusName: EventBusName ?? "default",
      arn: found.Arn,
      roleArn: found.RoleArn,
      input: found.Input,
      inputPath: found.InputPath,
      inputTransformer: transformer && {
        inputTemplate: transformer.InputTemplate,
        ...(transformer.InputPathsMap && { inputPaths: transformer.InputPathsMap }),
      },
      retryPolicy: retry && {
        maximumEventAgeInSeconds: retry.MaximumEventAgeInSeconds,
        maximumRetryAttempts: retry.MaximumRetryAttempts,
      },
      deadLetterConfig: dead && { arn: dead.Arn },
      sqsTarget: SqsParameters && { messageGroupId: SqsParameters.MessageGroupId },
    };
  },
  updates: [
    {
      of: [
        ...["arn", "roleArn", "input", "inputPath", "inputTransformer"],
        ...["retryPolicy", "deadLetterConfig", "sqsTarget"],
      ],
      by: ({ state, inputs, client }) => put(client, placeOf(state).Id, inputs),
    },
    remembered("forceDestroy"),
  ],
  remove: async ({ state, client }) => {
    const { Rule, EventBusName, Id } = placeOf(state);
    const answer = await client(EventBridgeClient).send(
      new RemoveTargetsCommand({
        Rule,
        EventBusName,
        Ids: [Id],
        Force: state.forceDestroy === true || undefined,
      }),
    );
    refuseFailed(answer.FailedEntries?.filter(({ ErrorCode }) => ErrorCode !== "ResourceNotFoundException"));
  },
});

/** @throws Error where nothing but the id is known, as of an import: it does not tell the rule. */
function placeOf({ rule, eventBusName, targetId }: Properties) {
  if (typeof rule !== "string" || typeof targetId !== "string")
    throw new Error("the sandbox cannot import aws:cloudwatch/eventTarget:EventTarget");
  return { Rule: rule, EventBusName: eventBusName as string | undefined, Id: targetId };
}

interface TargetInputs {
  rule: string;
  arn: string;
  eventBusName?: string;
  roleArn?: string;
  input?: string;
  inputPath?: string;
  inputTransformer?: { inputTemplate: string; inputPaths?: Record<string, string> };
  retryPolicy?: { maximumEventAgeInSeconds?: number; maximumRetryAttempts?: number };
  deadLetterConfig?: { arn?: string };
  sqsTarget?: { messageGroupId?: string };
}

async function put(client: Existing["client"], targetId: string, inputs: TargetInputs): Promise<void> {
  const { inputTransformer: transformer, retryPolicy: retry, deadLetterConfig: dead, sqsTarget } = inputs;
  const answer = await client(EventBridgeClient).send(
    new PutTargetsCommand({
      Rule: inputs.rule,
      EventBusName: inputs.eventBusName,
      Targets: [
        {
          Id: targetId,
          Arn: inputs.arn,
          RoleArn: inputs.roleArn,
          Input: inputs.input,
          InputPath: inputs.inputPath,
          InputTransformer: transformer && {
            InputTemplate: transformer.inputTemplate,
            InputPathsMap: transformer.inputPaths,
          },
          RetryPolicy: retry && {
            MaximumEventAgeInSeconds: retry.maximumEventAgeInSeconds,
            MaximumRetryAttempts: retry.maximumRetryAttempts,
          },
          DeadLetterConfig: dead && { Arn: dead.arn },
          SqsParameters: sqsTarget && { MessageGroupId: sqsTarget.messageGroupId },
        },
      ],
    }),
  );
  refuseFailed(answer.FailedEntries);
}

function refuseFailed([failed]: readonly { ErrorCode?: string; ErrorMessage?: string }[] = []): void {
  if (failed !== undefined)
    throw new Error(`${failed.ErrorCode ?? "targets"}: ${failed.ErrorMessage ?? "failed"}`);
}
