import type { Sweep } from "../../runtime/config";
import type { Exemption } from "../../runtime/exemptions";
import type { Mode } from "../../runtime/modes";
import type { Definition, StackSetting, StackSettings } from "../definition";
import { budgetOf, hasFunction } from "../kinds";
import { type Fix, moveValue, removeValue, setValue, type Path } from "./fixes";
import { closest, didYouMean, shown, type Report, type Warning } from "./mistakes";
import { readBudget, readManaged, readMode, readSweep } from "./reserved";
import { renamed } from "./formerly";
import { readKnobs } from "./knobs";

/** A guardrail of the catalogue as this stack wants it. */
export interface EnabledGuardrail<D extends Definition = Definition> {
  readonly definition: D;
  readonly mode: Mode;
  /** Whether it may change a resource that something else manages, which would put it back. */
  readonly managed: "notify" | "act";
  /** Whether it goes through existing resources too, and whether that may write. */
  readonly sweep: Sweep;
  /** How many resources it may put right in an hour; 0 where its kind never writes. */
  readonly budget: number;
  /** The guardrail's own knobs, parsed, and the stack settings that it needs; `{}` without a function. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Those of the stack that name this guardrail. */
  readonly exemptions: readonly Exemption[];
}

/** What the config says of one guardrail, and where; `undefined` says no more than that it is enabled. */
interface Wish {
  readonly id: string;
  readonly value: unknown;
  readonly path: Path;
  /** What mends it, where only the whole list can be mended. */
  readonly fix?: Fix;
}

/** The stack-wide settings that were read without a mistake, those that are set at all, and every exemption. */
export interface StackValues {
  readonly exemptions: readonly Exemption[];
  readonly values: Partial<StackSettings>;
  readonly isSet: (key: StackSetting) => boolean;
}

const place: Path = ["guardrails"];

/** The default pack, overlaid by a map or replaced by a list. Reports mistakes and leaves out what has one. */
export function readGuardrails(
  given: unknown,
  catalogue: readonly Definition[],
  defaultPack: readonly string[],
  stack: StackValues,
  report: Report,
  warn: (warning: Warning) => void,
): EnabledGuardrail[] {
  const ids = catalogue.map(definition => definition.id);
  const stray = defaultPack.filter(id => !ids.includes(id));
  if (stray.length > 0) throw new Error(`the default pack names ${stray}, which is not in the catalogue`);

  const wishes = wishesOf(given, defaultPack, ids, report);
  wishes.filter(({ id }) => !ids.includes(id)).forEach(wish => reportUnknown(wish, ids, wishes, report));
  return catalogue.flatMap(definition => {
    const wish = wishes.find(({ id }) => id === definition.id);
    return wish ? (readGuardrail(definition, wish, stack, report, warn) ?? []) : [];
  });
}

function wishesOf(
  given: unknown,
  defaultPack: readonly string[],
  ids: readonly string[],
  report: Report,
): Wish[] {
  const pack = defaultPack.map(id => ({ id, value: undefined, path: place }));
  if (given === undefined) return pack;
  if (Array.isArray(given) && given.length > 0) return wishesOfList(given, ids, report);
  if (typeof given === "object" && given !== null && !Array.isArray(given)) {
    const own = Object.entries(given).map(([id, value]): Wish => ({
      id,
      value,
      path: [...place, id],
    }));
    return [...pack.filter(({ id }) => !own.some(wish => wish.id === id)), ...own];
  }
  const named =
    typeof given === "string" ? given.split(/[\s,;[\]{}"']+/).filter(word => ids.includes(word)) : [];
  const example = named.length > 0 ? named : defaultPack.length > 0 ? defaultPack : ids.slice(0, 1);
  report(
    place,
    `got ${shown(given)}, expected a map of guardrail to mode, or a list of guardrails with at least one entry`,
    moveValue(place, place, Object.fromEntries(example.map(id => [id, "notify"]))),
  );
  return [];
}

function wishesOfList(given: readonly unknown[], ids: readonly string[], report: Report): Wish[] {
  const fix = rewrittenList(given, ids);
  return given.flatMap((item, at): Wish[] => {
    const path: Path = [...place, at];
    const isFirst = given.indexOf(item) === at;
    if (typeof item === "string" && isFirst) return [{ id: item, value: undefined, path, fix }];
    const problem =
      typeof item === "string"
        ? `${shown(item)} is there twice, expected it once`
        : `got ${shown(item)}, expected the id of a guardrail; a mode or settings need a map, not a list`;
    report(path, problem, fix);
    return [];
  });
}

/** One fix for the whole list: removing single items would move the others. */
function rewrittenList(given: readonly unknown[], ids: readonly string[]): Fix {
  const known = (id: string) => (ids.includes(id) ? id : closest(id, ids));
  const entries = given.flatMap(item =>
    (typeof item === "object" && item !== null ? Object.entries(item) : [[String(item), "notify"]]).flatMap(
      ([id, mode]): [string, unknown][] => (known(id) === undefined ? [] : [[known(id)!, mode]]),
    ),
  );
  const map = Object.fromEntries(entries);
  return moveValue(place, place, given.every(item => typeof item === "string") ? Object.keys(map) : map);
}

function reportUnknown(wish: Wish, ids: readonly string[], wishes: readonly Wish[], report: Report): void {
  const meant = closest(wish.id, ids);
  const isTaken = wishes.some(({ id, path }) => id === meant && path !== place);
  const problem = `${shown(wish.id)} is not in the catalogue${didYouMean(meant) || `; there are ${ids.join(", ")}`}`;
  const fix =
    meant === undefined || isTaken
      ? removeValue(wish.path)
      : moveValue(wish.path, [...place, meant], wish.value);
  report(wish.path, problem, wish.fix ?? fix);
}

/** Undefined when it is off or has a mistake. */
function readGuardrail(
  definition: Definition,
  { value, path }: Wish,
  stack: StackValues,
  report: Report,
  warn: (warning: Warning) => void,
): EnabledGuardrail | undefined {
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
  const {
    mode: givenMode,
    managed: givenManaged,
    sweep: givenSweep,
    budget: givenBudget,
    ...others
  } = (isMap ? value : { mode: value }) as Record<string, unknown>;
  const mode = readMode(definition, givenMode, isMap ? [...path, "mode"] : path, report);
  const fallback = budgetOf(definition);
  if (!hasFunction(definition)) {
    const extra = Object.keys(isMap ? value : {}).filter(key => key !== "mode");
    for (const key of extra)
      report(
        [...path, key],
        `not a setting: ${definition.id} only passes its event on, and has none`,
        removeValue([...path, key]),
      );
    return mode === undefined || mode === "off" || extra.length > 0
      ? undefined
      : { definition, mode, managed: "notify", sweep: "off", budget: fallback, settings: {}, exemptions: [] };
  }
  const managed = readManaged(givenManaged, [...path, "managed"], report);
  const sweep = readSweep(givenSweep, mode, [...path, "sweep"], report);
  const budget = readBudget(givenBudget, fallback, [...path, "budget"], report);
  const reserved = { mode: givenMode, managed: givenManaged, sweep: givenSweep, budget: givenBudget };
  const knobs = renamed(others, definition.formerly ?? {}, path, report, warn);
  const own = readKnobs(definition.settings, knobs.values, path, reserved, knobs.report);
  if (mode === "off") return undefined;
  const needed = readNeeds(definition.id, definition.needs, stack, report);
  if (mode === undefined || managed === undefined || sweep === undefined) return undefined;
  if (budget === undefined || own === undefined) return undefined;
  const exemptions = stack.exemptions.filter(({ guardrail }) => guardrail === definition.id);
  return { definition, mode, managed, sweep, budget, settings: { ...own, ...needed }, exemptions };
}

/** Of those that have no default. */
const placeholders: Readonly<Partial<Record<StackSetting, string>>> = { adminSecurityGroupId: "sg-<id>" };

function readNeeds(id: string, needs: readonly StackSetting[], stack: StackValues, report: Report) {
  for (const key of needs.filter(need => !stack.isSet(need))) {
    const placeholder = placeholders[key];
    if (placeholder === undefined) continue;
    report(
      [key],
      `${shown(undefined)} is set, but ${id} cannot work without it`,
      setValue([key], placeholder),
    );
  }
  return Object.fromEntries(needs.map(key => [key, stack.values[key]]));
}
