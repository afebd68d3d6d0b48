import { adviceOn } from "./advice";
import { metricDetails } from "../../runtime/config";
import type { Exemption } from "../../runtime/exemptions";
import type { Definition } from "../definition";
import { mistakesInWords, type Mistake, type Report, type Warning } from "./mistakes";
import { readExemptions } from "./exemptions";
import { stackKeys, type StackKey } from "./keys";
import { readGuardrails, type EnabledGuardrail } from "./guardrails";
import { readRegion } from "./region";
import { readPeople, type PeopleKey } from "./people";
import {
  readAdminSecurityGroup,
  readDashboard,
  readPermissionsBoundary,
  readRecipients,
  readWord,
} from "./stack";
import { readTrusted } from "./trusted";
import { valuesOf } from "./values";

/** What is held against the catalogue as well. */
type OfTheCatalogue = "guardrails" | "exemptions";

/** How every other setting is read: one without a reader does not compile. */
const readers = {
  /** E-mail addresses that every notice goes to. */
  recipients: readRecipients,
  adminSecurityGroupId: readAdminSecurityGroup,
  /** ARN of the IAM policy that bounds every role of the stack. */
  permissionsBoundary: readPermissionsBoundary,
  /** Who may undo, hold and pause. */
  operators: peopleOf("operators"),
  /** Who may weaken the ledger's table; undefined: the stack does not say. */
  deployers: peopleOf("deployers"),
  /** Who puts their own resources back; undefined: the stack does not say. */
  controllers: peopleOf("controllers"),
  /** Who does ordinary work. */
  expected: peopleOf("expected"),
  trusted: readTrusted,
  /** Whether the ledger's table is made, or one of its name that is already there becomes the stack's. */
  ledger: readWord("ledger", ["create", "adopt"]),
  metrics: readWord("metrics", metricDetails),
  dashboard: readDashboard,
} as const satisfies Readonly<
  Record<Exclude<StackKey, OfTheCatalogue>, (given: unknown, report: Report) => unknown>
>;
function peopleOf(key: PeopleKey) {
  return (given: unknown, report: Report) => readPeople(key, given, report);
}
type Own = { readonly [Key in keyof typeof readers]: ReturnType<(typeof readers)[Key]> };

/** Everything that a stack's config says, checked. */
export interface Settings extends Own {
  /** All of them, whether their guardrail is enabled or not; each enabled guardrail has its own. */
  readonly exemptions: readonly Exemption[];
  /**
   * What `pulumi up` should say without failing: settings under old names, a region that is
   * unknown, exemptions that have ended or soon will, what is missing where a guardrail enforces.
   */
  readonly warnings: readonly Warning[];
  /** In the catalogue's order. */
  readonly guardrails: readonly EnabledGuardrail[];
}

export interface ReadingOptions {
  /** The namespace of the keys. */
  readonly project?: string;
  /** Epoch milliseconds, absent: the machine's. Exemptions end. */
  readonly now?: number;
  /** For which the commands are that put mistakes right; absent: the one that is selected. */
  readonly stack?: string;
}

/** A stack's config with all that is to be said about it. */
export interface Reading {
  /** Undefined where there is a mistake. */
  readonly settings?: Settings;
  /** Those of the settings; where there is a mistake, those that no mistake could change. */
  readonly warnings: readonly Warning[];
  readonly mistakes: readonly Mistake[];
}

/**
 * Reads the stack config as `pulumi.runtime.allConfig()` gives it: full key → text, where maps and lists are JSON.
 * Keys of other namespaces are none of its business, but for aws:region.
 * @param defaultPack ids of the catalogue that are enabled, in notify, unless the config says otherwise
 * @throws Error, which Pulumi prints without a stack trace, that lists every mistake with the command that fixes it
 */
export function readSettings(
  config: Readonly<Record<string, string>>,
  catalogue: readonly Definition[],
  defaultPack: readonly string[],
  options: ReadingOptions = {},
): Settings {
  const { settings, mistakes } = inspectSettings(config, catalogue, defaultPack, options);
  if (settings === undefined) throw forPulumi(mistakesInWords(mistakes, options.stack));
  return settings;
}

/** The same for whoever wants the mistakes one by one. */
export function inspectSettings(
  config: Readonly<Record<string, string>>,
  catalogue: readonly Definition[],
  defaultPack: readonly string[],
  { project = "aws-event-guardrails", now = Date.now() }: ReadingOptions = {},
): Reading {
  const mistakes: Mistake[] = [];
  const renames: Warning[] = [];
  const warn = (warning: Warning): void => void renames.push(warning);
  const { values: given, report } = valuesOf(
    config,
    project,
    stackKeys,
    (path, problem, fix) => mistakes.push({ path, problem, fix }),
    warn,
  );

  const elsewhere = readRegion(config["aws:region"], report);
  const own = readOwn(given, report);
  const { exemptions, warnings } = readExemptions(given.exemptions, catalogue, now, report);
  const isSet = (key: StackKey) => given[key] !== undefined;
  const guardrails = readGuardrails(
    given.guardrails,
    catalogue,
    defaultPack,
    { values: own, isSet, exemptions },
    report,
    warn,
  );

  const certain = [...elsewhere, ...warnings];
  if (mistakes.length > 0) return { warnings: certain, mistakes };
  const all = [...renames, ...certain, ...adviceOn(guardrails, own)];
  return { settings: { ...own, exemptions, warnings: all, guardrails }, warnings: all, mistakes };
}

/** What has no value is left out. */
function readOwn(given: Partial<Record<StackKey, unknown>>, report: Report): Own {
  const read = Object.entries(readers).map(
    ([key, reader]) => [key, reader(given[key as keyof Own], report)] as const,
  );
  return Object.fromEntries(read.filter(([, value]) => value !== undefined)) as unknown as Own;
}

/**
 * By this mark Pulumi knows a RunError of any copy of its package, and whoever reads settings without Pulumi loads none:
 * https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/nodejs/errors.ts
 */
const forPulumi = (message: string): Error => Object.assign(new Error(message), { __pulumiRunError: true });
