"use strict";
/*
 * npm run faults: every crash point and every refused call of every guardrail that writes, in the work that an event
 * brings, in ticks, sweeps and batches, then 200 instances of one launch and 1,000 critical findings at once; an hour.
 * Writes docs/faults.md.
 *
 *   npm run faults -- s3-bucket-encryption   of this one only; the others keep their part of the page
 */
const { spawnSync } = require("node:child_process");
const { join } = require("node:path");

const root = join(__dirname, "../../..");
const options = ["--no-config", "--require", "ts-node/register/transpile-only"];
const files = [join(__dirname, "every-call.ts")];
// Of one guardrail alone its calls are enough.
if (process.argv.length === 2) files.push(join(__dirname, "../attacks/crowds.test.ts"));
const { status } = spawnSync(
  process.execPath,
  [join(root, "node_modules/mocha/bin/mocha.js"), ...options, ...files],
  { cwd: root, stdio: "inherit", env: { ...process.env, FAULTS: process.argv.slice(2).join(" ") } },
);
process.exitCode = status ?? 1;
