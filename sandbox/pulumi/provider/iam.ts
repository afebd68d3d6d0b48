import { CreateRoleCommand, GetRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { z } from "zod";
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
    for (const { name: PolicyName, policy } of inputs.inlinePolicies ?? [])
      await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName, PolicyDocument: policy }));
    const { Role: found } = await iam.send(new GetRoleCommand({ RoleName: name }));
    return {
      id: name,
      outputs: {
        name,
        namePrefix: "",
        arn: present(found?.Arn, "Role.Arn"),
        path: found?.Path,
        uniqueId: found?.RoleId,
        createDate: found?.CreateDate?.toISOString().replace(/\.\d+Z$/, "Z"),
        assumeRolePolicy: inputs.assumeRolePolicy,
        inlinePolicies: inputs.inlinePolicies ?? [],
        managedPolicyArns: [],
        maxSessionDuration: found?.MaxSessionDuration ?? 3600,
        forceDetachPolicies: inputs.forceDetachPolicies ?? false,
      },
    };
  },
});

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
    await client(IAMClient).send(
      new PutRolePolicyCommand({ RoleName: inputs.role, PolicyName: name, PolicyDocument: inputs.policy }),
    );
    return { id: `${inputs.role}:${name}`, outputs: { name, namePrefix: "", policy: inputs.policy } };
  },
});

export const iamTypes = [role, rolePolicy];
