import { type GuardrailEvent, occasionOf } from "../../runtime/events";
import { namedIn, type GuardrailRuntime, type Resource } from "../../runtime/guardrail";
import type { JsonObject } from "../../runtime/json";
import type { Mode } from "../../runtime/modes";
import type { GuardrailConfig } from "../../runtime/config";
import { createLedger } from "../../runtime/ledger/ledger";
import { runPipeline } from "../../runtime/pipeline/pipeline";
import type { Remediator, World } from "../../runtime/pipeline/run";
import { fakeTable } from "./fakes/table";

/** An invented guardrail: rooms must not be hotter than the limit. Its "AWS" is a map from room to degrees. */
export interface Room extends JsonObject {
  degrees: number;
  tags: Record<string, string>;
}
export interface RoomHints {
  readonly broken?: boolean;
}
export interface House {
  rooms: Record<string, Room | undefined>;
  /** Runs before each read with the number of reads so far: how a test makes reads stale or failing. */
  onRead?: (reads: number, ids: string[]) => void;
  onWrite?: (writes: number, ids: string[]) => void;
  reads: number;
  writes: string[][];
  calls: string[];
}

export const house = (rooms: Record<string, number>): House => ({
  rooms: Object.fromEntries(Object.entries(rooms).map(([id, degrees]) => [id, { degrees, tags: {} }])),
  reads: 0,
  writes: [],
  calls: [],
});

export const arn = (id: string): string => `arn:aws:house:us-east-1:123456789012:room/${id}`;

export const roomAt = (id: string, claim?: Resource["claim"]): Resource<RoomHints> => ({
  arn: arn(id),
  type: "House::Room",
  id,
  region: "us-east-1",
  account: "123456789012",
  hints: {},
  claim,
});

export interface Limits {
  readonly limit: number;
}

type Thermostat = Omit<
  GuardrailRuntime<Limits, House, RoomHints, Room, number>,
  "undo" | "undone" | "inventory"
> &
  Partial<Pick<GuardrailRuntime<Limits, House, RoomHints, Room, number>, "inventory">>;

/** @param claim what the event asserts of each room it names. */
export function thermostat(of: House, claim?: Resource["claim"], batch?: number): Thermostat {
  return {
    id: "thermostat",
    title: "Keep rooms cool",
    severity: "high",
    batch,
    notYet: ["NoSuchRoom"],
    clients: () => of,
    resources: event =>
      event.detail.rooms === null
        ? { unreadable: "detail.rooms" }
        : (event.detail.rooms as string[]).map(id => ({
            ...roomAt(id, claim),
            fresh: event.detail.made as string[] | undefined,
          })),
    inspect: async (_, resources) => {
      of.calls.push("ReadRooms");
      of.reads += 1;
      of.onRead?.(
        of.reads,
        resources.map(({ id }) => id),
      );
      const found = resources.flatMap(({ id, arn: key }) =>
        of.rooms[id] ? [[key, structuredClone(of.rooms[id])]] : [],
      );
      return Object.fromEntries(found) as Record<string, Room>;
    },
    assess: ({ degrees }, { limit }) =>
      degrees <= limit
        ? undefined
        : {
            fingerprint: `hot-${degrees}`,
            summary: `It is ${degrees} degrees, allowed are ${limit}`,
            data: limit,
            notifyOnly: degrees > 90 ? "it is on fire" : undefined,
            critical: degrees > 900 ? true : undefined,
            attribute: "heater.degrees",
          },
    ownership: async (_, __, { tags }) => ({ tags }),
    remediate: async (_, work) => {
      of.calls.push("CoolRooms");
      of.writes.push(work.map(({ resource }) => resource.id));
      of.onWrite?.(
        of.writes.length,
        work.map(({ resource }) => resource.id),
      );
      for (const { resource, finding } of work) (of.rooms[resource.id] as Room).degrees = finding.data;
    },
  };
}

export const heated = (rooms: string[], detail: JsonObject = {}): GuardrailEvent => ({
  id: "11111111-2222-3333-4444-555555555555",
  "detail-type": "AWS API Call via CloudTrail",
  source: "aws.house",
  account: "123456789012",
  time: "2026-01-01T00:00:00Z",
  region: "us-east-1",
  resources: [],
  detail: {
    eventSource: "house.amazonaws.com",
    eventName: "HeatRooms",
    userAgent: "aws-cli/2.31.0",
    userIdentity: { type: "IAMUser", arn: "arn:aws:iam::123456789012:user/ada", userName: "ada" },
    rooms,
    ...detail,
  },
});

export const config = (mode: Mode, managed: "notify" | "act" = "notify"): GuardrailConfig<Limits> => ({
  format: 2,
  mode,
  managed,
  sweep: "notify",
  who: { trusted: { accounts: [] }, controllers: [], expected: [] },
  recipients: 1,
  metrics: "stack",
  ticking: ["thermostat"],
  budget: 50,
  settings: { limit: 20 },
  exemptions: [],
  code: "abc123",
});

/** A world whose time only passes when somebody pauses. */
export function stillWorld(of: House, remaining = 60_000): World & { time: number; pauses: number[] } {
  const start = Date.parse("2026-01-01T00:00:02Z");
  const world = {
    time: start,
    pauses: [] as number[],
    now: () => world.time,
    random: () => 0.5,
    pause: async (ms: number) => {
      world.pauses.push(ms);
      world.time += ms;
    },
    takeCalls: () => of.calls.splice(0),
    remaining: () => remaining - (world.time - start),
    invocation: "invocation-1",
  };
  return world;
}

/** Takes an event through the pipeline, as the handler does. */
export const runOn = (
  guardrail: Remediator,
  event: GuardrailEvent,
  given: GuardrailConfig,
  world: World,
  ledger = emptyLedger(),
) =>
  runPipeline(
    guardrail,
    occasionOf(event),
    namedIn(guardrail.resources(event, given.settings)),
    given,
    world,
    ledger,
  );

/** An empty ledger. */
export const emptyLedger = () => createLedger(fakeTable().client, "ledger");
