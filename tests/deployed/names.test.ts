import { execFileSync } from "node:child_process";
import { expect } from "chai";
import { mochaGlobals } from "../support/invocation";
import { declaredIn, importsOf, runTimeSources } from "../support/run-time-sources";

const sources = runTimeSources();

describe("names that the serializer would mix up in silence", () => {
  it("the last part of an imported package's or built-in's name stands for one module only", () => {
    const modules: Record<string, string[]> = {};
    for (const name of Object.values(sources).flatMap(importsOf)) {
      if (name.startsWith(".")) continue;
      const alias = name
        .replace(/^node:/, "")
        .split("/")
        .pop()!
        .replace(/\W/g, "_");
      const module = name.replace(/^node:/, "");
      modules[alias] = [...new Set([...(modules[alias] ?? []), module])];
    }

    expect(Object.keys(modules)).to.include.members(["client_ec2", "client_s3", "fs"]);
    // Of fs/promises and timers/promises, both called promises_1, only one would be required.
    expect(Object.values(modules).filter(names => names.length > 1)).to.deep.equal([]);
  });

  it("nothing is called like a global of Node, which a function would then get in its place", () => {
    // Asked of a process of its own, because test runners add globals. Newer versions of Node have these as well.
    const list = "console.log(JSON.stringify(Object.getOwnPropertyNames(globalThis)))";
    const globals: string[] = JSON.parse(execFileSync(process.execPath, ["-e", list], { encoding: "utf8" }));
    const newer = [
      "WebSocket",
      "CloseEvent",
      "navigator",
      "Navigator",
      "Storage",
      "localStorage",
      "sessionStorage",
    ];
    const ofModules = ["exports", "module", "require", "__dirname", "__filename"];
    const taken = new Set([...globals, ...newer, ...ofModules]);

    const mistaken = Object.entries(sources).flatMap(([file, source]) =>
      declaredIn(source)
        .filter(name => taken.has(name))
        .map(name => `${file}: ${name}`),
    );

    expect(taken).to.include("fetch").and.not.include("describe");
    expect(Object.values(sources).flatMap(declaredIn)).to.include.members(["runPipeline", "createHandler"]);
    expect(mistaken).to.deep.equal([]);
  });

  it("nothing is called like a global of mocha, in which any test may serialize", () => {
    const mistaken = Object.entries(sources).flatMap(([file, source]) =>
      declaredIn(source)
        .filter(name => mochaGlobals.includes(name))
        .map(name => `${file}: ${name}`),
    );

    expect(mochaGlobals.filter(name => name in globalThis)).to.include.members(["describe", "before"]);
    expect(mistaken).to.deep.equal([]);
  });
});
