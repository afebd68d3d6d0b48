"use strict";
/* A copy of the checkout in which deliberate defects are made, one at a time. */
const { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join, relative } = require("node:path");

const root = join(__dirname, "../..");
const left = ["node_modules", ".git", ".sandbox"];

/** The folder of a copy that is gone when the process ends. */
function copyOfCheckout() {
  const copy = mkdtempSync(join(tmpdir(), "mutations-"));
  process.on("exit", () => rmSync(copy, { recursive: true, force: true }));
  process.on("SIGINT", () => process.exit(130));
  cpSync(root, copy, {
    recursive: true,
    filter: path => !left.includes(relative(root, path).split(/[\\/]/)[0]),
  });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "junction");
  return copy;
}

/** Makes a defect, works with it, and takes it back. Throws when its text is not in its file exactly once. */
function withDefect(copy, { defect, file, find, replace }, work) {
  const path = join(copy, file);
  const source = readFileSync(path, "utf8");
  const count = source.split(find).length - 1;
  if (count !== 1)
    throw new Error(`"${defect}": its text is ${count} times in ${file}, expected once:\n${find}`);
  writeFileSync(
    path,
    source.replace(find, () => replace),
  );
  try {
    return work();
  } finally {
    writeFileSync(path, source);
  }
}

module.exports = { copyOfCheckout, root, withDefect };
