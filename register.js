"use strict";
// What every command begins with. Plain JavaScript that every Node runs, so that an old one gets a sentence instead of
// a syntax error.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `This needs Node.js 20.19 or newer, and this is ${process.versions.node}: install a newer one (https://nodejs.org) and try again.`,
  );
  process.exit(1);
}
try {
  require.resolve("ts-node");
} catch {
  console.error("The packages are not installed: run `npm ci` first.");
  process.exit(1);
}
// The SDK tells every start on Node 20 that its releases of 2027 will need Node 22.
const { emitWarning } = process;
process.emitWarning = (warning, ...rest) =>
  String(warning).startsWith("NodeVersionSupportWarning")
    ? undefined
    : emitWarning.call(process, warning, ...rest);
require("ts-node").register({
  transpileOnly: true,
  project: require("node:path").join(__dirname, "tsconfig.json"),
});
