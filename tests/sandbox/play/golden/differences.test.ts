import { expect } from "chai";
import { differencesOf } from "./differences";
import type { Golden } from "./record";

const golden = (change: Partial<Golden> = {}): Golden => ({
  steps: { bucket: { lines: ["encrypted", "ignored"], mails: ["to owner"] } },
  ledger: ["action"],
  resources: ["topic"],
  outputs: ["{}"],
  ...change,
});

describe("what differs from the golden play", () => {
  it("is nothing where all is equal", () => {
    expect(differencesOf(golden(), golden())).to.equal("");
  });

  it("is named by part, with the first line that was wanted and the one that came", () => {
    const now = golden({
      steps: { bucket: { lines: ["decrypted", "ignored"], mails: ["to owner"] } },
      resources: [],
    });
    expect(differencesOf(golden(), now).split("\n")).to.deep.equal([
      "step bucket, lines: 1 of 2 lines differ; the first:",
      "  wanted: encrypted",
      "  got:    decrypted",
      "resources: 1 of 1 lines differ; the first:",
      "  wanted: topic",
      "  got:    no such line",
    ]);
  });

  it("is cut to where two long lines part", () => {
    const line = (word: string) => `${"a".repeat(500)}${word}${"b".repeat(500)}`;
    const text = differencesOf(golden({ ledger: [line("old")] }), golden({ ledger: [line("new")] }));
    const [, wanted, got] = text.split("\n");
    expect(wanted).to.match(/wanted: …a{70}oldb{67}…$/);
    expect(got).to.match(/got: {4}…a{70}newb{67}…$/);
  });

  it("counts lines: said twice is not said once; one that came later shifts no other", () => {
    expect(differencesOf(golden(), golden({ ledger: ["action", "action"] }))).to.equal(
      "ledger: 1 of 2 lines differ; the first:\n  wanted: no such line\n  got:    action",
    );
  });

  it("tells of a step that is new or gone", () => {
    const text = differencesOf(golden(), golden({ steps: { group: { lines: ["closed"], mails: [] } } }));
    expect(text).to.contain("step bucket, mails: 1 of 1 lines differ");
    expect(text).to.contain("step group, lines: 1 of 1 lines differ");
  });
});
