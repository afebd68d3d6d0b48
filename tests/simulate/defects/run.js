"use strict";
const { spawnSync } = require("node:child_process");
const { readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { copyOfCheckout, root, withDefect } = require("../../mutations/copy");
const { defects } = require("./list");
const { withTable } = require("./page");

/** In so many histories each defect must show. */
const most = 2000;

/** Puts each defect back, looks for it, and writes what was found into docs/simulator.md. Gives back how many were not found. */
function searchDefects(words) {
  const chosen = defects.filter(({ defect }) => words.every(word => defect.toLowerCase().includes(word)));
  const copy = copyOfCheckout();
  const found = [];
  chosen.forEach((defect, at) => {
    const first = withDefect(copy, defect, () => firstFound(copy, defect));
    const said = first === undefined ? "NOT FOUND" : `seed ${first.seed}: ${first.promise}`;
    console.log(`${at + 1}/${chosen.length} ${defect.guardrail}: ${defect.defect}\n  ${said}`);
    if (first !== undefined) found.push({ ...defect, ...first });
  });
  if (found.length === chosen.length && chosen.length === defects.length) {
    const page = join(root, "docs/simulator.md");
    writeFileSync(page, withTable(readFileSync(page, "utf8"), found));
  }
  return chosen.length - found.length;
}

function firstFound(copy, { guardrail }) {
  const options = ["--seeds", String(most), "--guardrail", guardrail, "--first", "--json"];
  const { stdout, stderr } = spawnSync(process.execPath, [join(copy, "tests/simulate/run.js"), ...options], {
    cwd: copy,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  let answer;
  try {
    answer = JSON.parse(stdout);
  } catch {
    throw new Error(`the simulator did not run:\n${stderr}`);
  }
  const [{ promise, seeds } = {}] = answer.found;
  return promise === undefined ? undefined : { promise, seed: seeds[0] };
}

module.exports = { searchDefects };
