import type { Exemption } from "../../runtime/exemptions";
import type { AdminSecurityGroup, Definition } from "../definition";
import {
  closest,
  didYouMean,
  mistakesInWords,
  moveValue,
  removeValue,
  type Mistake,
  type Report,
} from "./mistakes";
import { readExemptions } from "./exemptions";
import { readGuardrails, type EnabledGuardrail } from "./guardrails";
import {
  readAdminSecurityGroup,
  readLedger,
  readOperators,
  readPermissionsBoundary,
  readRecipients,
} from "./stack";

/** Everything that a stack's config says, checked. */
export interface Settings {
  /** E-mail addresses that every notice goes to. */
  readonly recipients: readonly string[];
  readonly adminSecurityGroupId?: AdminSecurityGroup;
  /** ARN of the IAM policy that bounds every role of the stack. */
  readonly permissionsBoundary?: string;
  /** ARNs of the IAM roles and users that may undo, hold and pause. */
  readonly operators: readonly string[];
  /** Whether the ledger's table is made, or one of its name that is already there becomes the stack's. */
  readonly ledger: "create" | "adopt";
  /** All of them, whether their guardrail is enabled or not; each enabled guardrail has its own. */
  readonly exemptions: readonly Exemption[];
  /** What `pulumi up` should say without failing, a sentence each: exemptions that have ended or soon will. */
  readonly warnings: readonly string[];
  /** In the catalogue's order. */
  readonly guardrails: readonly EnabledGuardrail[];
}

/** The settings of a stack, for the reader above and the table of docs/settings.md. */
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
    description:
      "A map is laid over the default pack, and `off` disables; a list is exact, each in notify. Modes: observe, notify, enforce.",
  },
  {
    key: "permissionsBoundary",
    type: "ARN of an IAM policy",
    default: "none",
    description: "Permissions boundary of every role that the stack creates.",
  },
  {
    key: "operators",
    type: "list of ARNs of IAM roles or users",
    default: "none",
    description:
      "Who may undo, hold and pause, with credentials of their own: exact ARNs, a role's with its path.",
  },
  {
    key: "ledger",
    type: "`create` or `adopt`",
    default: "`create`",
    description:
      "Whether the ledger's table is made anew, or the one that an earlier stack of the same name left behind is taken over.",
  },
  {
    key: "exemptions",
    type: "list of { guardrail, resource, reason, owner, expires } with optional account, region, principal",
    default: "none",
    description:
      "Findings to leave alone. `resource` and `principal` are ARNs in which `*` and `?` stay within one part; `expires` is the last day (UTC) on which it holds, at most a year ahead; `account` is quoted.",
  },
] as const;

export type StackKey = (typeof stackKeys)[number]["key"];

/**
 * Reads the stack config as `pulumi.runtime.allConfig()` gives it: full key → text, where maps and lists are JSON.
 * Keys of other namespaces are none of its business.
 * @param defaultPack ids of the catalogue that are enabled, in notify, unless the config says otherwise
 * @param project the namespace of the keys
 * @param now epoch milliseconds: exemptions end
 * @throws Error, which Pulumi prints without a stack trace, that lists every mistake with the command that fixes it
 */
export function readSettings(
  config: Readonly<Record<string, string>>,
  catalogue: readonly Definition[],
  defaultPack: readonly string[],
  project = "aws-event-guardrails",
  now: number = Date.now(),
): Settings {
  const mistakes: Mistake[] = [];
  const report: Report = (path, problem, fix) => mistakes.push({ path, problem, fix });
  const given = valuesOf(config, project, report);

  const recipients = readRecipients(given.recipients, report);
  const adminSecurityGroupId = readAdminSecurityGroup(given.adminSecurityGroupId, report);
  const permissionsBoundary = readPermissionsBoundary(given.permissionsBoundary, report);
  const operators = readOperators(given.operators, report);
  const ledger = readLedger(given.ledger, report);
  const { exemptions, warnings } = readExemptions(given.exemptions, catalogue, now, report);
  const stack = { ...(adminSecurityGroupId !== undefined && { adminSecurityGroupId }) };
  const isSet = (key: StackKey) => given[key] !== undefined;
  const guardrails = readGuardrails(
    given.guardrails,
    catalogue,
    defaultPack,
    { values: stack, isSet, exemptions },
    report,
  );

  if (mistakes.length > 0) throw forPulumi(mistakesInWords(mistakes));
  return {
    recipients,
    ...stack,
    ...(permissionsBoundary !== undefined && { permissionsBoundary }),
    operators,
    ledger,
    exemptions,
    warnings,
    guardrails,
  };
}

/**
 * By this mark Pulumi knows a RunError of any copy of its package, and whoever reads settings without Pulumi loads none:
 * https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/nodejs/errors.ts
 */
const forPulumi = (message: string): Error => Object.assign(new Error(message), { __pulumiRunError: true });

/** Text that begins like a list or a map is JSON; `undefined` stands for a key that is not set. */
function valuesOf(config: Readonly<Record<string, string>>, project: string, report: Report) {
  const keys = stackKeys.map(({ key }) => key);
  const values: Partial<Record<StackKey, unknown>> = {};
  for (const [fullKey, text] of Object.entries(config)) {
    if (!fullKey.startsWith(`${project}:`)) continue;
    const name = fullKey.slice(project.length + 1);
    const key = keys.find(known => known === name);
    if (key !== undefined) values[key] = parsed(text);
    else reportUnknown(name, parsed(text));
  }
  return values;

  function reportUnknown(name: string, value: unknown) {
    const meant = closest(name, keys);
    const isFree = meant !== undefined && config[`${project}:${meant}`] === undefined;
    const fix = isFree ? moveValue([name], [meant], value) : removeValue([name]);
    report([name], `not a setting${didYouMean(meant) || `; there are ${keys.join(", ")}`}`, fix);
    // So that a misspelt key is not also missed under its right name.
    if (isFree) values[meant] = value;
  }
}

/** Text that is broken JSON stays text, and is refused by whoever expects a list or a map. */
function parsed(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
