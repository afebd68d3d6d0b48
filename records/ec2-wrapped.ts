import { typed, type Given, type Json, type JsonObject } from "./json";
import type { Schema } from "./schema";

/** Newer EC2 calls are recorded under `<Operation>Request` and `<Operation>Response`, as their XML reads. */
const wrapped: ReadonlySet<string> = new Set([
  "CreateFlowLogs",
  "DeleteFlowLogs",
  "CreateLaunchTemplate",
  "CreateLaunchTemplateVersion",
  "ModifyLaunchTemplate",
  "DeleteLaunchTemplate",
  "CreateNatGateway",
  "DeleteNatGateway",
  "CreateFleet",
  "ModifyFleet",
  "CreateCapacityReservation",
  "CancelCapacityReservation",
  "CreateTrafficMirrorTarget",
  "CreateTrafficMirrorFilter",
  "CreateTrafficMirrorSession",
  "EnableSerialConsoleAccess",
  "DisableSerialConsoleAccess",
  "CreateDefaultVpc",
  "CreateDefaultSubnet",
  "ModifySecurityGroupRules",
  "EnableEbsEncryptionByDefault",
  "DisableEbsEncryptionByDefault",
  "ModifyInstanceMetadataOptions",
  "ModifyInstanceMetadataDefaults",
  "CreateManagedPrefixList",
  "ModifyManagedPrefixList",
  "DeleteManagedPrefixList",
  "CreateSnapshots",
  "EnableImageBlockPublicAccess",
  "DisableImageBlockPublicAccess",
  "EnableSnapshotBlockPublicAccess",
  "DisableSnapshotBlockPublicAccess",
]);

export const isWrapped = (operation: string): boolean => wrapped.has(operation);

export function wrappedRequest(operation: string, schema: Schema, input: Given): JsonObject {
  const { DryRun: _, ...given } = input;
  const body = schema.isUnitSchema() ? {} : members(schema, given, requestName, requestList);
  return { [`${operation}Request`]: Object.keys(body).length === 0 ? "" : body };
}

export function wrappedResponse(
  operation: string,
  schema: Schema,
  output: Given,
  requestId: string,
): JsonObject {
  const body = schema.isUnitSchema() ? { return: true } : members(schema, output, responseName, responseList);
  return {
    [`${operation}Response`]: { xmlns: "http://ec2.amazonaws.com/doc/2016-11-15/", requestId, ...body },
  };
}

type NameOf = (schema: Schema, member: string) => string;
type ListOf = (list: Json[]) => Json;

const requestName: NameOf = (schema, member) => {
  const { ec2QueryName, xmlName } = schema.getMergedTraits() as { ec2QueryName?: string; xmlName?: string };
  const name = ec2QueryName ?? xmlName ?? member;
  return name.charAt(0).toUpperCase() + name.slice(1);
};
const responseName: NameOf = (schema, member) => schema.getMergedTraits().xmlName ?? member;

/** Items are numbered; one alone stands without a list, and a text becomes `{tag, content}`. */
const requestList: ListOf = list => {
  const tagged = list.map((item, index) => ({
    tag: index + 1,
    ...(typeof item === "object" && item !== null && !Array.isArray(item) ? item : { content: item }),
  }));
  return (tagged.length === 1 ? (tagged[0] ?? "") : tagged) as Json;
};
const responseList: ListOf = list =>
  list.length === 0 ? "" : { item: list.length === 1 ? (list[0] ?? "") : list };

function members(schema: Schema, given: Given, nameOf: NameOf, listOf: ListOf): JsonObject {
  const body: JsonObject = {};
  for (const [member, memberSchema] of schema.structIterator()) {
    const value = given[member];
    if (value === undefined || value === null) continue;
    body[nameOf(memberSchema, member)] = convert(memberSchema, value, nameOf, listOf);
  }
  return body;
}

function convert(schema: Schema, value: unknown, nameOf: NameOf, listOf: ListOf): Json {
  if (schema.isListSchema())
    return listOf((value as unknown[]).map(one => convert(schema.getValueSchema(), one, nameOf, listOf)));
  if (schema.isStructSchema()) return members(schema, value as Given, nameOf, listOf);
  if (value instanceof Date) return value.toISOString();
  return typeof value === "string" ? typed(value) : (value as Json);
}
