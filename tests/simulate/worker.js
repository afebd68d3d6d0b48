"use strict";
/* One of the processes among which tests/simulate/parallel.js shares out the seeds. */
require("ts-node/register/transpile-only");
const { search } = require("./search");

process.once("message", async ({ seeds, guardrail }) => {
  let last = 0;
  const searched = await search(seeds, guardrail, progress => {
    if (performance.now() - last > 1000) {
      last = performance.now();
      process.send(progress);
    }
    return true;
  });
  process.send(searched, () => process.disconnect());
});
