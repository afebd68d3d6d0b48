import { lowerFirst, type Given, type Json, type JsonObject } from "./json";
import type { Schema } from "./schema";

/** Lists whose name in records does not follow from their member: name, and the key of an item that is no structure. */
const lists: Readonly<Record<string, readonly [name: string, item?: string]>> = {
  InstanceIds: ["instancesSet", "instanceId"],
  SecurityGroupIds: ["groupSet", "groupId"],
  SecurityGroups: ["groupSet", "groupName"],
  Groups: ["groupSet", "groupId"],
  Resources: ["resourcesSet", "resourceId"],
  Tags: ["tagSet"],
  NetworkInterfaces: ["networkInterfaceSet"],
  BlockDeviceMappings: ["blockDeviceMapping"],
  PrivateIpAddresses: ["privateIpAddressesSet"],
  SecurityGroupRuleIds: ["securityGroupRuleIdSet", "securityGroupRuleId"],
  TagSpecifications: ["tagSpecificationSet"],
  IpPermissions: ["ipPermissions"],
  UserIdGroupPairs: ["groups"],
  IpRanges: ["ipRanges"],
  Ipv6Ranges: ["ipv6Ranges"],
  PrefixListIds: ["prefixListIds"],
};

const items = (list: readonly Json[]): JsonObject => (list.length === 0 ? {} : { items: [...list] });

/** A request as most of EC2's records have it: members lower-cased, lists as `{items}`, an empty one as `{}`. */
export function ec2Request(operation: string, schema: Schema, input: Given): JsonObject {
  const { DryRun: _, ...given } = input;
  const body = schema.isUnitSchema() ? {} : members(schema, given);
  const change = requests[operation];
  return change ? change(body, given) : body;
}

function members(schema: Schema, given: Given): JsonObject {
  const body: JsonObject = {};
  for (const [member, memberSchema] of schema.structIterator()) {
    const value = given[member];
    if (value === undefined || value === null) continue;
    if (Array.isArray(value)) {
      const [name, item] = lists[member] ?? [
        `${lowerFirst(member)}Set`,
        lowerFirst(member).replace(/s$/, ""),
      ];
      body[name] = items(value.map(one => listItem(memberSchema.getValueSchema(), one, member, item)));
    } else body[lowerFirst(member)] = convert(memberSchema, value);
  }
  return body;
}

function listItem(schema: Schema, one: unknown, member: string, key: string | undefined): Json {
  if (!schema.isStructSchema()) return key === undefined ? (one as Json) : { [key]: one as Json };
  const given = one as Given;
  if (member === "TagSpecifications") {
    const { ResourceType, Tags = [] } = given as { ResourceType?: string; Tags?: Given[] };
    const tags = Tags.map(tag => ({ key: tag.Key as Json, value: (tag.Value ?? "") as Json }));
    return { resourceType: ResourceType ?? "", tags };
  }
  const body = members(schema, given);
  return member === "IpPermissions"
    ? { groups: {}, ipRanges: {}, ipv6Ranges: {}, prefixListIds: {}, ...body }
    : body;
}

function convert(schema: Schema, value: unknown): Json {
  if (value instanceof Date) return value.getTime();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (schema.getMergedTraits().sensitive) return "<sensitiveDataRemoved>";
  return schema.isStructSchema() ? members(schema, value as Given) : (value as Json);
}

type Change = (body: JsonObject, given: Given) => JsonObject;

const renamed = (body: JsonObject, from: string, to: string): JsonObject => {
  const { [from]: value, ...rest } = body;
  return value === undefined ? body : { ...rest, [to]: value };
};

const permissionsAtLeast: Change = body => ({ ipPermissions: {}, ...body });

/** Calls whose records differ from their input in more than spelling. */
const requests: Readonly<Record<string, Change>> = {
  RunInstances: runInstances,
  CreateSecurityGroup: body => renamed(body, "description", "groupDescription"),
  AuthorizeSecurityGroupIngress: permissionsAtLeast,
  AuthorizeSecurityGroupEgress: permissionsAtLeast,
  RevokeSecurityGroupIngress: permissionsAtLeast,
  RevokeSecurityGroupEgress: permissionsAtLeast,
  StopInstances: body => ({ force: false, ...body }),
  CreateVpc: body => ({ instanceTenancy: "default", amazonProvidedIpv6CidrBlock: false, ...body }),
  CreateVolume: body => {
    const zoned = renamed(body, "availabilityZone", "zone");
    return zoned.size === undefined ? zoned : { ...zoned, size: String(zoned.size) };
  },
  ModifySnapshotAttribute: (body, given) =>
    permission(body, given, "createVolumePermission", "CREATE_VOLUME_PERMISSION"),
  ModifyImageAttribute: (body, given) => permission(body, given, "launchPermission", "launchPermission"),
};

function runInstances(body: JsonObject): JsonObject {
  const { imageId, minCount, maxCount, keyName, ...rest } = body;
  const asked = { imageId, keyName, minCount, maxCount };
  const present = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  return {
    blockDeviceMapping: {},
    monitoring: { enabled: false },
    disableApiTermination: false,
    disableApiStop: false,
    ...rest,
    instancesSet: { items: [present as JsonObject] },
  };
}

/** Both input forms (a permission structure, or attribute with operation and ids) are recorded alike. */
function permission(body: JsonObject, given: Given, name: string, attributeType: string): JsonObject {
  const id: JsonObject =
    body.snapshotId === undefined ? { imageId: body.imageId ?? null } : { snapshotId: body.snapshotId };
  const Name = name.charAt(0).toUpperCase() + name.slice(1);
  const structured = given[Name] as { Add?: Given[]; Remove?: Given[] } | undefined;
  const spelled = (list: Given[] = []) =>
    list.map(one =>
      Object.fromEntries(Object.entries(one).map(([key, value]) => [lowerFirst(key), value as Json])),
    );
  const flat = [
    ...((given.UserIds as string[] | undefined) ?? []).map(userId => ({ userId })),
    ...(((given.GroupNames ?? given.UserGroups) as string[] | undefined) ?? []).map(group => ({ group })),
  ];
  const add = [...spelled(structured?.Add), ...(given.OperationType === "add" ? flat : [])];
  const remove = [...spelled(structured?.Remove), ...(given.OperationType === "remove" ? flat : [])];
  if (add.length + remove.length === 0) return body;
  const change = {
    ...(add.length > 0 && { add: items(add) }),
    ...(remove.length > 0 && { remove: items(remove) }),
  };
  return { ...id, attributeType, [name]: change as JsonObject };
}

/** An answer: the XML's own names, lists as `{items}`, `<return>` as `_return`, times in epoch milliseconds. */
export function ec2Response(operation: string, schema: Schema, output: Given, requestId: string): JsonObject {
  const said: JsonObject =
    schema.isUnitSchema() || operation === "CreateSecurityGroup" ? { _return: true } : {};
  return { requestId, ...said, ...(schema.isUnitSchema() ? {} : answer(schema, output)) };
}

function answer(schema: Schema, given: Given): JsonObject {
  const body: JsonObject = {};
  for (const [member, memberSchema] of schema.structIterator()) {
    const value = given[member];
    if (value === undefined || value === null) continue;
    const name = memberSchema.getMergedTraits().xmlName ?? lowerFirst(member);
    body[name === "return" ? "_return" : name] = answerValue(memberSchema, value, name);
  }
  return body;
}

function answerValue(schema: Schema, value: unknown, name: string): Json {
  if (schema.isListSchema()) {
    const list = (value as unknown[]).map(one => answerValue(schema.getValueSchema(), one, name));
    // The one list that records spell with a singular key.
    return name === "privateIpAddressesSet" && list.length > 0 ? { item: list } : items(list);
  }
  if (schema.isStructSchema()) return answer(schema, value as Given);
  if (value instanceof Date) return value.getTime();
  if (name === "size" || name === "volumeSize") return String(value as number); // the numbers that records quote
  return schema.getMergedTraits().sensitive || name === "keyMaterial"
    ? "<sensitiveDataRemoved>"
    : (value as Json);
}
