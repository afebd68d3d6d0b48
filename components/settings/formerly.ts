import { moveValue, placeOf, removeValue, type Fix, type Path } from "./fixes";
import type { Report, Warning } from "./mistakes";

type Values = Readonly<Record<string, unknown>>;

/** The names that settings once had → what each is called now. */
export type Formerly = Readonly<Record<string, string>>;

/** Settings under the names that they have now. */
export interface Renamed {
  readonly values: Values;
  /** Tells of mistakes in them: the first in a setting that has its old name is mended by renaming it, too. */
  readonly report: Report;
}

/**
 * Takes what is given under a name that a setting once had for the setting, with a warning that says how to rename it.
 * Both names at once are a mistake.
 * @param base where the settings are in the config
 */
export function renamed(
  given: Values,
  formerly: Formerly,
  base: readonly (string | number)[],
  report: Report,
  warn: (warning: Warning) => void,
): Renamed {
  const values: Record<string, unknown> = { ...given };
  const renames: { readonly from: Path; readonly to: Path; readonly fix: Fix; isTold?: boolean }[] = [];
  for (const [old, name] of Object.entries(formerly).filter(([key]) => Object.hasOwn(given, key))) {
    const from = [...base, old] as unknown as Path;
    const to = [...base, name] as unknown as Path;
    delete values[old];
    if (Object.hasOwn(values, name)) {
      report(
        from,
        `"${old}" is now called "${name}", which is set too: expected one of them`,
        removeValue(from),
      );
      continue;
    }
    values[name] = given[old];
    const fix = moveValue(from, to, given[old]);
    renames.push({ from, to, fix });
    warn({
      path: from,
      words: command => `${placeOf(from)} is now called ${name}: rename it with ${command(fix)}`,
    });
  }
  return { values, report: reportRenamed };

  function reportRenamed(path: Path, problem: string, fix: Fix): void {
    const rename = renames.find(({ to }) => to.every((part, at) => part === path[at]));
    if (rename === undefined) return report(path, problem, fix);
    const words = `${problem} (it is set under its old name, ${placeOf(rename.from)})`;
    report(path, words, rename.isTold ? fix : [...rename.fix, ...fix]);
    rename.isTold = true;
  }
}
