import { DescribeKeyCommand, KMSClient, ListAliasesCommand } from "@aws-sdk/client-kms";
import type { Account } from "../../state/account";
import { awsError, isAwsError, type Call, type Handler, type Handlers } from "../../ground/call";
import { parsePolicy } from "../../iam/policies";

/** Corrections of the account's state for KMS: key policies, keys in a state that cannot be used, and AWS's own keys. */
export function kmsHandlers(account: Account): Handlers {
  const usable: Handler = async ({ call, forward }) => {
    await checkEnabled(account, call);
    return forward();
  };
  return {
    CreateKey: createKey,
    DisableKey: byId,
    EnableKey: byId,
    ScheduleKeyDeletion: byId,
    CancelKeyDeletion: byId,
    PutKeyPolicy: withPolicy,
    DescribeKey: describeKey(account),
    ...Object.fromEntries(uses.map(name => [name, usable])),
  };
}

/** What is not said when a key is made: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html */
const createKey: Handler = ({ call, forward }) => {
  const { KeyUsage = "ENCRYPT_DECRYPT", KeySpec = "SYMMETRIC_DEFAULT" } = call.input;
  return withPolicy({ call, forward: () => forward({ ...call.input, KeyUsage, KeySpec }) });
};

/** The account's state knows keys by their ids alone here. */
const byId: Handler = ({ call, forward }) =>
  forward({ ...call.input, KeyId: String(call.input.KeyId).split("/").pop() });

const uses = ["Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "Sign", "GenerateMac"];

const withPolicy: Handler = ({ call, forward }) => {
  const { Policy } = call.input;
  if (Policy === undefined) return forward();
  try {
    parsePolicy(String(Policy), "resource");
  } catch (error) {
    if (isAwsError(error)) throw awsError("MalformedPolicyDocumentException", error.message);
    throw error;
  }
  return forward();
};

/** https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html */
async function checkEnabled(account: Account, call: Call): Promise<void> {
  const kms = account.client(KMSClient, call);
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: String(call.input.KeyId) }));
  if (KeyMetadata?.KeyState === "Disabled")
    throw awsError("DisabledException", `${KeyMetadata.Arn} is disabled.`);
  if (KeyMetadata?.KeyState !== "Enabled")
    throw awsError("KMSInvalidStateException", `${KeyMetadata?.Arn} is pending deletion.`);
}

/**
 * Another account's key is in that account's state; one of another region is in none that this endpoint has. Keys
 * behind aliases of AWS's own are AWS's to manage.
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
 */
const describeKey =
  (account: Account): Handler =>
  async ({ call, forward }) => {
    const [, , , region, owner] = String(call.input.KeyId).split(":");
    if (region !== undefined && region !== call.region)
      throw awsError("NotFoundException", `Invalid arn ${region}`);
    if (owner !== undefined && owner !== call.account) {
      const kms = account.client(KMSClient, { region: call.region, account: owner });
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: String(call.input.KeyId) }));
      return { output: { KeyMetadata } };
    }
    const answer = await forward();
    const metadata = answer.output.KeyMetadata as { KeyId?: string; KeyManager?: string } | undefined;
    const { Aliases = [] } = await account
      .client(KMSClient, call)
      .send(new ListAliasesCommand({ KeyId: metadata?.KeyId }));
    const isAwsManaged = Aliases.some(alias => alias.AliasName?.startsWith("alias/aws/"));
    return isAwsManaged ? { output: { KeyMetadata: { ...metadata, KeyManager: "AWS" } } } : answer;
  };
