"use strict";
/*
 * npm run faults: every crash point and every refused call of every guardrail that writes; minutes. Writes docs/faults.md.
 *
 *   npm run faults -- s3-bucket-encryption   of this one only; the others keep their part of the page
 */
const { spawnSync } = require("node:child_process");
const { join } = require("node:path");

const root = join(__dirname, "../../..");
const options = ["--no-config", "--require", "ts-node/register/transpile-only"];
const { status } = spawnSync(
  process.execPath,
  [join(root, "node_modules/mocha/bin/mocha.js"), ...options, join(__dirname, "every-call.ts")],
  { cwd: root, stdio: "inherit", env: { ...process.env, FAULTS: process.argv.slice(2).join(" ") } },
);
process.exitCode = status ?? 1;
