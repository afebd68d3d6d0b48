"use strict";
// What every command needs first. Plain JavaScript that every Node runs, so that an old one gets a sentence instead of
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
