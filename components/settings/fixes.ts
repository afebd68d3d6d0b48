/** What puts a stack config right, and the commands of Pulumi that do it. No Pulumi import. */
import type { StackKey } from "./keys";

/** Keys and list indexes from the name of a setting down, e.g. ["guardrails", "vpc-created", "mode"]. */
export type Path = readonly [StackKey | "aws:region", ...(string | number)[]];

/** Removes what is at a place, or puts a value there, which may be a list or a map. */
export type Edit = { readonly remove: Path } | { readonly at: Path; readonly value: unknown };

/** Edits in their order. Whatever stands in <angle brackets> is the reader's to fill in. */
export type Fix = readonly Edit[];

/** Sets one value. */
export const setValue = (at: Path, value: string | number | boolean): Fix => [{ at, value }];

/** Removes one value. */
export const removeValue = (remove: Path): Fix => [{ remove }];

/** Puts `value`, which may be a map or a list, at `at`, instead of what is at `from`. */
export function moveValue(from: Path, at: Path, value: unknown): Fix {
  // An empty list is a value only at the top of a config.
  const isAnswer = Array.isArray(value) && value.length === 0 && at.length === 1 && from[0] !== at[0];
  const isNothing = !isAnswer && leavesOf(at, value).length === 0;
  return isNothing ? removeValue(from) : [{ remove: from }, { at, value }];
}

/** A path as Pulumi spells it: https://www.pulumi.com/docs/iac/concepts/config/#structured-configuration */
export function placeOf(path: Path): string {
  return path.reduce<string>((place, part) => {
    if (typeof part === "number") return `${place}[${part}]`;
    // At the top the colon of another namespace, as in aws:region, needs no brackets.
    if (!(place === "" ? /^[\w:-]+$/ : /^[\w-]+$/).test(part))
      return `${place}["${part.replace(/[\\"]/g, "\\$&")}"]`;
    return place === "" ? part : `${place}.${part}`;
  }, "");
}

const plain = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** A line for the shell. @param stack without it the line is for the stack that is selected */
export function commandOf(fix: Fix, stack?: string): string {
  const config = (verb: string, ...args: string[]) =>
    ["pulumi config", verb, ...(stack === undefined ? [] : ["--stack", plain(stack)]), ...args].join(" ");
  // Without --path Pulumi takes the key as it is, dots and all.
  const place = (path: Path) => (path.length > 1 ? `--path ${plain(placeOf(path))}` : plain(path[0]));
  const set = (path: Path, text: string) =>
    config("set", place(path), ...(text.startsWith("-") ? ["--"] : []), plain(text));
  return fix
    .map(edit => {
      if ("remove" in edit) return config("rm", place(edit.remove));
      const leaves = leavesOf(edit.at, edit.value);
      if (leaves.length === 0) return set(edit.at, "[]");
      if (leaves.length === 1) return set(...leaves[0]);
      const pairs = leaves.map(([path, text]) => `--plaintext ${plain(`${placeOf(path)}=${text}`)}`);
      return config("set-all", "--path", ...pairs);
    })
    .join(" && ");
}

function leavesOf(path: Path, value: unknown): (readonly [Path, string])[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => leavesOf([...path, index], item));
  if (typeof value === "object" && value !== null)
    return Object.entries(value).flatMap(([key, item]) => leavesOf([...path, key], item));
  return value === null || value === undefined ? [] : [[path, String(value)]];
}
