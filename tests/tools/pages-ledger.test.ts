import { expect } from "chai";
import { kept } from "../../runtime/ledger/items";
import { readPage } from "../support/pages";

const days = (count: number): string => (count === 1 ? "1 day" : `${count} days`);

/** What docs/ledger.md says of how long an item stays, by the beginning of its sort key. */
const told = Object.fromEntries(
  readPage("docs/ledger.md")
    .split("\n")
    .filter(line => /^\| (resource|budget|brake) \|/.test(line))
    .map(line => line.split("|").map(cell => cell.trim()))
    .map(([, pk, sk, , stays]) => [pk === "brake" ? pk : /`([a-z]+)/.exec(sk)?.[1], stays]),
);

describe("how long the ledger keeps things", () => {
  it("is told in docs/ledger.md as it is in runtime/ledger/items.ts", () => {
    const ended = `until ${kept.decision === 1 ? "a day" : days(kept.decision)} after it ends`;
    expect(told).to.deep.equal({
      lock: days(kept.lock),
      event: days(kept.event),
      action: days(kept.action),
      hold: ended,
      breaker: days(kept.breaker),
      notice: days(kept.notice),
      seen: days(kept.seen),
      all: days(kept.budget),
      brake: ended,
    });
  });

  for (const [page, said] of [
    ["README.md", `every change, for ${days(kept.action)}`],
    ["docs/safety.md", `After ${days(kept.event)}`],
    ["docs/safety.md", `after ${days(kept.action)} a change can no longer be undone`],
  ] as const)
    it(`is the same in ${page}: ${said}`, () => {
      expect(readPage(page)).to.contain(said);
    });
});
