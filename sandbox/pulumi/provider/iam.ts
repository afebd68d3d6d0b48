import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
  type Role,
} from "@aws-sdk/client-iam";
import { z } from "zod";
import type { Properties } from "../values";
import { orUnset, remembered, tagsOf, unlessGone, type Existing } from "./existing";
import { arn, json, nameOf, present, tagList, tags, wholeNumber } from "./inputs";
import { resourceType } from "./resource-type";

/** Limits: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const roleName = nameOf(/^[\w+=,.@-]+$/, 64);
const policyName = nameOf(/^[\w+=,.@-]+$/, 128);
const inlinePolicyLimit = 10_240;

/** IAM does not count white space. */
const sizeOf = (policy: string): number => policy.replace(/\s/g, "").length;

const role = resourceType({
  type: "aws:iam/role:Role",
  global: true,
  inputs: {
    name: roleName.optional(),
    path: z
      .string()
      .max(512)
      .regex(/^\/([\x21-\x7e]+\/)?$/, "expected a path that begins and ends with /")
      .optional(),
    assumeRolePolicy: json,
    description: z.string().max(1000, "expected at most 1000 characters").optional(),
    inlinePolicies: z.array(z.strictObject({ name: policyName, policy: json })).optional(),
    permissionsBoundary: arn.optional(),
    maxSessionDuration: wholeNumber(3600, 43_200).optional(),
    forceDetachPolicies: z.boolean().optional(),
    tags: tags.optional(),
  },
  check: ({ inlinePolicies = [] }) => {
    const size = inlinePolicies.reduce((sum, { policy }) => sum + sizeOf(policy), 0);
    return size > inlinePolicyLimit
      ? [`"inlinePolicies" are ${size} characters long together; IAM allows ${inlinePolicyLimit}`]
      : [];
  },
  create: async ({ inputs, client, autoName, tags }) => {
    const iam = client(IAMClient);
    const name = inputs.name ?? autoName;
    await iam.send(
      new CreateRoleCommand({
        RoleName: name,
        Path: inputs.path ?? "/",
        AssumeRolePolicyDocument: inputs.assumeRolePolicy,
        Description: inputs.description,
        PermissionsBoundary: inputs.permissionsBoundary,
        MaxSessionDuration: inputs.maxSessionDuration,
        Tags: tagList(tags),
      }),
    );
    for (const one of inputs.inlinePolicies ?? []) await putPolicy(client, name, one.name, one.policy);
    const { Role: found } = await iam.send(new GetRoleCommand({ RoleName: name }));
    return {
      id: name,
      outputs: {
        ...outputsOf(found),
        namePrefix: "",
        assumeRolePolicy: inputs.assumeRolePolicy,
        inlinePolicies: inputs.inlinePolicies ?? [],
        managedPolicyArns: [],
        forceDetachPolicies: inputs.forceDetachPolicies ?? false,
      },
    };
  },
  namedBy: "name",
  replaces: ["name", "path"],
  unordered: ["inlinePolicies"],
  defaults: { path: "/", maxSessionDuration: 3600, forceDetachPolicies: false },
  read: async ({ id, state, client }) => {
    const { Role: found } = await client(IAMClient).send(new GetRoleCommand({ RoleName: id }));
    return {
      ...outputsOf(found),
      assumeRolePolicy: decodeURIComponent(found?.AssumeRolePolicyDocument ?? ""),
      description: orUnset(found?.Description),
      permissionsBoundary: found?.PermissionsBoundary?.PermissionsBoundaryArn,
      inlinePolicies: await inlinePoliciesOf(id, inlineIn(state), client),
      tags: tagsOf(found?.Tags),
    };
  },
  updates: [
    {
      of: ["assumeRolePolicy"],
      by: ({ id, inputs, client }) =>
        client(IAMClient).send(
          new UpdateAssumeRolePolicyCommand({ RoleName: id, PolicyDocument: inputs.assumeRolePolicy }),
        ),
    },
    {
      of: ["description", "maxSessionDuration"],
      by: ({ id, inputs, client }) =>
        client(IAMClient).send(
          new UpdateRoleCommand({
            RoleName: id,
            Description: inputs.description ?? "",
            MaxSessionDuration: inputs.maxSessionDuration,
          }),
        ),
    },
    {
      of: ["permissionsBoundary"],
      by: ({ id: RoleName, inputs: { permissionsBoundary: PermissionsBoundary }, client }) =>
        PermissionsBoundary === undefined
          ? client(IAMClient).send(new DeleteRolePermissionsBoundaryCommand({ RoleName }))
          : client(IAMClient).send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary })),
    },
    {
      of: ["inlinePolicies"],
      by: async ({ id, state, inputs: { inlinePolicies: wanted = [] }, client }) => {
        for (const { name, policy } of wanted) await putPolicy(client, id, name, policy);
        for (const { name } of inlineIn(state))
          if (!wanted.some(one => one.name === name)) await deletePolicy(client, id, name);
      },
    },
    remembered("forceDetachPolicies"),
  ],
  tagging: ({ id: RoleName, client }) => ({
    add: tags => client(IAMClient).send(new TagRoleCommand({ RoleName, Tags: tagList(tags) })),
    drop: TagKeys => client(IAMClient).send(new UntagRoleCommand({ RoleName, TagKeys })),
  }),
  // AWS refuses to delete a role with policies: those that came with it go with it, all of them if it says so.
  remove: async ({ id, state, client }) => {
    if (state.forceDetachPolicies === true) await unlessGone(detachAll(client, id));
    for (const { name } of inlineIn(state)) await unlessGone(deletePolicy(client, id, name));
    await client(IAMClient).send(new DeleteRoleCommand({ RoleName: id }));
  },
});

const outputsOf = (found: Role | undefined) => ({
  name: found?.RoleName,
  arn: present(found?.Arn, "Role.Arn"),
  path: found?.Path,
  uniqueId: found?.RoleId,
  createDate: found?.CreateDate?.toISOString().replace(/\.\d+Z$/, "Z"),
  maxSessionDuration: found?.MaxSessionDuration ?? 3600,
});

interface InlinePolicy {
  readonly name: string;
  readonly policy: string;
}

const inlineIn = (state: Properties) => (state.inlinePolicies ?? []) as readonly InlinePolicy[];

/** Those that the role was given itself, as they are now: others are resources of their own. */
async function inlinePoliciesOf(
  role: string,
  known: readonly InlinePolicy[],
  client: Existing["client"],
): Promise<InlinePolicy[]> {
  const found = known.map(({ name }) => unlessGone(readPolicy(client, role, name)));
  return (await Promise.all(found)).filter(one => one !== undefined);
}

async function readPolicy(client: Existing["client"], role: string, name: string): Promise<InlinePolicy> {
  const { PolicyDocument = "" } = await client(IAMClient).send(
    new GetRolePolicyCommand({ RoleName: role, PolicyName: name }),
  );
  return { name, policy: decodeURIComponent(PolicyDocument) };
}

const putPolicy = (
  client: Existing["client"],
  RoleName: string,
  PolicyName: string,
  PolicyDocument: string,
) => client(IAMClient).send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));

const deletePolicy = (client: Existing["client"], RoleName: string, PolicyName: string) =>
  client(IAMClient).send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));

const rolePolicy = resourceType({
  type: "aws:iam/rolePolicy:RolePolicy",
  global: true,
  inputs: { name: policyName.optional(), policy: json, role: roleName },
  check: ({ policy }) =>
    sizeOf(policy) > inlinePolicyLimit
      ? [
          `"policy" is ${sizeOf(policy)} characters long; IAM allows ${inlinePolicyLimit} for all of a role's together`,
        ]
      : [],
  create: async ({ inputs, client, autoName }) => {
    const name = inputs.name ?? autoName;
    await putPolicy(client, inputs.role, name, inputs.policy);
    return { id: `${inputs.role}:${name}`, outputs: { name, namePrefix: "", policy: inputs.policy } };
  },
  namedBy: "name",
  replaces: ["name", "role"],
  read: async ({ id, client }) => {
    const [role, name] = id.split(":");
    return { role, ...(await readPolicy(client, role, name)) };
  },
  updates: [
    {
      of: ["policy"],
      by: ({ id, inputs, client }) => {
        const [role, name] = id.split(":");
        return putPolicy(client, role, name, inputs.policy);
      },
    },
  ],
  remove: ({ id, client }) => {
    const [role, name] = id.split(":");
    return deletePolicy(client, role, name);
  },
});

async function detachAll(client: Existing["client"], RoleName: string): Promise<void> {
  const iam = client(IAMClient);
  for await (const { AttachedPolicies = [] } of paginateListAttachedRolePolicies(
    { client: iam },
    { RoleName },
  ))
    for (const { PolicyArn } of AttachedPolicies)
      await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
  for await (const { PolicyNames = [] } of paginateListRolePolicies({ client: iam }, { RoleName }))
    for (const name of PolicyNames) await deletePolicy(client, RoleName, name);
}

export const iamTypes = [role, rolePolicy];
