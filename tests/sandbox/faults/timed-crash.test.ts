import { expect } from "chai";
import { breachOf } from "../../guardrails";
import type { DeployedStack } from "../support/stack";
import { launchOfBatches } from "./batches";
import { crashAt, type CrashPoint, enough, pointsOf } from "./crash-points";
import { startSweptStack, sweeps, takesUp } from "./timed";
import type { Work } from "./trial";

/** Around its writes. `npm run faults` tries all that is enough, of every guardrail. */
const atWrites = (points: readonly CrashPoint[], work: Work): CrashPoint[] =>
  enough(points, work).filter(({ call }) => work.writes.some(write => call.endsWith(`:${write}`)));

describe("a function that dies in the middle of work for which no event of its own came", function () {
  this.timeout(600_000);
  let stack: DeployedStack;
  before(async () => void (stack = await startSweptStack()));
  after(() => stack?.stop());

  const wrongOf = async (work: Work, points: readonly CrashPoint[]): Promise<string> => {
    const wrong: string[] = [];
    for (const point of points)
      for (const one of (await crashAt(stack, work, point)).wrong)
        wrong.push(`${point.when} ${point.call} ${point.nth}: ${one}`);
    return wrong.join("\n");
  };

  const ticks = {
    "takes up what was held, once": takesUp(breachOf("security-group-open-ingress")),
    "puts right what its sweep finds, once": sweeps(breachOf("s3-bucket-encryption")),
  };
  for (const [what, work] of Object.entries(ticks))
    it(`still ${what}`, async () => {
      const points = atWrites(await pointsOf(stack, work), work);

      expect(points).to.have.length(2 * work.writes.length);
      expect(await wrongOf(work, points)).to.equal("");
    });

  it("still ends a launch of two batches, each instance once", async () => {
    const call = "ec2:ModifyNetworkInterfaceAttribute";

    expect(await wrongOf(launchOfBatches(), [{ call, nth: 13, when: "after" }])).to.equal("");
  });
});
