import { expect } from "chai";
import { parse } from "../../../sandbox/play/screen/timeline";
import { type DeployedStack, startStack } from "../support/stack";

const minute = 60_000;

describe("a deployed stack", function () {
  this.timeout(600_000);
  let stack: DeployedStack;

  before(async () => {
    stack = await startStack();
  });
  after(() => stack.stop());

  it("ticks by itself, never two at once, and says how much is open, zero too", async () => {
    const { sandbox } = stack;
    const from = sandbox.journal.happenings.length;
    await sandbox.clock.advance(15 * minute);
    await sandbox.idle();

    const gauges = sandbox.journal.happenings.slice(from).flatMap(one => {
      const said = one.kind === "log" ? parse(one.line) : undefined;
      return said?.Open === undefined || one.kind !== "log"
        ? []
        : [{ by: one.functionName, open: said.Open, at: Math.floor(one.at / minute) }];
    });
    const ticked = gauges.map(({ by }) => by.replace("guardrails-dev-", "")).sort();

    expect(ticked).to.deep.equal([
      "ec2-launch-baseline",
      "s3-bucket-encryption",
      ...Array<string>(3).fill("security-group-open-ingress"),
    ]);
    expect(new Set(gauges.map(({ at }) => at)).size).to.equal(gauges.length);
    expect(gauges.map(({ open }) => open)).to.deep.equal(gauges.map(() => 0));
  });
});
