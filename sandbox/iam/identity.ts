import { randomBytes } from "node:crypto";
import { GetRoleCommand, GetUserCommand, IAMClient } from "@aws-sdk/client-iam";
import { partitionOf } from "../../runtime/aws/partition";
import type { Account } from "../state/account";
import type { Authorizer } from "./authorize";
import { awsError, type Identity, type Place } from "../ground/call";
import type { Clock } from "../ground/clock";
import { defaultAccount } from "../ground/wire";

/** As an SDK takes them. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

export interface AssumeRequest {
  readonly roleArn: string;
  readonly session: string;
  /** Seconds; one hour unless said. */
  readonly duration?: number;
  /** Of keys that Lambda puts into a function's environment: that function. */
  readonly functionArn?: string;
}

/** Who holds which key: every key that the sandbox has issued, and nobody else's. */
export interface Identities {
  /** The account's root, unrestricted: what `npm run sandbox` prints for the user's own tools. */
  readonly bootstrap: Credentials;
  /** @throws InvalidClientTokenId for a key that was not issued here, ExpiredToken for an old one. */
  find(accessKeyId: string): Identity;
  /**
   * Keys of a role session, when the role's trust policy lets `by` assume it.
   * @throws AccessDenied, as AWS says it: also for a role that does not exist
   */
  assume(
    request: AssumeRequest & { readonly by: Identity | string },
  ): Promise<Credentials & { readonly identity: Identity }>;
  /** Keys that an AWS service gets for a role, e.g. Lambda for a function's. @throws AccessDenied without its trust */
  credentialsFor(request: AssumeRequest & { readonly service: string }): Promise<Credentials>;
  /** The same caller through a service on their behalf, e.g. autoscaling.amazonaws.com: records say invokedBy. */
  onBehalf(identity: Identity, service: string): Credentials;
  /** Knows an IAM user's access key from now on. */
  addUserKey(accessKeyId: string, userName: string, account: string): Promise<void>;
  removeKey(accessKeyId: string): void;
  /** Another key for the same caller (GetSessionToken). */
  session(identity: Identity, duration: number): Credentials;
  reset(): void;
}

export function createIdentities(options: {
  readonly account: Account;
  readonly clock: Clock;
  readonly mayAssume: Authorizer["mayAssume"];
}): Identities {
  const { account, clock, mayAssume } = options;
  const partition = partitionOf(account.region).id;
  const holders = new Map<string, { readonly identity: Identity; readonly expires: number }>();
  const bootstrap = { accessKeyId: "AKIAGUARDRAILSROOT00", secretAccessKey: "guardrails-sandbox-root" };
  const root: Identity = {
    kind: "root",
    account: defaultAccount,
    arn: `arn:${partition}:iam::${defaultAccount}:root`,
    principalId: defaultAccount,
    accessKeyId: bootstrap.accessKeyId,
    issuedAt: clock.now(),
  };

  const issue = (identity: Identity, duration: number): Credentials => {
    const accessKeyId = `ASIA${randomId(16)}`;
    const expires = clock.now() + duration * 1000;
    holders.set(accessKeyId, { identity: { ...identity, accessKeyId, issuedAt: clock.now() }, expires });
    return {
      accessKeyId,
      secretAccessKey: randomBytes(30).toString("base64"),
      sessionToken: randomBytes(60).toString("base64"),
      expiration: new Date(expires),
    };
  };

  const assume: Identities["assume"] = async ({ by, roleArn, session, duration = 3600, functionArn }) => {
    const role = await findRole(account, roleArn);
    const place: Place = { region: account.region, account: role?.account ?? defaultAccount };
    const decision = role
      ? await mayAssume({ by, roleArn: role.arn, place, time: clock.now() })
      : {
          allowed: false as const,
          reason: "because no resource-based policy allows the sts:AssumeRole action",
        };
    if (!role || !decision.allowed) throw refusal(by, roleArn, decision.allowed ? "" : decision.reason);
    const identity: Identity = {
      kind: "role",
      account: role.account,
      arn: `arn:${partition}:sts::${role.account}:assumed-role/${role.name}/${session}`,
      principalId: `${role.id}:${session}`,
      accessKeyId: "",
      role: { arn: role.arn, name: role.name, id: role.id, session },
      issuedAt: clock.now(),
      ...(functionArn === undefined ? {} : { functionArn }),
    };
    const credentials = issue(identity, duration);
    return { ...credentials, identity: { ...identity, accessKeyId: credentials.accessKeyId } };
  };

  return {
    bootstrap,
    find: accessKeyId => {
      if (accessKeyId === bootstrap.accessKeyId) return root;
      const holder = holders.get(accessKeyId);
      if (!holder)
        throw awsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403);
      if (holder.expires <= clock.now())
        throw awsError("ExpiredToken", "The security token included in the request is expired", 403);
      return holder.identity;
    },
    assume,
    credentialsFor: async ({ service, ...request }) => {
      const { accessKeyId, secretAccessKey, sessionToken, expiration } = await assume({
        ...request,
        by: service,
      });
      return { accessKeyId, secretAccessKey, sessionToken, expiration };
    },
    onBehalf: (identity, service) => issue({ ...identity, invokedBy: service }, 3600),
    session: (identity, duration) => issue(identity, duration),
    addUserKey: async (accessKeyId, userName, ofAccount) => {
      const iam = account.client(IAMClient, { account: ofAccount });
      const { User } = await iam.send(new GetUserCommand({ UserName: userName }));
      const identity: Identity = {
        kind: "user",
        account: ofAccount,
        arn: User?.Arn ?? `arn:${partition}:iam::${ofAccount}:user/${userName}`,
        principalId: userId(User?.UserId ?? userName),
        accessKeyId,
        userName,
        issuedAt: clock.now(),
      };
      holders.set(accessKeyId, { identity, expires: Infinity });
    },
    removeKey: accessKeyId => void holders.delete(accessKeyId),
    reset: () => holders.clear(),
  };
}

/** AWS's ids of users start with AIDA; the account's state makes up others. */
export const userId = (id: string): string =>
  id.startsWith("AIDA")
    ? id
    : `AIDA${id
        .toUpperCase()
        .replace(/[^A-Z0-9]/g, "")
        .padEnd(17, "0")
        .slice(0, 17)}`;

function randomId(length: number): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return Array.from(randomBytes(length), byte => letters[byte % 32]).join("");
}

async function findRole(account: Account, roleArn: string) {
  const parts = /^arn:aws[\w-]*:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(roleArn);
  const [, id, name] = parts ?? [];
  if (id === undefined || name === undefined) throw awsError("ValidationError", `${roleArn} is invalid`);
  const iam = account.client(IAMClient, { account: id });
  try {
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: name }));
    if (!Role?.Arn || !Role.RoleId || Role.Arn !== roleArn) return undefined;
    return { account: id, name, arn: Role.Arn, id: Role.RoleId };
  } catch (error) {
    if (error instanceof Error && error.name.startsWith("NoSuchEntity")) return undefined;
    throw error;
  }
}

function refusal(by: Identity | string, roleArn: string, reason: string) {
  if (typeof by === "string")
    return awsError("AccessDenied", `${by} is not authorized to assume ${roleArn}: ${reason}`, 403);
  return awsError(
    "AccessDenied",
    `User: ${by.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
    403,
  );
}
