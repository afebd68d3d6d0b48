import * as sdk from "@aws-sdk/client-eventbridge";
import { compile } from "../../../patterns";
import type { JsonObject } from "../../../records";
import type { Bus } from "../../delivery/bus";
import { awsError, type Call, type Handlers } from "../../ground/call";
import type { Clock } from "../../ground/clock";
import { readEventPattern, type EventBus, type Rule } from "../../delivery/rules";
import { invalid, nameOf, tagsOf } from "./input";
import { eventsPutHandlers } from "./put";
import { eventsRuleHandlers } from "./rules";
import { notImplemented, withRefusals } from "../refused";

/** EventBridge, whole: buses and rules live here. Operations that are missing are refused by name. */
export function eventsHandlers(options: { readonly bus: Bus; readonly clock: Clock }): Handlers {
  const { buses } = options.bus;
  return withRefusals(sdk, {
    ...eventsRuleHandlers(options),
    ...eventsPutHandlers(options),
    TestEventPattern: async ({ call }) => {
      const { Event = "", EventPattern = "" } = call.input as unknown as sdk.TestEventPatternCommandInput;
      const event = eventOf(Event);
      return { output: { Result: compile(readEventPattern(EventPattern))(event) } };
    },
    CreateEventBus: async ({ call }) => {
      const { Name = "", ...input } = call.input as unknown as sdk.CreateEventBusCommandInput;
      if (!/^[/.\-_A-Za-z0-9]{1,256}$/.test(Name) || Name === "default")
        throw invalid(`Name ${Name} is not valid`);
      if (buses.find(Name, call))
        throw awsError("ResourceAlreadyExistsException", `Event bus ${Name} already exists.`);
      if (input.EventSourceName || input.KmsKeyIdentifier || input.DeadLetterConfig?.Arn)
        throw notImplemented(
          "events",
          call.operation,
          "EventSourceName, KmsKeyIdentifier and DeadLetterConfig",
        );
      const bus = buses.add(Name, call);
      bus.description = input.Description;
      Object.assign(bus.tags, tagsOf(input.Tags));
      return { output: { EventBusArn: bus.arn, Description: input.Description } };
    },
    DeleteEventBus: async ({ call }) => {
      const bus = buses.find(nameOf(call, "Name"), call);
      if (bus?.name === "default") throw invalid("Cannot delete event bus default.");
      if (bus !== undefined && bus.rules.size > 0)
        throw invalid(`Event bus ${bus.name} can't be deleted since it has rules.`);
      if (bus !== undefined) buses.remove(bus);
      return { output: {} };
    },
    DescribeEventBus: async ({ call }) => ({
      output: shownBus(buses.get(nameOf(call, "Name"), call)),
    }),
    ListEventBuses: async ({ call }) => {
      const prefix = nameOf(call, "NamePrefix") ?? "";
      const found = buses.list(call).filter(({ name }) => name.startsWith(prefix));
      return { output: { EventBuses: found.map(shownBus) } };
    },
    PutPermission: async ({ call }) => {
      const input = call.input as unknown as sdk.PutPermissionCommandInput;
      if (!input.Policy) throw notImplemented("events", call.operation, "StatementId (give Policy)");
      buses.get(input.EventBusName, call).policy = input.Policy;
      return { output: {} };
    },
    RemovePermission: async ({ call }) => {
      const input = call.input as unknown as sdk.RemovePermissionCommandInput;
      const bus = buses.get(input.EventBusName, call);
      bus.policy = input.RemoveAllPermissions ? undefined : without(bus.policy, input.StatementId);
      return { output: {} };
    },
    ListTagsForResource: async ({ call }) => {
      const Tags = Object.entries(tagged(call).tags).map(([Key, Value]) => ({ Key, Value }));
      return { output: { Tags } };
    },
    TagResource: async ({ call }) => {
      const { Tags } = call.input as unknown as sdk.TagResourceCommandInput;
      Object.assign(tagged(call).tags, tagsOf(Tags));
      return { output: {} };
    },
    UntagResource: async ({ call }) => {
      const { TagKeys = [] } = call.input as unknown as sdk.UntagResourceCommandInput;
      const { tags } = tagged(call);
      TagKeys.forEach(key => delete tags[key]);
      return { output: {} };
    },
  });

  function tagged(call: Call): Rule | EventBus {
    const arn = nameOf(call, "ResourceARN") ?? "";
    const found = arn.includes(":event-bus/") ? buses.find(arn, call) : buses.byArn(arn);
    if (found === undefined) throw awsError("ResourceNotFoundException", `Resource ${arn} does not exist.`);
    return found;
  }
}

const shownBus = ({ name, arn, description, policy }: EventBus) => ({
  Name: name,
  Arn: arn,
  ...(description !== undefined && { Description: description }),
  ...(policy !== undefined && { Policy: policy }),
});

/** A bus policy without one of its statements, or none when that was the last. */
function without(policy: string | undefined, statementId: string | undefined): string | undefined {
  const document = JSON.parse(policy ?? "{}") as { Statement?: { Sid?: string }[] };
  const left = (document.Statement ?? []).filter(({ Sid }) => Sid !== statementId);
  if (left.length === (document.Statement ?? []).length)
    throw awsError("ResourceNotFoundException", `Statement with the provided id does not exist.`);
  return left.length === 0 ? undefined : JSON.stringify({ ...document, Statement: left });
}

const required = ["id", "account", "source", "time", "region", "resources", "detail-type"];

function eventOf(text: string): JsonObject {
  let event: JsonObject;
  try {
    event = JSON.parse(text) as JsonObject;
  } catch {
    throw invalid("Parameter Event is not valid.");
  }
  const missing = required.filter(name => !(name in event));
  if (missing.length > 0) throw invalid(`Parameter Event is not valid. It lacks ${missing.join(", ")}.`);
  return event;
}
