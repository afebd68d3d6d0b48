"use strict";
// What every command begins with.
require("./installed");
// The SDK tells every start on Node 20 that its releases of 2027 will need Node 22.
const { emitWarning } = process;
process.emitWarning = (warning, ...rest) =>
  String(warning).startsWith("NodeVersionSupportWarning")
    ? undefined
    : emitWarning.call(process, warning, ...rest);
require("./compiled");
