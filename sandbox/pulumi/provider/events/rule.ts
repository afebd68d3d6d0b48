import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListTagsForResourceCommand,
  PutRuleCommand,
  type RuleState,
} from "@aws-sdk/client-eventbridge";
import { z } from "zod";
import { orUnset, remembered, tagsOf } from "../existing";
import { arn, jsonText, present, tagList, tags } from "../inputs";
import { resourceType } from "../resource-type";
import { busName, isDefault, ruleName } from "./names";
import { tagging } from "./tagging";

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const patternLimit = 2048;

export const eventRule = resourceType({
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
      new PutRuleCommand({ ...ruleOf(name, inputs), Tags: tagList(tags) }),
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
  namedBy: "name",
  replaces: ["name", "eventBusName"],
  defaults: { eventBusName: "default", state: "ENABLED", forceDestroy: false },
  read: async ({ id, client }) => {
    const events = client(EventBridgeClient);
    const found = await events.send(new DescribeRuleCommand(placeOf(id)));
    const { Tags } = await events.send(new ListTagsForResourceCommand({ ResourceARN: found.Arn }));
    return {
      name: found.Name,
      arn: found.Arn,
      eventBusName: found.EventBusName,
      description: orUnset(found.Description),
      eventPattern: orUnset(found.EventPattern),
      scheduleExpression: orUnset(found.ScheduleExpression),
      state: found.State,
      roleArn: orUnset(found.RoleArn),
      tags: tagsOf(Tags),
    };
  },
  updates: [
    {
      of: ["description", "eventPattern", "scheduleExpression", "state", "roleArn"],
      by: ({ id, inputs, client }) =>
        client(EventBridgeClient).send(new PutRuleCommand(ruleOf(placeOf(id).Name, inputs))),
    },
    remembered("forceDestroy"),
  ],
  tagging,
  remove: ({ id, state, client }) =>
    client(EventBridgeClient).send(
      new DeleteRuleCommand({ ...placeOf(id), Force: state.forceDestroy === true || undefined }),
    ),
});

/** Of an id, which is the rule's name, on another bus than the default one after that bus's. */
function placeOf(id: string) {
  const slash = id.lastIndexOf("/");
  return { Name: id.slice(slash + 1), EventBusName: slash < 0 ? undefined : id.slice(0, slash) };
}

const ruleOf = (
  name: string,
  inputs: {
    eventBusName?: string;
    description?: string;
    eventPattern?: string;
    scheduleExpression?: string;
    state?: RuleState;
    roleArn?: string;
  },
) => ({
  Name: name,
  EventBusName: inputs.eventBusName,
  Description: inputs.description,
  EventPattern: inputs.eventPattern,
  ScheduleExpression: inputs.scheduleExpression,
  State: inputs.state ?? "ENABLED",
  RoleArn: inputs.roleArn,
});
