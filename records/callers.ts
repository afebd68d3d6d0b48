import { secondsOf, type JsonObject } from "./json";

/** Who made a call: the account's root, a user, a role session, or an AWS service of its own accord. */
export interface Caller {
  readonly kind: "root" | "user" | "role" | "service";
  readonly account: string;
  /** As GetCallerIdentity says it, e.g. arn:aws:sts::123456789012:assumed-role/name/session. */
  readonly arn: string;
  /** e.g. AROA…:session, AIDA…, the account id for root. */
  readonly principalId: string;
  readonly accessKeyId: string;
  /** Roles: the IAM role's ARN with its path, its name and unique id, and the session's name. */
  readonly role?: {
    readonly arn: string;
    readonly name: string;
    readonly id: string;
    readonly session: string;
  };
  /** Users: the IAM user's name. */
  readonly userName?: string;
  /** A service that calls on the caller's behalf, or by itself, e.g. autoscaling.amazonaws.com. */
  readonly invokedBy?: string;
  /** Epoch milliseconds: since when the credentials are valid. */
  readonly issuedAt: number;
}

/** Callers with made-up keys and ids, the same for the same names: for events that nobody really sent. */
export const callers = {
  root: (account: string): Caller => ({
    kind: "root",
    account,
    arn: `arn:aws:iam::${account}:root`,
    principalId: account,
    accessKeyId: "",
    issuedAt: 0,
  }),
  user: (account: string, name: string): Caller => ({
    kind: "user",
    account,
    arn: `arn:aws:iam::${account}:user/${name}`,
    principalId: madeUp("AIDA", name),
    accessKeyId: madeUp("AKIA", name),
    userName: name,
    issuedAt: 0,
  }),
  /** `name` may have a path before it: people/dev. */
  role: (account: string, name: string, session: string, issuedAt = 0): Caller => {
    const plain = name.split("/").pop() ?? name;
    const id = madeUp("AROA", plain);
    return {
      kind: "role",
      account,
      arn: `arn:aws:sts::${account}:assumed-role/${plain}/${session}`,
      principalId: `${id}:${session}`,
      accessKeyId: madeUp("ASIA", plain),
      role: { arn: `arn:aws:iam::${account}:role/${name}`, name: plain, id, session },
      issuedAt,
    };
  },
  /** A service of its own accord, which has no identity in the account. */
  service: (account: string, service: string): Caller => ({
    kind: "service",
    account,
    arn: service,
    principalId: service,
    accessKeyId: "",
    invokedBy: service,
    issuedAt: 0,
  }),
  /** A service through its service-linked role, e.g. ("autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling"). */
  serviceLinked: (account: string, service: string, role: string, issuedAt = 0): Caller => ({
    ...callers.role(account, `aws-service-role/${service}/${role}`, service.split(".")[0] ?? "", issuedAt),
    invokedBy: service,
  }),
};

/** 20 capitals and digits, as ids and keys have them. */
const madeUp = (prefix: string, name: string): string =>
  prefix +
  name
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, "")
    .padEnd(16, "0")
    .slice(0, 16);

/** A record's `userIdentity`. */
export function userIdentity(caller: Caller): JsonObject {
  const { account, accessKeyId, arn, principalId, role } = caller;
  const invokedBy: JsonObject = caller.invokedBy === undefined ? {} : { invokedBy: caller.invokedBy };
  const common = { principalId, arn, accountId: account, accessKeyId };
  if (caller.kind === "service") return { type: "AWSService", invokedBy: caller.invokedBy ?? caller.arn };
  if (caller.kind === "user")
    return { type: "IAMUser", ...common, userName: caller.userName ?? "", ...invokedBy };
  if (caller.kind === "root" || !role) return { type: "Root", ...common, ...invokedBy };
  return {
    type: "AssumedRole",
    ...common,
    sessionContext: {
      sessionIssuer: {
        type: "Role",
        principalId: role.id,
        arn: role.arn,
        accountId: account,
        userName: role.name,
      },
      webIdFederationData: {},
      attributes: { creationDate: secondsOf(caller.issuedAt), mfaAuthenticated: "false" },
    },
    ...invokedBy,
  };
}
