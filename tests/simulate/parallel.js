"use strict";
const { fork } = require("node:child_process");
const { join } = require("node:path");

/**
 * Shares the seeds out among processes: each history has its own account and clock, so none knows of another.
 * @returns what `search` returns, of all of them, the rate by the clock on the wall
 */
async function searchInParallel(seeds, jobs, guardrail, report) {
  const start = performance.now();
  const parts = Array.from({ length: jobs }, (_, job) => seeds.filter((_, at) => at % jobs === job));
  const answers = parts.map(() => ({ histories: 0, found: [] }));
  const all = () => {
    const histories = answers.reduce((sum, one) => sum + one.histories, 0);
    const found = together(answers.flatMap(one => one.found));
    return { histories, perSecond: (1000 * histories) / (performance.now() - start), found };
  };
  await Promise.all(
    parts.map(
      (part, job) =>
        new Promise((resolve, reject) => {
          const worker = fork(join(__dirname, "worker.js"));
          worker.on("message", answer => {
            answers[job] = answer;
            report(all());
          });
          worker.on("error", reject);
          worker.on("exit", (code, signal) => {
            if (code === 0 && answers[job].histories === part.length) resolve();
            else reject(new Error(`A process of the simulator ended before its seeds (${signal ?? code})`));
          });
          worker.send({ seeds: part, guardrail });
        }),
    ),
  );
  return all();
}

/** What several found of one promise, its seeds in order. */
function together(found) {
  const all = [];
  for (const { guardrail, promise, seeds } of found) {
    const known = all.find(one => one.guardrail === guardrail && one.promise === promise);
    if (known === undefined) all.push({ guardrail, promise, seeds: [...seeds] });
    else known.seeds.push(...seeds);
  }
  for (const { seeds } of all) seeds.sort((one, other) => one - other);
  return all.sort((one, other) => one.seeds[0] - other.seeds[0]);
}

module.exports = { searchInParallel };
