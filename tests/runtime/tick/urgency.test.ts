import { expect } from "chai";
import type { OpenFinding } from "../../../runtime/ledger/open";
import { byUrgency } from "../../../runtime/tick/take-up";

const minute = 60_000;

/** An open finding that has been due since so many minutes. */
const open = (
  name: string,
  { who = "mallory", due = 0, attention = "hourly", code = "budget" }: Record<string, string | number> = {},
): OpenFinding =>
  ({
    finding: { summary: name },
    cause: { kind: "event", principal: { arn: `arn:aws:iam::123456789012:user/${who}` } },
    attention,
    code,
    due: Number(due) * minute,
  }) as unknown as OpenFinding;
const order = (findings: OpenFinding[]) => byUrgency(findings).map(({ finding }) => finding.summary);

describe("what is taken up", () => {
  it("is critical first, whoever brought it", () => {
    const hourly = open("ada's", { who: "ada" });
    const critical = ["first", "second", "third"].map((name, due) =>
      open(name, { due, attention: "critical" }),
    );

    expect(order([hourly, ...critical])).to.deep.equal(["first", "second", "third", "ada's"]);
  });

  it("is one of each principal in turn, of those as loud", () => {
    const many = ["first", "second", "third"].map((name, due) => open(name, { due }));

    expect(order([...many, open("ada's", { who: "ada", due: 60 })])).to.deep.equal([
      "first",
      "ada's",
      "second",
      "third",
    ]);
  });

  it("is what has waited the longest since it was due, and what is blocked again and again after it", () => {
    const blocked = Array.from({ length: 13 }, (_, at) =>
      open(`blocked ${at}`, { due: at, code: "blocked", attention: at === 0 ? "critical" : "hourly" }),
    );
    const due = [open("due later", { due: 59 }), open("due", { due: 58 })];

    expect(order([...blocked, ...due]).slice(0, 2)).to.deep.equal(["due", "due later"]);
  });
});
