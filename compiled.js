"use strict";
// TypeScript as JavaScript: compiled when it is first loaded, and kept until it changes, since a command waits longer
// for the compiler than for anything else.
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const kept = join(__dirname, "node_modules", ".cache", "compiled");
const tsconfig = join(__dirname, "tsconfig.json");
const compilers = ["typescript", "ts-node"].map(name => require(`${name}/package.json`).version);
const surroundings = [...compilers, readFileSync(tsconfig, "utf8")].join("\n");

const hash = text => createHash("sha256").update(text).digest("hex");

let compiler;
const compile = (source, file) => {
  compiler ??= require("ts-node").create({ transpileOnly: true, project: tsconfig });
  return compiler.compile(source, file);
};

process.setSourceMapsEnabled(true);
require.extensions[".ts"] = (module, file) => {
  const source = readFileSync(file, "utf8");
  const mark = `// ${hash(`${surroundings}\n${source}`)}\n`;
  const place = join(kept, `${hash(file)}.js`);
  module._compile(read(place, mark) ?? keep(place, mark, compile(source, file)), file);
};

/** What is kept of this source; undefined where that is of another, or nothing. */
function read(place, mark) {
  try {
    const text = readFileSync(place, "utf8");
    return text.startsWith(mark) ? text.slice(mark.length) : undefined;
  } catch {
    return undefined;
  }
}

/** Written beside its place, since two commands may start at once. */
function keep(place, mark, code) {
  const writing = `${place}.${process.pid}`;
  try {
    mkdirSync(kept, { recursive: true });
    writeFileSync(writing, mark + code);
    renameSync(writing, place);
  } catch {
    // A folder that nobody may write costs time, and nothing else.
  }
  return code;
}
