import { expect } from "chai";
import { readOptions } from "../../../sandbox/play/options";

const read = (...args: string[]) => {
  let said = "";
  const options = readOptions(args, text => (said += text));
  return { options, said };
};

describe("the arguments of npm start and npm run sandbox", () => {
  for (const [text, ms] of [
    ["20s", 20_000],
    ["2m", 120_000],
    ["1h", 3_600_000],
  ] as const)
    it(`read --every ${text}`, () => {
      expect(read("--stay", "--every", text).options).to.include({ stay: true, every: ms });
    });

  for (const text of ["20", "0s", "4s", "-20s", "20 s", "1d", "25h", "1.5m", "soon"])
    it(`refuse --every ${text} with the times there are`, () => {
      const { options, said } = read("--stay", `--every=${text}`);

      expect(options).to.deep.equal({ exitCode: 2 });
      expect(said).to.include("Expected a time from 5s to 24h, such as 20s, 2m or 1h.");
    });

  it("refuse shortened timers for the scenario, with the command that has them", () => {
    const { options, said } = read("--every", "20s");

    expect(options).to.deep.equal({ exitCode: 2 });
    expect(said).to.include("npm run sandbox -- --every 20s");
  });

  it("take an empty account, for a sandbox that stays up", () => {
    expect(read("--stay", "--empty").options).to.include({ stay: true, empty: true });
  });

  it("refuse an empty account for the scenario, with the command that has it", () => {
    const { options, said } = read("--empty");

    expect(options).to.deep.equal({ exitCode: 2 });
    expect(said).to.include("npm run sandbox -- --empty");
  });

  it("refuse an empty account with a stack in it", () => {
    const { options, said } = read("--stay", "--empty", "--stack", "prod");

    expect(options).to.deep.equal({ exitCode: 2 });
    expect(said).to.include("option '--empty' cannot be used with option '--stack <name>'");
  });

  it("leave the timers alone unless asked", () => {
    expect(read().options).to.deep.equal({
      ...{ json: false, mail: false, quiet: false, step: [] },
      ...{ stay: false, empty: false },
      ...{ port: 0, stack: "dev" },
    });
  });

  it("say where the options are listed when one is none, with the nearest where there is one", () => {
    expect(read("--nope").said).to.equal("error: unknown option '--nope'\nSee npm start -- --help.\n");
    expect(read("--stay", "--prot", "1").said).to.equal(
      "error: unknown option '--prot'\n(Did you mean --port?)\nSee npm run sandbox -- --help.\n",
    );
  });

  it("name steps one by one, for the scenario only", () => {
    expect(read("--step", "dry-run", "--step", "denied-call").options).to.deep.include({
      step: ["dry-run", "denied-call"],
    });
    expect(read("--step", "dry-run", "--stay").said).to.include("npm start -- --step <name>");
  });
});
