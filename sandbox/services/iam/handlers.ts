import { GetPolicyCommand, IAMClient, ListAccessKeysCommand } from "@aws-sdk/client-iam";
import type { Account } from "../../state/account";
import {
  awsError,
  isAwsError,
  type Answer,
  type Call,
  type Exchange,
  type Handler,
  type Handlers,
} from "../../ground/call";
import type { Identities } from "../../iam/identity";
import { parsePolicy, type PolicyKind } from "../../iam/policies";
import { absent } from "../../state/stored";

/** Corrections of the account's state for IAM, and the users' keys that the gateway must know. */
export function iamHandlers(account: Account, identities: Identities): Handlers {
  const userOf = (call: Call): string | undefined =>
    typeof call.input.UserName === "string" ? call.input.UserName : call.identity.userName;

  const createKey: Handler = async ({ call, forward }) => {
    const UserName = userOf(call);
    if (UserName === undefined)
      throw awsError("NotImplemented", "The sandbox does not implement access keys of the root user", 501);
    const answer = await forward({ ...call.input, UserName });
    const { AccessKeyId } = answer.output.AccessKey as { AccessKeyId: string };
    await identities.addUserKey(AccessKeyId, UserName, call.account);
    return answer;
  };

  const updateKey: Handler = async ({ call, forward }) => {
    const { AccessKeyId, Status } = call.input as { AccessKeyId: string; Status: string };
    const UserName = userOf(call);
    const answer = await forward({ ...call.input, UserName });
    identities.removeKey(AccessKeyId);
    if (Status === "Active" && UserName !== undefined)
      await identities.addUserKey(AccessKeyId, UserName, call.account);
    return answer;
  };

  const deleteKey: Handler = async ({ call, forward }) => {
    const answer = await forward({ ...call.input, UserName: userOf(call) });
    identities.removeKey(String(call.input.AccessKeyId));
    return answer;
  };

  return {
    CreateAccessKey: createKey,
    UpdateAccessKey: updateKey,
    DeleteAccessKey: deleteKey,
    DeleteUser: deleteUser(account),
    ...Object.fromEntries(documents.map(([name, member, kind]) => [name, withPolicy(member, kind)])),
    CreateRole: exchange =>
      withinBoundary(account, exchange, withPolicy("AssumeRolePolicyDocument", "trust")),
    PutRolePermissionsBoundary: exchange => withinBoundary(account, exchange, ({ forward }) => forward()),
  };
}

const deleteUser =
  (account: Account): Handler =>
  async ({ call, forward }) => {
    const { UserName } = call.input as { UserName?: string };
    const iam = account.client(IAMClient, call);
    const keys = await iam.send(new ListAccessKeysCommand({ UserName })).catch((error: Error) => {
      if (error.name.startsWith("NoSuchEntity")) return undefined; // the state says so itself
      throw error;
    });
    if (keys?.AccessKeyMetadata?.length)
      throw awsError("DeleteConflict", "Cannot delete entity, must delete access keys first.", 409);
    return forward();
  };

/** Calls that bring a policy, which must be one: what is stored here decides later calls. */
const documents: readonly (readonly [operation: string, member: string, kind: PolicyKind])[] = [
  ["UpdateAssumeRolePolicy", "PolicyDocument", "trust"],
  ["PutRolePolicy", "PolicyDocument", "identity"],
  ["PutUserPolicy", "PolicyDocument", "identity"],
  ["PutGroupPolicy", "PolicyDocument", "identity"],
  ["CreatePolicy", "PolicyDocument", "identity"],
  ["CreatePolicyVersion", "PolicyDocument", "identity"],
];

const withPolicy =
  (member: string, kind: PolicyKind): Handler =>
  ({ call, forward }) => {
    try {
      parsePolicy(String(call.input[member] ?? ""), kind);
    } catch (error) {
      if (isAwsError(error)) throw awsError("MalformedPolicyDocument", error.message);
      throw error;
    }
    return forward();
  };

/** Serves a call if the permissions boundary that it names, if any, is there. */
async function withinBoundary(account: Account, exchange: Exchange, serve: Handler): Promise<Answer> {
  const { call } = exchange;
  const { PermissionsBoundary: PolicyArn } = call.input as { PermissionsBoundary?: string };
  if (PolicyArn !== undefined) {
    const iam = account.client(IAMClient, call);
    if ((await absent(iam.send(new GetPolicyCommand({ PolicyArn })))) === undefined)
      throw awsError("NoSuchEntity", `Scope ARN: ${PolicyArn} does not exist or is not attachable.`, 404);
  }
  return serve(exchange);
}
