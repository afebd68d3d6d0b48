"use strict";
// Whoever reads what a stack requires loads every guardrail, and with each the SDK's clients that its function will
// use in Lambda. Here they are loaded once something is taken from them. Never where Pulumi serializes functions: it
// knows a package by what `require` gave.
const Module = require("node:module");

const load = Module._load;
Module._load = function (request, parent, isMain) {
  const ownsFile = parent?.filename?.endsWith(".ts") === true;
  if (!ownsFile || !request.startsWith("@aws-sdk/client-")) return load.call(this, request, parent, isMain);
  const client = () => load.call(this, request, parent, isMain);
  return new Proxy(
    {},
    {
      get: (_, name) => client()[name],
      has: (_, name) => name in client(),
      ownKeys: () => Reflect.ownKeys(client()),
      // A proxy may not say that it has for ever what its own object has not.
      getOwnPropertyDescriptor: (_, name) => {
        const found = Reflect.getOwnPropertyDescriptor(client(), name);
        return found && { ...found, configurable: true };
      },
    },
  );
};
