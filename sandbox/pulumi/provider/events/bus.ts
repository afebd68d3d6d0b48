import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DescribeEventBusCommand,
  EventBridgeClient,
  ListTagsForResourceCommand,
  PutPermissionCommand,
  RemovePermissionCommand,
} from "@aws-sdk/client-eventbridge";
import { z } from "zod";
import { orUnset, tagsOf } from "../existing";
import { arn, json, nameOf, present, tagList, tags } from "../inputs";
import { resourceType } from "../resource-type";
import { busName } from "./names";
import { tagging } from "./tagging";

export const eventBus = resourceType({
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
  namedBy: "name",
  replaces: ["name"],
  read: async ({ id, client }) => {
    const events = client(EventBridgeClient);
    const found = await events.send(new DescribeEventBusCommand({ Name: id }));
    const { Tags } = await events.send(new ListTagsForResourceCommand({ ResourceARN: found.Arn }));
    return {
      name: found.Name,
      arn: found.Arn,
      description: orUnset(found.Description),
      kmsKeyIdentifier: found.KmsKeyIdentifier,
      deadLetterConfig: found.DeadLetterConfig && { arn: found.DeadLetterConfig.Arn },
      tags: tagsOf(Tags),
    };
  },
  tagging,
  remove: ({ id, client }) => client(EventBridgeClient).send(new DeleteEventBusCommand({ Name: id })),
});

export const eventBusPolicy = resourceType({
  type: "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
  inputs: { eventBusName: busName.optional(), policy: json },
  create: async ({ inputs, client }) => {
    const EventBusName = inputs.eventBusName ?? "default";
    await client(EventBridgeClient).send(new PutPermissionCommand({ EventBusName, Policy: inputs.policy }));
    return { id: EventBusName, outputs: { eventBusName: EventBusName, policy: inputs.policy } };
  },
  replaces: ["eventBusName"],
  defaults: { eventBusName: "default" },
  read: async ({ id, client }) => {
    const { Policy } = await client(EventBridgeClient).send(new DescribeEventBusCommand({ Name: id }));
    return orUnset(Policy) === undefined ? undefined : { eventBusName: id, policy: Policy };
  },
  updates: [
    {
      of: ["policy"],
      by: ({ id, inputs, client }) =>
        client(EventBridgeClient).send(new PutPermissionCommand({ EventBusName: id, Policy: inputs.policy })),
    },
  ],
  remove: ({ id, client }) =>
    client(EventBridgeClient).send(
      new RemovePermissionCommand({ EventBusName: id, RemoveAllPermissions: true }),
    ),
});
