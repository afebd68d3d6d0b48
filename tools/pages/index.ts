import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { blocks } from "./blocks";

/** The command's options as given. */
export interface PagesOptions {
  check?: boolean;
  write?: boolean;
}

/** Where the command works. */
export interface PagesPlace {
  readonly folder: string;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

const here: PagesPlace = {
  folder: join(__dirname, "../.."),
  stdout: process.stdout,
  stderr: process.stderr,
};

/** The command that puts the generated blocks right. */
export const remedy = "npm run guardrails -- pages --write";

/**
 * Runs `guardrails pages`: compares the generated blocks of README and docs/ with the code, or writes them anew.
 * Returns the exit code: 0 they are in step now, 1 they are not, 2 unusable options.
 * @throws Error when a page cannot be read, or its blocks are not those that the code has.
 */
export function pages({ check, write }: PagesOptions, { folder, stdout, stderr } = here): number {
  if (check === write) {
    stderr.write("Give either --check or --write.\n");
    return 2;
  }
  const all = Object.keys(blocks).map(page => ({
    page,
    ...regenerate(page, readFileSync(join(folder, page), "utf8")),
  }));
  const behind = all.filter(({ stale }) => stale.length > 0);
  if (behind.length === 0) stdout.write("The pages say what the code says.\n");
  for (const { page, generated, stale } of behind) {
    if (check) stderr.write(`${page} is behind the code in: ${stale.join(", ")}. Run: ${remedy}\n`);
    else {
      writeFileSync(join(folder, page), generated);
      stdout.write(`${page}: wrote ${stale.join(", ")}.\n`);
    }
  }
  return check && behind.length > 0 ? 1 : 0;
}

/**
 * A page's text with every generated block as the code has it now, and the names of those that were not.
 * @throws Error naming a block that is missing, unknown, or has no end.
 */
export function regenerate(page: string, text: string): { generated: string; stale: string[] } {
  const wanted = blocks[page];
  const names = [...text.matchAll(/^<!-- generated: (.*) -->$/gm)].map(([, name]) => name);
  const strange = names.find((name, at) => !Object.hasOwn(wanted, name) || names.indexOf(name) < at);
  if (strange !== undefined) throw new Error(`${page} has a block "${strange}" too many`);
  const stale: string[] = [];
  let generated = text;
  for (const [name, render] of Object.entries(wanted)) {
    const [start, end] = [`<!-- generated: ${name} -->\n`, `\n<!-- end of ${name} -->`];
    const from = generated.indexOf(start) + start.length;
    const to = generated.indexOf(end, from - 1);
    if (from < start.length || to < 0)
      throw new Error(`${page} needs the lines "${start.trim()}" and "${end.trim()}", in this order`);
    const block = `\n${render()}\n`;
    if (generated.slice(from, to) === block) continue;
    stale.push(name);
    generated = generated.slice(0, from) + block + generated.slice(to);
  }
  return { generated, stale };
}
