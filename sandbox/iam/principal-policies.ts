import * as iam from "@aws-sdk/client-iam";
import type { PrincipalPolicies } from "./authorize";
import type { Identity } from "../ground/call";
import { parsePolicy, type PolicyDocument } from "./policies";
import { absent, tagsOf } from "../state/stored";

/** All policies of a role session or a user: inline, attached and of their groups, and the boundary. */
export async function readPrincipal(client: iam.IAMClient, identity: Identity): Promise<PrincipalPolicies> {
  if (identity.kind === "role" && identity.role) return readRole(client, identity.role.name);
  if (identity.kind === "user" && identity.userName !== undefined) return readUser(client, identity.userName);
  return { policies: [], tags: {} };
}

async function readRole(client: iam.IAMClient, RoleName: string): Promise<PrincipalPolicies> {
  const found = await absent(client.send(new iam.GetRoleCommand({ RoleName })));
  if (!found?.Role) return { policies: [], tags: {} };
  const { PolicyNames = [] } = await client.send(new iam.ListRolePoliciesCommand({ RoleName }));
  const inline = PolicyNames.map(async PolicyName => {
    const { PolicyDocument } = await client.send(new iam.GetRolePolicyCommand({ RoleName, PolicyName }));
    return parsePolicy(PolicyDocument ?? "");
  });
  const { AttachedPolicies = [] } = await client.send(new iam.ListAttachedRolePoliciesCommand({ RoleName }));
  return gather(client, inline, AttachedPolicies, found.Role);
}

async function readUser(client: iam.IAMClient, UserName: string): Promise<PrincipalPolicies> {
  const found = await absent(client.send(new iam.GetUserCommand({ UserName })));
  if (!found?.User) return { policies: [], tags: {} };
  const { PolicyNames = [] } = await client.send(new iam.ListUserPoliciesCommand({ UserName }));
  const inline = PolicyNames.map(async PolicyName => {
    const { PolicyDocument } = await client.send(new iam.GetUserPolicyCommand({ UserName, PolicyName }));
    return parsePolicy(PolicyDocument ?? "");
  });
  const { AttachedPolicies = [] } = await client.send(new iam.ListAttachedUserPoliciesCommand({ UserName }));
  const { Groups = [] } = await client.send(new iam.ListGroupsForUserCommand({ UserName }));
  for (const { GroupName } of Groups) {
    const { PolicyNames: names = [] } = await client.send(new iam.ListGroupPoliciesCommand({ GroupName }));
    for (const PolicyName of names)
      inline.push(
        client
          .send(new iam.GetGroupPolicyCommand({ GroupName, PolicyName }))
          .then(({ PolicyDocument }) => parsePolicy(PolicyDocument ?? "")),
      );
    const attached = await client.send(new iam.ListAttachedGroupPoliciesCommand({ GroupName }));
    AttachedPolicies.push(...(attached.AttachedPolicies ?? []));
  }
  return gather(client, inline, AttachedPolicies, found.User);
}

async function gather(
  client: iam.IAMClient,
  inline: Promise<PolicyDocument>[],
  attached: readonly iam.AttachedPolicy[],
  owner: iam.Role | iam.User,
): Promise<PrincipalPolicies> {
  const boundaryArn = owner.PermissionsBoundary?.PermissionsBoundaryArn;
  const policies = await Promise.all([
    ...inline,
    ...attached.map(({ PolicyArn }) => readManaged(client, PolicyArn ?? "")),
  ]);
  const tags = tagsOf(owner.Tags);
  return boundaryArn
    ? { policies, tags, boundary: await readManaged(client, boundaryArn) }
    : { policies, tags };
}

async function readManaged(client: iam.IAMClient, PolicyArn: string): Promise<PolicyDocument> {
  const { Policy } = await client.send(new iam.GetPolicyCommand({ PolicyArn }));
  const version = new iam.GetPolicyVersionCommand({ PolicyArn, VersionId: Policy?.DefaultVersionId });
  const { PolicyVersion } = await client.send(version);
  // Attached by ARN, and deleting an attached policy is refused: it is there.
  return parsePolicy(PolicyVersion?.Document ?? "");
}
