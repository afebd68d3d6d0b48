"use strict";
/*
 * Plays random histories and holds the guardrails that write against what is promised of them (docs/simulator.md).
 * Exits 1 when a promise does not hold.
 *
 *   npm run simulate -- --seeds 10000
 *   npm run simulate -- --seed 4711                      that one history, as it happens
 *   npm run simulate -- --seeds 2000 --guardrail s3-bucket-encryption
 *   npm run simulate -- --defects                        whether deliberate defects show
 */
require("ts-node/register/transpile-only");
const { availableParallelism } = require("node:os");
const { Command, InvalidArgumentError } = require("commander");
const { searchDefects } = require("./defects/run");
const { play } = require("./history");
const { searchInParallel } = require("./parallel");
const { guardedBy, inWords, planFor, search, told } = require("./search");

const wholeNumber = text => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("expected a whole number");
  return Number(text);
};

const program = new Command("simulate")
  .description("plays random histories and looks for a promise that does not hold")
  .option("--seeds <count>", "how many histories", wholeNumber, 1000)
  .option("--from <seed>", "the first seed", wholeNumber, 1)
  .option("--seed <seed>", "only this one, told as it happens", wholeNumber)
  .option("--guardrail <id>", "only this guardrail")
  .option("--jobs <count>", "in so many processes", wholeNumber, availableParallelism())
  .option("--first", "stop at the first that is found; in one process")
  .option("--json", "only what was found, as JSON")
  .option("--defects [words...]", "put deliberate defects back and look for each, or for those named so")
  .allowExcessArguments(false)
  .parse();

async function main() {
  const { seeds, from, seed, guardrail, first, jobs, json, defects } = program.opts();
  if (defects !== undefined) {
    if (searchDefects(defects === true ? [] : defects) > 0) process.exitCode = 1;
    return;
  }
  if (seed !== undefined) return one(seed, guardrail);
  guardedBy(from, guardrail);
  const report = progress(seeds, first);
  const chosen = numbers(from, seeds);
  // A process takes seconds to load everything: few histories are sooner played in this one.
  const inOne = first || jobs < 2 || seeds < 50;
  const searched = inOne
    ? await search(chosen, guardrail, report)
    : await searchInParallel(chosen, jobs, guardrail, report);
  process.stderr.write("\n");
  const { histories, perSecond, found } = searched;
  if (found.length > 0) process.exitCode = 1;
  if (json) {
    console.log(JSON.stringify(searched));
    return;
  }
  for (const each of found) console.log(`${await told(each, guardrail)}\n`);
  const verdict = found.length === 0 ? "every promise held" : `${found.length} promises did not hold`;
  console.log(`${histories} histories, ${perSecond.toFixed(0)} a second: ${verdict}`);
}

/** Says every other second how far it is. */
function progress(seeds, first) {
  let last = 0;
  return ({ histories, perSecond, found }) => {
    if (performance.now() - last > 2000) {
      last = performance.now();
      const line = `${histories} of ${seeds} histories, ${perSecond.toFixed(0)} a second, ${found.length} found`;
      process.stderr.write(process.stderr.isTTY ? `\r${line}` : `${line}\n`);
    }
    return !first || found.length === 0;
  };
}

async function one(seed, guardrail) {
  const chosen = guardedBy(seed, guardrail);
  const history = await play(planFor(seed, chosen), chosen);
  console.log([`${chosen.definition.id}, seed ${seed}`, ...inWords(history)].join("\n"));
  if (history.violations.length > 0) process.exitCode = 1;
}

const numbers = (from, count) => Array.from({ length: count }, (_, at) => from + at);

main().catch(error => {
  console.error(error.message);
  process.exitCode = 1;
});
