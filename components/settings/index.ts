import type { Exemption } from "../../runtime/exemptions";
import type { AdminSecurityGroup, Definition } from "../definition";
import { mistakesInWords, type Mistake } from "./mistakes";
import { readExemptions } from "./exemptions";
import { stackKeys, valuesOf, type StackKey } from "./keys";
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
  /** What `pulumi up` should say without failing, a sentence each: settings under old names, exemptions that have ended or soon will. */
  readonly warnings: readonly string[];
  /** In the catalogue's order. */
  readonly guardrails: readonly EnabledGuardrail[];
}

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
  const renames: string[] = [];
  const warn = (text: string): void => void renames.push(text);
  const { values: given, report } = valuesOf(
    config,
    project,
    stackKeys,
    (path, problem, fix) => mistakes.push({ path, problem, fix }),
    warn,
  );

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
    warn,
  );

  if (mistakes.length > 0) throw forPulumi(mistakesInWords(mistakes));
  return {
    recipients,
    ...stack,
    ...(permissionsBoundary !== undefined && { permissionsBoundary }),
    operators,
    ledger,
    exemptions,
    warnings: [...renames, ...warnings],
    guardrails,
  };
}

/**
 * By this mark Pulumi knows a RunError of any copy of its package, and whoever reads settings without Pulumi loads none:
 * https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/nodejs/errors.ts
 */
const forPulumi = (message: string): Error => Object.assign(new Error(message), { __pulumiRunError: true });
