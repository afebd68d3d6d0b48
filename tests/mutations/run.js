"use strict";
/*
 * Makes each deliberate defect of list.ts in a copy of the checkout, runs the tests that must notice, and writes
 * docs/mutations.md. Exits 1 when one goes unnoticed, or when its text is not in its file exactly once.
 *
 *   node tests/mutations/run.js              all of them, a few minutes
 *   node tests/mutations/run.js ipv6 batch   those whose defect or file holds one of these words; others keep their row
 */
require("ts-node/register/transpile-only");
const { spawnSync } = require("node:child_process");
const { readFileSync, rmSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { copyOfCheckout, root, withDefect } = require("./copy");
const { mutations } = require("./list");
const { page, rowsIn } = require("./page");

const words = process.argv.slice(2).map(word => word.toLowerCase());
const chosen = mutations.filter(
  ({ defect, file }) =>
    words.length === 0 || words.some(word => `${defect} ${file}`.toLowerCase().includes(word)),
);
const copy = copyOfCheckout();

const baseline = new Set(chosen.flatMap(({ tests }) => tests));
console.log(`${chosen.length} defects in ${copy}; first the ${baseline.size} test files without any`);
for (const file of baseline) {
  const failure = run([file]);
  if (failure !== undefined) stop(`${file} fails without any defect: ${failure}`);
}

const caught = [];
const survived = [];
chosen.forEach((mutation, at) => {
  const { defect, file, tests } = mutation;
  let by;
  try {
    by = withDefect(copy, mutation, () => run(tests));
  } catch (error) {
    stop(error.message);
  }
  console.log(`${at + 1}/${chosen.length} ${file}: ${defect}\n  ${by ? `caught by: ${by}` : "NOT NOTICED"}`);
  if (by === undefined) survived.push(mutation);
  else caught.push({ ...mutation, by });
});
if (survived.length > 0) stop(`${survived.length} of ${chosen.length} defects went unnoticed`);
console.log(`All ${chosen.length} defects were noticed.`);
writePage();

/** With the rows of earlier runs for what was not chosen; without a row for each defect there is no page. */
function writePage() {
  const path = join(root, "docs/mutations.md");
  const known = [...caught, ...(words.length === 0 ? [] : rowsIn(readFileSync(path, "utf8")))];
  const rows = mutations.map(mutation => ({
    ...mutation,
    by: known.find(({ defect, file }) => defect === mutation.defect && file === mutation.file)?.by,
  }));
  const missing = rows.filter(({ by }) => by === undefined);
  if (missing.length > 0)
    stop(`docs/mutations.md is left as it is: ${missing.length} defects were never tried`);
  writeFileSync(path, page(rows));
}

/** The title of the first test that fails, undefined when all pass. A file that does not even load proves nothing. */
function run(tests) {
  const report = join(copy, "report.json");
  rmSync(report, { force: true });
  const mocha = join(copy, "node_modules/mocha/bin/mocha.js");
  const options = ["--no-config", "--require", "ts-node/register/transpile-only", "--bail", "--exit"];
  const reporting = ["--timeout", "120000", "--reporter", "json", "--reporter-option", `output=${report}`];
  const { stderr } = spawnSync(process.execPath, [mocha, ...options, ...reporting, ...tests], {
    cwd: copy,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  let result;
  try {
    result = JSON.parse(readFileSync(report, "utf8"));
  } catch {
    return stop(`${tests.join(", ")} did not run:\n${stderr}`);
  }
  const [failure] = result.failures;
  // A hook that fails says that something is wrong, but no test says what.
  if (failure?.title.startsWith('"')) stop(`${failure.fullTitle}: ${failure.err.message}`);
  if (failure === undefined && result.stats.passes === 0) stop(`${tests.join(", ")} holds no test`);
  return failure?.fullTitle;
}

function stop(message) {
  console.error(message);
  process.exit(1);
}
