import { renamed } from "./formerly";
import type { Setting } from "./keys";
import { moveValue, removeValue, type Path } from "./fixes";
import { closest, didYouMean, type Report, type Warning } from "./mistakes";

export const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The values of a project's settings, each under its name of today. A list or a map is JSON. A key of another namespace
 * is nobody's business here, but for one that is a setting's in all but a misspelt namespace.
 * @param warn gets a sentence for each that has an old name
 */
export function valuesOf<Key extends string>(
  config: Readonly<Record<string, string>>,
  project: string,
  settings: readonly Setting<Key>[],
  mistakes: Report,
  warn: (warning: Warning) => void,
): { values: Partial<Record<Key, unknown>>; report: Report } {
  const formerly = settings.flatMap(({ key, formerly = [] }) => formerly.map(old => [old, key]));
  const own: Record<string, unknown> = {};
  for (const [fullKey, text] of Object.entries(config))
    if (fullKey.startsWith(`${project}:`)) own[fullKey.slice(project.length + 1)] = parsed(text);
  for (const [fullKey, text] of Object.entries(config)) {
    const [namespace, name] = fullKey.split(":");
    const isSetting = settings.some(({ key, formerly = [] }) => [key, ...formerly].includes(name));
    if (namespace !== project && isSetting && closest(namespace, [project]) !== undefined)
      takeFor(name, fullKey, parsed(text));
  }
  const given = renamed(own, Object.fromEntries(formerly), [], mistakes, warn);
  const keys = settings.map(({ key }) => key);
  const values: Partial<Record<Key, unknown>> = {};
  for (const [name, value] of Object.entries(given.values)) {
    const key = keys.find(known => known === name);
    if (key !== undefined) values[key] = value;
    else reportUnknown(name, value);
  }
  return { values, report: given.report };

  function takeFor(name: string, fullKey: string, value: unknown) {
    const isFree = !Object.hasOwn(own, name);
    const [from, to] = [[fullKey], [name]] as unknown as [Path, Path];
    const fix = isFree ? moveValue(from, to, value) : removeValue(from);
    mistakes(from, `not a setting${didYouMean(`${project}:${name}`)}`, fix);
    if (isFree) own[name] = value;
  }

  function reportUnknown(name: string, value: unknown) {
    const meant = closest(name, keys);
    const isFree = meant !== undefined && !Object.hasOwn(given.values, meant);
    // The name of no setting, which must be told all the same; and this may be read for settings other than the stack's.
    const [from, to] = [[name], [meant]] as unknown as [Path, Path];
    const fix = isFree ? moveValue(from, to, value) : removeValue(from);
    mistakes(from, `not a setting${didYouMean(meant) || `; there are ${keys.join(", ")}`}`, fix);
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
