import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { startWorld, type World } from "./support/account";

describe("mistakes in a stack file under Pulumi's CLI", () => {
  let world: World;
  let file = "";
  let good = "";
  before(async () => {
    world = await startWorld();
    file = join(world.workspace.folder, "Pulumi.dev.yaml");
    good = readFileSync(file, "utf8");
  });
  after(() => world?.stop());

  it("are all in one message, without a trace, each with a command that puts it right", async () => {
    const set = (path: string, value: string) =>
      world.workspace.pulumi("config", "set", "--path", path, value);
    await set("recipients[0]", "nobody");
    await set("guardrails.s3-bucket-encrytion", "notify");
    await set("guardrails.vpc-created", "enforce");
    await set("metrics", "all");

    const { code, diagnostics, out } = await world.workspace.run("preview");

    expect(code).to.not.equal(0);
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    expect(errors).to.have.length(1);
    expect(errors[0].message)
      .to.include("s3-bucket-encrytion")
      .and.include("nobody")
      .and.include("vpc-created")
      .and.include("metrics");
    expect(out).to.not.match(/^\s+at |unhandled exception/m);
    const commands = [...errors[0].message.matchAll(/pulumi (config (?:set|rm) [^\n]*)/g)].map(
      ([, one]) => one,
    );
    expect(commands).to.have.length.of.at.least(4);
    writeFileSync(file, good);
  });

  it("such as a name that is too long for AWS are a sentence, too", async () => {
    const name = "a-stack-with-a-name-that-is-longer-than-aws-lets-a-role-be";
    await world.workspace.pulumi("stack", "init", name);
    await world.workspace.pulumi("config", "cp", "--stack", "dev", "--dest", name);

    const { code, out } = await world.workspace.run("preview", "--stack", name);

    expect(code).to.not.equal(0);
    expect(out)
      .to.include(name)
      .and.not.match(/^\s+at |unhandled exception/m);
  });
});
