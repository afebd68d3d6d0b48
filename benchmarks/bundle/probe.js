"use strict";
// One cold start: node probe.js <index file> <events file>. Without arguments it is the empty process.
const { readFileSync, writeSync } = require("node:fs");
const { subscribe } = require("node:diagnostics_channel");

/** The most memory that this process ever held, in bytes. */
function peak() {
  // Linux counts what the parent held when it started us into resourceUsage(); /proc tells our own.
  if (process.platform !== "linux") return process.resourceUsage().maxRSS * 1024;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
}

/** Standard output belongs to the function, so the sample goes out by a pipe of its own. */
function end(sample) {
  writeSync(3, JSON.stringify(sample));
  process.exit(0);
}

function fail(error) {
  console.error(error);
  process.exit(1);
}

const [index, events] = process.argv.slice(2);
if (index === undefined) end({ peak: peak() });

const { forged, acting } = JSON.parse(readFileSync(events, "utf8"));
const context = { getRemainingTimeInMillis: () => 60_000 };
const sample = {};
let asked = 0;
let used;

subscribe("http.client.request.start", ({ request }) => {
  if (sample.answer === undefined) fail(new Error("a forged event made it ask AWS"));
  const scope = /Credential=[^/]+\/\d+\/([^,]+)\/aws4_request/.exec(request.getHeader("authorization"))?.[1];
  const length = request.getHeader("content-length") ?? 0;
  sample.request = sample.handler + performance.now() - asked;
  const { user, system } = process.cpuUsage(used);
  sample.processor = (user + system) / 1000;
  sample.peak = peak();
  sample.answer.asked = `${scope} ${request.method} ${request.path}, ${length} bytes`;
  end(sample);
});

used = process.cpuUsage();
const start = performance.now();
const { handler } = require(index);
sample.handler = performance.now() - start;

handler(forged, context)
  .then(
    answer => Promise.reject(new Error(`a forged event was accepted: ${JSON.stringify(answer)}`)),
    error => {
      sample.answer = { refused: error.message };
      asked = performance.now();
      return handler(acting, context);
    },
  )
  .then(answer => Promise.reject(new Error(`AWS was asked nothing: ${JSON.stringify(answer)}`)))
  .catch(fail);
