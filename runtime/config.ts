import { readFileSync } from "fs";
import { checkExemptions, type Exemption } from "./exemptions";
import { modes, type Mode } from "./modes";

/** `config.json`, which travels in the function's archive beside `index.js`: what the stack config says of this guardrail. */
export interface GuardrailConfig<Settings = unknown> {
  readonly format: 1;
  readonly mode: Mode;
  /** Whether a resource that something else manages may be written; `notify` unless the stack says otherwise. */
  readonly managed: "notify" | "act";
  readonly settings: Settings;
  /** How many resources may be put right in an hour. */
  readonly budget: number;
  /** Those of this guardrail, expired ones among them. */
  readonly exemptions: readonly Exemption[];
  /** A short hash of the deployed code, quoted in every audit line. */
  readonly code: string;
}

/**
 * Checks that parsed text is a configuration.
 * @throws Error saying what is wrong; callers must then write nothing and tell somebody.
 */
export function checkConfig<Settings>(value: unknown): GuardrailConfig<Settings> {
  const config = (typeof value === "object" && value !== null ? value : {}) as Partial<
    GuardrailConfig<Settings>
  >;
  if (config.format !== 1)
    throw new Error(`config.json has format ${JSON.stringify(config.format)}, expected 1`);
  if (!modes.includes(config.mode as Mode))
    throw new Error(`config.json has mode ${JSON.stringify(config.mode)}, expected ${modes.join(", ")}`);
  if (config.managed !== "notify" && config.managed !== "act")
    throw new Error(`config.json has managed ${JSON.stringify(config.managed)}, expected notify or act`);
  if (!Number.isInteger(config.budget) || Number(config.budget) < 1)
    throw new Error(
      `config.json has budget ${JSON.stringify(config.budget)}, expected a whole number above 0`,
    );
  if (typeof config.settings !== "object" || config.settings === null)
    throw new Error("config.json has no settings");
  checkExemptions(config.exemptions);
  return config as GuardrailConfig<Settings>;
}

/** @throws Error when the file is missing, unparsable or no configuration. */
export const readConfig = <Settings>(folder: string): GuardrailConfig<Settings> =>
  checkConfig(JSON.parse(readFileSync(`${folder}/config.json`, "utf8")));
