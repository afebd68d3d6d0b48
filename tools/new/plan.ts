import { existsSync } from "node:fs";
import { join } from "node:path";
import { refusal } from "../../operations/refusals";
import { recordShapes, type JsonObject, type RecordShape } from "../../records";
import { imagine, makers, operationOf, operations, sdkOf } from "../event";

/** What kind of guardrail it becomes, as its proof says it. */
export const kinds = {
  writing: "looks at the account and puts right what is wrong",
  reading: "looks at the account and tells what is wrong",
  direct: "tells of the call itself, without a function",
} as const;
export type NewKind = keyof typeof kinds;

/** All that the templates need to know. */
export interface Plan {
  readonly id: string;
  /** camelCase of the id: the name of its export. */
  readonly name: string;
  readonly title: string;
  readonly kind: NewKind;
  readonly service: string;
  /** Of the SDK: the package, and its client's class. */
  readonly sdk: string;
  readonly client: string;
  readonly call: string;
  /** Its event as CloudTrail records it, the same call refused, another call, and the call by the function's own role. */
  readonly events: Readonly<Record<string, JsonObject>>;
  readonly names: {
    readonly acting: string;
    readonly refused: string;
    readonly other: string;
    readonly own?: string;
  };
  readonly source: string;
  readonly eventSource: string;
  readonly eventName: string;
}

export interface Wishes {
  readonly service: string;
  readonly call: string;
  readonly kind: string;
  readonly title: string;
  readonly request?: JsonObject;
}

const region = "eu-west-1";

/** @throws Refusal saying what is wrong with the wishes. */
export function planOf(id: string, wishes: Wishes): Plan {
  const { service, call, kind, title, request } = wishes;
  if (!Object.hasOwn(kinds, kind))
    throw refusal(`--kind is one of ${Object.keys(kinds).join(", ")}, not "${kind}"`);
  if (title.length > 60 || !/^[A-Z]/.test(title) || title.endsWith("."))
    throw refusal("--title begins with a verb and a capital, has at most 60 characters and no full stop");
  if (isGlobal(service))
    throw refusal(
      `${service} is a global service: EventBridge hears of its calls in us-east-1 only, and a stack hears its home region (components/regions.ts). No guardrail can listen to it yet`,
    );
  operationOf(service, call);
  const sdk = sdkOf(service);
  const base = { service, call, region };
  const acting = imagine({ ...base, request, by: makers.role() });
  const error = service === "ec2" ? "UnauthorizedOperation" : "AccessDenied";
  const sibling = siblingOf(service, call);
  const { detail, source } = acting as { detail: JsonObject; source: string };
  const eventName = String(detail.eventName);
  const other = imagine({ service, call: sibling, region }) as { detail: JsonObject };
  const names = {
    acting: `${eventName}-plain`,
    refused: `${eventName}-denied`,
    other: `${String(other.detail.eventName)}-plain`,
    ...(kind !== "direct" && { own: `${eventName}-by-own-role` }),
  };
  return {
    id,
    name: id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
    title,
    kind: kind as NewKind,
    service,
    sdk: sdk.name,
    client: Object.keys(sdk.exported).find(name => /^[A-Z]\w*Client$/.test(name)) ?? "",
    call,
    names,
    events: {
      [names.acting]: acting,
      [names.refused]: imagine({ ...base, request, error }),
      [names.other]: other,
      ...(names.own !== undefined && { [names.own]: imagine({ ...base, request, by: makers.own(id) }) }),
    },
    source,
    eventSource: String(detail.eventSource),
    eventName,
  };
}

/** Global services that the sandbox does not know, so that records/ says nothing of them. */
const unknownGlobals = ["cloudfront", "organizations", "route-53", "route53", "signin"];

const isGlobal = (service: string): boolean =>
  (recordShapes as Readonly<Record<string, RecordShape>>)[service]?.global ??
  unknownGlobals.includes(service);

/** @throws Refusal for an id that is no id, or is taken. */
export function checkId(root: string, id: string): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(id))
    throw refusal(
      `"${id}" is no id: the resource, then the state, in kebab-case, such as ebs-snapshot-public`,
    );
  for (const path of [`components/guardrails/${id}.ts`, `tests/guardrails/${id}`])
    if (existsSync(join(root, path))) throw refusal(`There is a guardrail ${id} already: ${path}`);
}

/** A writing call of the service about the same thing that this guardrail does not listen to. */
function siblingOf(service: string, call: string): string {
  const noun = (name: string) => name.replace(/^[A-Z][a-z0-9]+/, "");
  const known = [...operations(service).keys()].filter(
    name => name !== call && /^(Create|Delete|Put|Modify|Update|Reset|Remove|Tag|Attach|Detach)/.test(name),
  );
  return known.find(name => noun(name) === noun(call)) ?? known[0] ?? call;
}
