"use strict";
/*
 * Plays random histories and holds the guardrails that write against what is promised of them (docs/simulator.md).
 * Exits 1 when a promise does not hold.
 *
 *   npm run simulate -- --seeds 10000
 *   npm run simulate -- --seed 4711                      that one history, as it happens
 *   npm run simulate -- --seeds 2000 --guardrail s3-bucket-encryption
 */
require("ts-node/register/transpile-only");
const { Command, InvalidArgumentError } = require("commander");
const { play } = require("./history");
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
  .allowExcessArguments(false)
  .parse();

async function main() {
  const { seeds, from, seed, guardrail } = program.opts();
  if (seed !== undefined) return one(seed, guardrail);
  let last = 0;
  const searched = await search(numbers(from, seeds), guardrail, ({ histories, perSecond, found }) => {
    if (performance.now() - last > 1000) {
      last = performance.now();
      process.stderr.write(
        `\r${histories} of ${seeds} histories, ${perSecond.toFixed(0)} a second, ${found.length} found`,
      );
    }
    return true;
  });
  process.stderr.write("\n");
  for (const found of searched.found) console.log(`${await told(found, guardrail)}\n`);
  const count = searched.found.length;
  console.log(
    `${searched.histories} histories, ${searched.perSecond.toFixed(0)} a second: ${count === 0 ? "every promise held" : `${count} promises did not hold`}`,
  );
  if (count > 0) process.exitCode = 1;
}

async function one(seed, guardrail) {
  const chosen = guardedBy(seed, guardrail);
  const history = await play(planFor(seed, chosen), chosen);
  console.log([`${chosen.definition.id}, seed ${seed}`, ...inWords(history)].join("\n"));
  if (history.violations.length > 0) process.exitCode = 1;
}

function* numbers(from, count) {
  for (let at = 0; at < count; at++) yield from + at;
}

main().catch(error => {
  console.error(error.message);
  process.exitCode = 1;
});
