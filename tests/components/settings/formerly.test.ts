import { expect } from "chai";
import { z } from "zod";
import type { AnyInspecting } from "../../../components/definition";
import { readSettings } from "../../../components/settings";
import { valuesOf } from "../../../components/settings/values";
import { commandOf, removeValue, setValue, type Path } from "../../../components/settings/fixes";
import { warningInWords, type Mistake, type Warning } from "../../../components/settings/mistakes";
import { inspecting } from "../../support/inspecting";

/** A guardrail whose knob `ports` was called `openPorts` in an earlier version. */
const portsClosed: AnyInspecting = {
  ...inspecting[0],
  id: "ports-closed",
  needs: [],
  settings: z.strictObject({ ports: z.array(z.int().max(65535)).default([22]) }),
  formerly: { openPorts: "ports" },
};
const read = (given: object) =>
  readSettings(
    {
      "aws-event-guardrails:recipients": "secops@corp.internal",
      "aws-event-guardrails:guardrails": JSON.stringify({ "ports-closed": given }),
    },
    [portsClosed],
    [],
  );
const messageOf = (given: object): string => {
  try {
    read(given);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error(`expected ${JSON.stringify(given)} to be refused`);
};

/** Stack settings of which one was called `mails`, and before that `addresses`. */
const words = { type: "", default: "", description: "" };
const stackKeys = [
  { key: "recipients", formerly: ["addresses", "mails"], ...words },
  { key: "ledger", ...words },
] as const;
function readKeys(given: Record<string, string>) {
  const mistakes: Mistake[] = [];
  const warnings: Warning[] = [];
  const config = Object.fromEntries(Object.entries(given).map(([key, text]) => [`project:${key}`, text]));
  const { values, report } = valuesOf(
    config,
    "project",
    stackKeys,
    (path, problem, fix) => mistakes.push({ path, problem, fix }),
    warning => warnings.push(warning),
  );
  return {
    values,
    report,
    mistakes: () => mistakes.map(one => ({ ...one, fix: commandOf(one.fix) })),
    warnings: warnings.map(one => warningInWords(one)),
  };
}

describe("a setting that was renamed", () => {
  describe("of a stack", () => {
    it("is read under its old name, with the command that renames it", () => {
      for (const old of ["mails", "addresses"]) {
        const { values, warnings, mistakes } = readKeys({ [old]: "a@example.com", ledger: "adopt" });

        expect(values).to.deep.equal({ recipients: "a@example.com", ledger: "adopt" });
        expect(mistakes()).to.deep.equal([]);
        expect(warnings).to.deep.equal([
          `${old} is now called recipients: rename it with pulumi config rm ${old} && pulumi config set recipients a@example.com`,
        ]);
      }
    });

    it("is a mistake under two names", () => {
      const both = readKeys({ mails: "a@example.com", recipients: "b@example.com" });
      const twoOld = readKeys({ mails: "a@example.com", addresses: "b@example.com" });

      expect(both.values).to.deep.equal({ recipients: "b@example.com" });
      expect(both.mistakes()).to.deep.equal([
        {
          path: ["mails"],
          problem: '"mails" is now called "recipients", which is set too: expected one of them',
          fix: "pulumi config rm mails",
        },
      ]);
      expect(twoOld.mistakes().map(({ fix }) => fix)).to.deep.equal(["pulumi config rm mails"]);
    });

    it("is mended by commands that rename it first", () => {
      const { report, mistakes } = readKeys({ mails: '["a@example"]' });
      const path: Path = ["recipients", 0];
      report(path, "got nothing", setValue(path, "x"));
      report(path, "got nothing", setValue(path, "y"));
      report(["ledger"], "got nothing", removeValue(["ledger"]));

      expect(mistakes().map(({ fix }) => fix)).to.deep.equal([
        "pulumi config rm mails && pulumi config set --path 'recipients[0]' a@example && pulumi config set --path 'recipients[0]' x",
        "pulumi config set --path 'recipients[0]' y",
        "pulumi config rm ledger",
      ]);
      expect(mistakes()[0].problem).to.equal("got nothing (it is set under its old name, mails)");
      expect(mistakes()[2].problem).to.equal("got nothing");
    });

    it("does not open the door to names that nobody ever had", () => {
      const { values, mistakes } = readKeys({ recipents: "a@example.com", colour: "red" });

      expect(values).to.deep.equal({ recipients: "a@example.com" });
      expect(mistakes().map(({ path }) => path)).to.deep.equal([["recipents"], ["colour"]]);
    });
  });

  describe("of a guardrail", () => {
    it("is read under its old name, with the command that renames it", () => {
      const { guardrails, warnings: found } = read({ openPorts: [22, 3389] });
      const warnings = found.map(one => warningInWords(one));

      expect(guardrails[0].settings).to.deep.equal({ ports: [22, 3389] });
      expect(warnings).to.deep.equal([
        "guardrails.ports-closed.openPorts is now called ports: rename it with " +
          "pulumi config rm --path guardrails.ports-closed.openPorts && pulumi config set-all --path " +
          "--plaintext 'guardrails.ports-closed.ports[0]=22' --plaintext 'guardrails.ports-closed.ports[1]=3389'",
      ]);
      expect(read({ ports: [22] }).warnings).to.deep.equal([]);
    });

    it("is a mistake under two names", () => {
      expect(messageOf({ openPorts: [1], ports: [2] })).to.include(
        'guardrails.ports-closed.openPorts: "openPorts" is now called "ports", which is set too: expected one of them\n' +
          "      pulumi config rm --path guardrails.ports-closed.openPorts",
      );
    });

    it("names both what is wrong with it and its old name", () => {
      expect(messageOf({ openPorts: [70000] })).to.match(
        /guardrails\.ports-closed\.ports\[0\]: got 70000.*old name, guardrails\.ports-closed\.openPorts\)\n +pulumi config rm --path guardrails\.ports-closed\.openPorts && pulumi config set .*ports/,
      );
    });
  });
});
