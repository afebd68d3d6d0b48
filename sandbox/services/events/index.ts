import { recordShapes } from "../../../records";
import type { Asked, Input, Named } from "../../iam/judged";
import { objects, rolesAt, text, textsOf } from "../../iam/requirements/members";
import type { Service } from "../service";
import { eventsHandlers } from "./handlers";

function resources({ input, action }: Asked): Named {
  const { Name, Rule, EventBusName, Entries, ResourceARN } = input;
  const bus = text(EventBusName)?.replace(/^.*event-bus\//, "");
  const rule = /:(CreateEventBus|DeleteEventBus|DescribeEventBus|UpdateEventBus)$/.test(action)
    ? undefined
    : text(Rule ?? Name);
  const isCustom = bus !== undefined && bus !== "default";
  const tagged = textsOf(ResourceARN);
  const buses = action.endsWith(":PutEvents")
    ? objects(Entries).map(entry => text(entry.EventBusName) ?? "default")
    : rule === undefined && tagged.length === 0
      ? [text(Name) ?? "default"]
      : [];
  return {
    "rule-on-default-event-bus": [
      isCustom ? undefined : rule,
      ...tagged.filter(value => /:rule\/[^/]+$/.test(value)),
    ],
    "rule-on-custom-event-bus": [
      isCustom && rule !== undefined ? `${bus}/${rule}` : undefined,
      ...tagged.filter(value => /:rule\/[^/]+\//.test(value)),
    ],
    "event-bus": [...buses, ...tagged.filter(value => value.includes(":event-bus/"))],
  };
}

/** Each value once that the entries of a call have in a member. */
const ofEntries =
  (member: string) =>
  ({ input }: { readonly input: Input }) => [
    ...new Set(objects(input.Entries).flatMap(entry => textsOf(entry[member]))),
  ];

export const events: Service = {
  name: "events",
  sdk: { client: "EventBridgeClient", load: () => import("@aws-sdk/client-eventbridge") },
  record: recordShapes.events,
  handlers: eventsHandlers,
  resources,
  contextKeys: {
    "events:source": ofEntries("Source"),
    "events:detail-type": ofEntries("DetailType"),
    "events:TargetArn": ({ input }) => objects(input.Targets).flatMap(target => textsOf(target.Arn)),
  },
  passes: {
    PutRule: rolesAt("RoleArn", "events.amazonaws.com"),
    PutTargets: {
      to: "events.amazonaws.com",
      roles: input => objects(input.Targets).flatMap(target => textsOf(target.RoleArn)),
    },
  },
  // Buses and rules live outside the account's state: event-services.ts answers for them.
  facts: async () => undefined,
  resourcePolicies: {
    holder: resource => (resource.split(":")[5]?.startsWith("event-bus/") ? resource : undefined),
    read: async () => undefined,
  },
  lacks: [
    "targets but functions, topics and queues; archives, replays, connections, endpoints",
    "operations without a handler (handlers.ts)",
  ],
};
