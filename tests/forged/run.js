"use strict";
// node tests/forged/run.js [count, default 100000] [first seed, default 1]
require("ts-node/register/transpile-only");
const { forge } = require("./trial");
const { inspecting } = require("../support/inspecting");
const { recordedEvents, recordingsAreMissing } = require("../support/events/recorded");
const { writtenEvents } = require("../support/events/written");

const [count, seed] = [Number(process.argv[2] ?? 100_000), Number(process.argv[3] ?? 1)];

async function main() {
  for (const definition of inspecting) {
    const names = definition.triggers.flatMap(({ pattern }) => pattern?.detail?.eventName ?? []);
    const recorded = recordedEvents(names).map(({ event }) => ({ ...event, account: "123456789012" }));
    const sources = {
      written: Object.values(writtenEvents(definition.id)),
      ...(recorded.length > 0 && { recorded }),
    };
    const each = Math.ceil(count / inspecting.length / Object.keys(sources).length);
    for (const [source, events] of Object.entries(sources)) {
      const { tried, refused, written, wrongs } = await forge(definition, events, each, seed);
      console.log(
        `${definition.id}: ${tried} events forged from ${events.length} ${source} ones, ${refused} refused, ${written} writes, ${wrongs.length} wrong`,
      );
      for (const wrong of wrongs.slice(0, 20)) console.log(`  ${wrong}`);
      if (wrongs.length > 0) process.exitCode = 1;
    }
  }
  if (recordingsAreMissing !== undefined) console.log(`Skipped: ${recordingsAreMissing}`);
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
