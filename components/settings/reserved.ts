import { sweeps, type Sweep } from "../../runtime/config";
import { capabilities, modes, type Mode } from "../../runtime/modes";
import type { Definition } from "../definition";
import { capabilitiesOf } from "../kinds";
import { setValue, type Path } from "./fixes";
import { closest, didYouMean, shown, type Report } from "./mistakes";

/** What every guardrail with a function has beside its own knobs; no guardrail may have a knob of these names. */
export const reservedKeys = ["mode", "managed", "sweep", "budget"] as const;

/** The largest budget that a stack may give. */
export const largestBudget = 10_000;

/** `false` is `off` too: YAML readers other than Pulumi's make a boolean of an unquoted `off`. */
export function readMode(
  definition: Definition,
  given: unknown,
  path: Path,
  report: Report,
): Mode | "off" | undefined {
  const { modes: possible, onlyBecause } = capabilitiesOf(definition);
  if (given === undefined) return "notify";
  if (given === false || given === "false" || given === "off") return "off";
  const mode = possible.find(known => known === given);
  if (mode !== undefined) return mode;

  const meant = typeof given === "string" ? closest(given, [...possible, "off"]) : undefined;
  const fix = setValue(path, meant ?? "notify");
  if (given === "approve")
    report(path, `got "approve", which this version does not have yet; expected ${listed(possible)}`, fix);
  else if (modes.some(known => known === given))
    report(
      path,
      `got ${shown(given)}, but ${definition.id} can only ${possible.join(" or ")}: ${onlyBecause}`,
      fix,
    );
  else report(path, `got ${shown(given)}, expected ${listed(possible)}${didYouMean(meant)}`, fix);
  return undefined;
}

const listed = (possible: readonly string[]) => `${possible.join(", ")} or off`;

export function readManaged(given: unknown, path: Path, report: Report): "notify" | "act" | undefined {
  if (given === undefined) return "notify";
  if (given === "notify" || given === "act") return given;
  const meant = typeof given === "string" ? closest(given, ["notify", "act"]) : undefined;
  report(
    path,
    `got ${shown(given)}, expected notify or act${didYouMean(meant)}`,
    setValue(path, meant ?? "notify"),
  );
  return undefined;
}

/** Undefined when it has a mistake. A mode that writes nothing on an event writes nothing in a sweep. */
export function readSweep(
  given: unknown,
  mode: Mode | "off" | undefined,
  path: Path,
  report: Report,
): Sweep | undefined {
  if (given === undefined) return "notify";
  if (given === false || given === "false") return "off";
  const sweep = sweeps.find(known => known === given);
  if (sweep === undefined) {
    const meant = typeof given === "string" ? closest(given, sweeps) : undefined;
    report(
      path,
      `got ${shown(given)}, expected ${sweeps.join(", ").replace(/, (\w+)$/, " or $1")}${didYouMean(meant)}`,
      setValue(path, meant ?? "notify"),
    );
    return undefined;
  }
  if (sweep !== "enforce" || mode === undefined || mode === "off" || capabilities[mode].acts !== "never")
    return sweep;
  report(
    path,
    `got "enforce", but the guardrail's mode is ${mode}, in which nothing is written; expected notify or off`,
    setValue(path, "notify"),
  );
  return undefined;
}

/** Text in digits is a number too: which of them arrives depends on how the value was set. */
export function readBudget(given: unknown, fallback: number, path: Path, report: Report): number | undefined {
  if (given === undefined) return fallback;
  const number = typeof given === "string" && /^[1-9]\d*$/.test(given) ? Number(given) : given;
  if (Number.isInteger(number) && Number(number) >= 1 && Number(number) <= largestBudget)
    return Number(number);
  report(
    path,
    `got ${shown(given)}, expected a whole number of resources an hour, 1 to ${largestBudget}`,
    setValue(path, fallback),
  );
  return undefined;
}
