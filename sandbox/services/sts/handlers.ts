import { awsError, type Call, type Handler, type Handlers } from "../../ground/call";
import type { Credentials, Identities } from "../../iam/identity";

/** Who the caller is and whom they may become: the sandbox's own keys, since the account's state trusts every key. */
export function stsHandlers(identities: Identities): Handlers {
  return {
    GetCallerIdentity: ({ call }) =>
      Promise.resolve({
        output: { UserId: call.identity.principalId, Account: call.identity.account, Arn: call.identity.arn },
      }),
    GetAccessKeyInfo: ({ call }) =>
      Promise.resolve({ output: { Account: identities.find(String(call.input.AccessKeyId)).account } }),
    GetSessionToken: ({ call }) => {
      const duration = Number(call.input.DurationSeconds ?? 43_200);
      return Promise.resolve({
        output: { Credentials: wireCredentials(identities.session(call.identity, duration)) },
      });
    },
    AssumeRole: assumeRole(identities),
  };
}

const assumeRole =
  (identities: Identities): Handler =>
  async ({ call }) => {
    refuseUnsupported(call);
    const { RoleArn, RoleSessionName, DurationSeconds } = call.input as {
      RoleArn: string;
      RoleSessionName: string;
      DurationSeconds?: number;
    };
    if (!/^[\w+=,.@-]{2,64}$/.test(RoleSessionName))
      throw awsError(
        "ValidationError",
        `Value '${RoleSessionName}' at 'roleSessionName' failed to satisfy constraint`,
      );
    const { identity, ...credentials } = await identities.assume({
      by: call.identity,
      roleArn: RoleArn,
      session: RoleSessionName,
      duration: DurationSeconds,
    });
    return {
      output: {
        Credentials: wireCredentials(credentials),
        AssumedRoleUser: { AssumedRoleId: identity.principalId, Arn: identity.arn },
      },
    };
  };

/** A session policy would narrow what the keys may do: ignoring it would let calls pass that AWS refuses. */
function refuseUnsupported(call: Call): void {
  for (const member of ["Policy", "PolicyArns"])
    if (call.input[member] !== undefined)
      throw awsError("NotImplemented", `The sandbox does not implement session policies (${member})`, 501);
}

const wireCredentials = (given: Credentials) => ({
  AccessKeyId: given.accessKeyId,
  SecretAccessKey: given.secretAccessKey,
  SessionToken: given.sessionToken,
  Expiration: given.expiration,
});
