import { readFileSync } from "fs";
import { checkExemptions, type Exemption } from "./exemptions";
import { modes, type Mode } from "./modes";
import { checkWho, type Who } from "./who/who";

/** What a sweep does about what is wrong and new since the last one. */
export const sweeps = ["notify", "enforce", "off"] as const;
export type Sweep = (typeof sweeps)[number];

/** Whether metrics are sent for each guardrail too, or for the stack alone. */
export const metricDetails = ["stack", "guardrail"] as const;
export type MetricDetail = (typeof metricDetails)[number];

/** `config.json`, which travels in the function's archive beside `index.js`: what the stack config says of this guardrail. */
export interface GuardrailConfig<Settings = unknown> {
  readonly format: 2;
  readonly mode: Mode;
  /** Whether a resource that something else manages may be written; `notify` unless the stack says otherwise. */
  readonly managed: "notify" | "act";
  /** Whether existing resources are gone through, and whether that may write. */
  readonly sweep: Sweep;
  readonly settings: Settings;
  /** How many resources may be put right in an hour. */
  readonly budget: number;
  /** Those of this guardrail, expired ones among them. */
  readonly exemptions: readonly Exemption[];
  /** A short hash of the deployed code, quoted in every audit line. */
  readonly code: string;
  readonly who: Who;
  /** How many addresses each notice goes to by e-mail. */
  readonly recipients: number;
  readonly metrics: MetricDetail;
  /** The guardrails of the stack that have a timer. */
  readonly ticking: readonly string[];
}

/**
 * Checks that parsed text is a configuration.
 * @throws Error saying what is wrong; callers must then write nothing and tell somebody.
 */
export function checkConfig<Settings>(value: unknown): GuardrailConfig<Settings> {
  const config = (typeof value === "object" && value !== null ? value : {}) as Partial<
    GuardrailConfig<Settings>
  >;
  expectOne("format", config.format, [2]);
  expectOne("mode", config.mode, modes);
  expectOne("managed", config.managed, ["notify", "act"]);
  expectOne("sweep", config.sweep, sweeps);
  expectOne("metrics", config.metrics, metricDetails);
  expectCount("budget", config.budget);
  expectCount("recipients", config.recipients);
  if (typeof config.settings !== "object" || config.settings === null)
    throw new Error("config.json has no settings");
  if (!Array.isArray(config.ticking)) throw new Error("config.json does not say which guardrails tick");
  checkExemptions(config.exemptions);
  checkWho(config.who);
  return config as GuardrailConfig<Settings>;
}

function expectOne(name: string, value: unknown, choices: readonly unknown[]): void {
  if (!choices.includes(value))
    throw new Error(`config.json has ${name} ${JSON.stringify(value)}, expected ${choices.join(", ")}`);
}

function expectCount(name: string, value: unknown): void {
  if (!Number.isInteger(value) || Number(value) < 1)
    throw new Error(`config.json has ${name} ${JSON.stringify(value)}, expected a whole number above 0`);
}

/** @throws Error when the file is missing, unparsable or no configuration. */
export const readConfig = <Settings>(folder: string): GuardrailConfig<Settings> =>
  checkConfig(JSON.parse(readFileSync(`${folder}/config.json`, "utf8")));
