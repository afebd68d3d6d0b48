import { Readable, Writable } from "node:stream";
import { expect } from "chai";
import { Command } from "commander";
import { registerOperations } from "../../tools/register-operations";
import { screenOf, type StackOptions } from "../../tools/operating";

const command = 'npm run guardrails -- undo 6204a434f0ef27f80f19 --stack dev --reason "..." --yes';

/** A screen where somebody types these lines; where nobody is, without lines. */
function screenWith(typed: readonly string[] | undefined, options: StackOptions = {}) {
  const said = { stdout: "", stderr: "" };
  const into = (name: keyof typeof said) =>
    new Writable({ write: (chunk, _, done) => ((said[name] += String(chunk)), done()) });
  const keys = Readable.from((typed ?? []).map(line => `${line}\n`));
  const stdin = Object.assign(keys, { isTTY: typed !== undefined });
  return { said, screen: screenOf(options, { stdin, stdout: into("stdout"), stderr: into("stderr") }) };
}

const refused = (promise: Promise<unknown>): Promise<Error & { exitCode?: number }> =>
  promise.then(
    value => expect.fail(`not refused: ${String(value)}`),
    (error: Error) => error,
  );

describe("the reason of what an operator does", () => {
  it("is what the command line says, and nobody is asked", async () => {
    const { screen, said } = screenWith(["something else"]);

    expect(await screen.reason("vendor visit ...", command)).to.equal("vendor visit ...");
    expect(said.stdout).to.equal("");
  });

  for (const given of [undefined, "", "  ", "...", "…"])
    it(`is asked for at a terminal where the command line says ${JSON.stringify(given) ?? "nothing"}`, async () => {
      const { screen, said } = screenWith(["vendor visit"]);

      expect(await screen.reason(given, command)).to.equal("vendor visit");
      expect(said.stdout).to.match(/^Why, /);
    });

  it("is asked for beside the JSON, not in it", async () => {
    const { screen, said } = screenWith(["vendor visit"], { json: true });
    await screen.reason("...", command);

    expect(said.stdout).to.equal("");
    expect(said.stderr).to.match(/^Why, /);
  });

  it("is demanded in a sentence with the whole command where nobody can be asked", async () => {
    const error = await refused(screenWith(undefined).screen.reason("...", command));

    expect(error.exitCode).to.equal(2);
    expect(error.message).to.match(/^--reason is missing/);
    expect(error.message.endsWith(command)).to.equal(true);
  });

  for (const [what, typed] of [
    ["an empty line", [""]],
    ["dots", ["..."]],
    ["the end of the terminal", []],
  ] as const)
    it(`is none after ${what}: nothing is done`, async () => {
      const error = await refused(screenWith(typed).screen.reason(undefined, command));

      expect(error.message).to.equal("Nothing was done: no reason was given.");
    });
});

describe("the question whether to go on", () => {
  it("goes on for yes alone", async () => {
    await screenWith(["Yes"]).screen.confirm("Take it back?");

    for (const typed of [["no"], ["why"], []])
      expect((await refused(screenWith(typed).screen.confirm("Take it back?"))).message).to.equal(
        "Nothing was done.",
      );
  });
});

describe("the help of a command", () => {
  for (const [name, options] of [
    ["undo", ["--reason"]],
    ["pause", ["--for", "--reason"]],
  ] as const)
    it(`${name}: marks what cannot be left out`, () => {
      const program = new Command();
      registerOperations(program);
      const help = program.commands.find(command => command.name() === name)?.helpInformation() ?? "";

      expect([...help.matchAll(/^ +(--\w+) <\w+> +required: /gm)].map(([, option]) => option)).to.deep.equal(
        options,
      );
    });
});
