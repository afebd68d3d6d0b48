import { optionalKeys, requiredKeys } from "../../runtime/exemptions";
import { modes } from "../../runtime/modes";

/** A setting of a stack, for its reader and for the table of docs/settings.md. */
export interface Setting<Key extends string = string> {
  readonly key: Key;
  readonly type: string;
  readonly default: string;
  readonly description: string;
  /** Names that it once had, under which it is still read, with a warning. */
  readonly formerly?: readonly string[];
}

const people = "list of ARNs, { permissionSet: Name } or { role: /path/name }";

/** Every setting of a stack. */
export const stackKeys = [
  {
    key: "recipients",
    type: "list of e-mail addresses, or one comma-separated string",
    default: "none: required",
    description: "Who gets every notice by e-mail. Each address confirms its subscription once.",
  },
  {
    key: "adminSecurityGroupId",
    type: "security group id, map of VPC id → security group id, or { tag: { Key: value } }",
    default: "none: required by guardrails that attach it",
    description:
      "The administrators' security group: one group, one per VPC, or looked up by its tags in the instance's VPC.",
  },
  {
    key: "guardrails",
    type: "map of id → mode or { mode, managed, budget, …settings }, or list of ids",
    default: "the default pack, in notify",
    description: `A map is laid over the default pack, and \`off\` disables; a list is exact, each in notify. Modes: ${modes.join(", ")}.`,
  },
  {
    key: "permissionsBoundary",
    type: "ARN of an IAM policy",
    default: "none",
    description:
      "Permissions boundary of every role that the stack creates; `guardrails boundary` prints the least one.",
  },
  {
    key: "operators",
    type: people,
    default: "none",
    description: "Who may undo, hold and pause, with credentials of their own.",
  },
  {
    key: "deployers",
    type: people,
    default: "whoever IAM lets",
    description:
      "Who runs `pulumi up` of this stack. Where it is set, nobody else may weaken the ledger's table, and `pulumi up` of anybody else fails.",
  },
  {
    key: "controllers",
    type: people,
    default: "none",
    description:
      "Who puts their own resources back, such as a cluster's controller: what they break is told and not written. An empty list is an answer.",
  },
  {
    key: "expected",
    type: people,
    default: "none",
    description:
      "Who does ordinary work, such as a pipeline: what they break below severity `high` waits for the next digest.",
  },
  {
    key: "trusted",
    type: "{ organization: o-…, accounts: list of account numbers }, either or both",
    default: "the stack's own account",
    description: "Whom guardrails that judge who is foreign do not call so.",
  },
  {
    key: "ledger",
    type: "`create` or `adopt`",
    default: "`create`",
    description:
      "Whether the ledger's table and the log group of the audit lines are made anew, or those that an earlier stack of the same name left behind are taken over.",
  },
  {
    key: "metrics",
    type: "`stack` or `guardrail`",
    default: "`stack`",
    description: "Whether metrics are sent for the stack alone, or for each guardrail too, which costs more.",
  },
  {
    key: "dashboard",
    type: "`true` or `false`",
    default: "`false`",
    description: "Whether the stack has a dashboard in CloudWatch.",
  },
  {
    key: "exemptions",
    type: `list of { ${requiredKeys.join(", ")} } with optional ${optionalKeys.join(", ")}`,
    default: "none",
    description:
      "Findings to leave alone. `resource` and `principal` are ARNs in which `*` and `?` stay within one part; `expires` is the last day (UTC) on which it holds, at most a year ahead; `account` is quoted.",
  },
] as const satisfies readonly Setting[];

export type StackKey = (typeof stackKeys)[number]["key"];
