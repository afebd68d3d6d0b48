import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { z } from "zod";
import { arn, json, jsonText, nameOf, present, tagList, tags, wholeNumber } from "./inputs";
import { resourceType, suffixOf } from "./resource-type";

/** Limits: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const busName = nameOf(/^(arn:\S+|[/.\-_A-Za-z0-9]+)$/, 1600);
const ruleName = nameOf(/^[.\-_A-Za-z0-9]+$/, 64);
const patternLimit = 2048;

const isDefault = (bus: string | undefined): boolean => bus === undefined || bus === "default";

const eventRule = resourceType({
  type: "aws:cloudwatch/eventRule:EventRule",
  inputs: {
    name: ruleName.optional(),
    description: z.string().max(512, "expected at most 512 characters").optional(),
    eventBusName: busName.optional(),
    eventPattern: jsonText.max(patternLimit, `expected at most ${patternLimit} characters`).optional(),
    scheduleExpression: z
      .string()
      .max(256)
      .regex(/^(rate|cron)\(.+\)$/, "expected rate(…) or cron(…)")
      .optional(),
    state: z.enum(["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"]).optional(),
    roleArn: arn.optional(),
    forceDestroy: z.boolean().optional(),
    tags: tags.optional(),
  },
  check: ({ eventPattern, scheduleExpression, eventBusName }) => [
    ...(eventPattern === undefined && scheduleExpression === undefined
      ? ['one of "eventPattern" and "scheduleExpression" is required']
      : []),
    ...(scheduleExpression !== undefined && !isDefault(eventBusName)
      ? ['"scheduleExpression" works on the default event bus only']
      : []),
  ],
  create: async ({ inputs, client, autoName, tags }) => {
    const name = inputs.name ?? autoName;
    const { RuleArn } = await client(EventBridgeClient).send(
      new PutRuleCommand({
        Name: name,
        EventBusName: inputs.eventBusName,
        Description: inputs.description,
        EventPattern: inputs.eventPattern,
        ScheduleExpression: inputs.scheduleExpression,
        State: inputs.state ?? "ENABLED",
        RoleArn: inputs.roleArn,
        Tags: tagList(tags),
      }),
    );
    return {
      id: isDefault(inputs.eventBusName) ? name : `${inputs.eventBusName}/${name}`,
      outputs: {
        name,
        namePrefix: "",
        arn: present(RuleArn, "RuleArn"),
        eventBusName: inputs.eventBusName ?? "default",
        state: inputs.state ?? "ENABLED",
        forceDestroy: inputs.forceDestroy ?? false,
      },
    };
  },
});

const eventTarget = resourceType({
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
    const [failed] = answer.FailedEntries ?? [];
    if (failed !== undefined)
      throw new Error(`${failed.ErrorCode ?? "PutTargets"}: ${failed.ErrorMessage ?? "failed"}`);
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
});

const eventBus = resourceType({
  type: "aws:cloudwatch/eventBus:EventBus",
  inputs: {
    name: nameOf(/^(?!default$)[/.\-_A-Za-z0-9]+$/, 256).optional(),
    description: z.string().max(512).optional(),
    kmsKeyIdentifier: z.string().optional(),
    deadLetterConfig: z.strictObject({ arn: arn.optional() }).optional(),
    tags: tags.optional(),
  },
  create: async ({ inputs, client, autoName, tags }) => {
    const name = inputs.name ?? autoName;
    const { EventBusArn } = await client(EventBridgeClient).send(
      new CreateEventBusCommand({
        Name: name,
        Description: inputs.description,
        KmsKeyIdentifier: inputs.kmsKeyIdentifier,
        DeadLetterConfig: inputs.deadLetterConfig && { Arn: inputs.deadLetterConfig.arn },
        Tags: tagList(tags),
      }),
    );
    return { id: name, outputs: { name, arn: present(EventBusArn, "EventBusArn") } };
  },
});

const eventBusPolicy = resourceType({
  type: "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
  inputs: { eventBusName: busName.optional(), policy: json },
  create: async ({ inputs, client }) => {
    const EventBusName = inputs.eventBusName ?? "default";
    await client(EventBridgeClient).send(new PutPermissionCommand({ EventBusName, Policy: inputs.policy }));
    return { id: EventBusName, outputs: { eventBusName: EventBusName, policy: inputs.policy } };
  },
});

export const eventTypes = [eventRule, eventTarget, eventBus, eventBusPolicy];
