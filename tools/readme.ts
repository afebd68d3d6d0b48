import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { catalogue, defaultPack } from "../components/guardrails";
import { guardrailSections, guardrailTable, stackTable } from "./readme-tables";

/** What stands between `<!-- generated: name -->` and `<!-- end of name -->` in README.md. */
export const blocks: Readonly<Record<string, () => string>> = {
  "stack settings": stackTable,
  guardrails: () => guardrailTable(catalogue, defaultPack),
  "each guardrail": () => guardrailSections(catalogue),
};

/** The command's options as given. */
export interface ReadmeOptions {
  check?: boolean;
  write?: boolean;
}

/** Where the command works. */
export interface ReadmePlace {
  readonly file: string;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

const here: ReadmePlace = {
  file: join(__dirname, "../README.md"),
  stdout: process.stdout,
  stderr: process.stderr,
};

/**
 * Runs `guardrails readme`: compares the generated blocks of README.md with the code, or writes them anew. Returns the
 * exit code: 0 they are in step now, 1 they are not, 2 unusable options.
 * @throws Error when README.md cannot be read, or its blocks are not those that the code has.
 */
export function readme({ check, write }: ReadmeOptions, { file, stdout, stderr } = here): number {
  if (check === write) {
    stderr.write("Give either --check or --write.\n");
    return 2;
  }
  const text = readFileSync(file, "utf8");
  const { generated, stale } = regenerate(text);
  if (stale.length === 0) {
    stdout.write("README.md says what the code says.\n");
    return 0;
  }
  if (check) {
    stderr.write(`README.md is behind the code in: ${stale.join(", ")}. Run: ${remedy}\n`);
    return 1;
  }
  writeFileSync(file, generated);
  stdout.write(`README.md: wrote ${stale.join(", ")}.\n`);
  return 0;
}

/** The command that puts the generated blocks right. */
export const remedy = "npm run guardrails -- readme --write";

/**
 * The text with every generated block as the code has it now, and the names of those that were not.
 * @throws Error naming a block that is missing, unknown, or has no end.
 */
export function regenerate(text: string): { generated: string; stale: string[] } {
  const names = [...text.matchAll(/^<!-- generated: (.*) -->$/gm)].map(([, name]) => name);
  const strange = names.find((name, at) => !Object.hasOwn(blocks, name) || names.indexOf(name) < at);
  if (strange !== undefined) throw new Error(`README.md has a block "${strange}" too many`);
  const stale: string[] = [];
  let generated = text;
  for (const [name, render] of Object.entries(blocks)) {
    const [start, end] = [`<!-- generated: ${name} -->\n`, `\n<!-- end of ${name} -->`];
    const from = generated.indexOf(start) + start.length;
    const to = generated.indexOf(end, from - 1);
    if (from < start.length || to < 0)
      throw new Error(`README.md needs the lines "${start.trim()}" and "${end.trim()}", in this order`);
    const wanted = `\n${render()}\n`;
    if (generated.slice(from, to) === wanted) continue;
    stale.push(name);
    generated = generated.slice(0, from) + wanted + generated.slice(to);
  }
  return { generated, stale };
}
