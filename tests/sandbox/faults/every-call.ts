import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { breaches, breachOf } from "../../guardrails";
import type { DeployedStack } from "../support/stack";
import { aroundBatches, launchOfBatches } from "./batches";
import { type Crash, crashAt, type CrashPoint, enough, pointsOf } from "./crash-points";
import { page, type Tried } from "./page";
import { type Refused, refuse, ways } from "./refusals";
import { startSweptStack, sweeps, takesUp } from "./timed";
import type { Work } from "./trial";

const file = join(__dirname, "../../../docs/faults.md");
const named = (process.env.FAULTS ?? "").split(" ").filter(Boolean);
const chosen = named.length === 0 ? breaches : named.map(breachOf);

// `npm run faults`: most of an hour. Writes docs/faults.md when nothing is wrong.
describe("the deployed functions, at each of their calls", function () {
  this.timeout(1_800_000);
  let stack: DeployedStack;
  const tried: Record<string, Tried> = {};
  // One each: a ledger that holds what hundreds of trials left slows all that follow.
  beforeEach(async () => void (stack = await startSweptStack()));
  afterEach(() => stack?.stop());

  const tell = (what: string, wrong: readonly string[]): void =>
    console.log(`  ${what}: ${wrong.length === 0 ? "as it should" : wrong.join("; ")}`);

  /** Dies at each of the points, into `crashes`. */
  const dieAt = async (work: Work, points: readonly CrashPoint[], crashes: Crash[]): Promise<void> => {
    for (const point of points) {
      const crash = await crashAt(stack, work, point);
      crashes.push(crash);
      tell(`${crash.when.padEnd(6)} ${crash.call} ${crash.nth}`, crash.wrong);
    }
    expect(crashes.flatMap(({ wrong }) => wrong)).to.deep.equal([]);
  };

  for (const breach of chosen) {
    const { guardrail } = breach;
    const here: Tried = (tried[guardrail] = { crashes: [], refusals: [], others: {} });

    it(`${guardrail}: dies before and after every call, and its retry ends the work`, async () =>
      dieAt(breach, await pointsOf(stack, breach), here.crashes));

    it(`${guardrail}: has every operation fail in every way, for good, and then the event sent again`, async () => {
      const operations = new Set((await pointsOf(stack, breach)).map(({ call }) => call));
      for (const operation of operations)
        for (const way of ways) {
          const refused = await refuse(stack, breach, operation, way);
          here.refusals.push(refused);
          tell(`${operation}, ${way}`, refused.wrong);
        }
      expect(here.refusals.flatMap(({ wrong }) => wrong)).to.deep.equal([]);
    });

    const others: Record<string, [Work, (points: readonly CrashPoint[]) => readonly CrashPoint[]]> = {
      "a tick that takes up what was held": [takesUp(breach), points => points],
      "a tick that sweeps": [sweeps(breach), points => points],
      ...(launchOfBatches().guardrail === guardrail && {
        "a launch of two batches": [launchOfBatches(), aroundBatches],
      }),
    };
    for (const [what, [work, chosenOf]] of Object.entries(others))
      it(`${guardrail}: dies in ${what}, and a retry or the next tick ends the work`, async () => {
        const points = chosenOf(enough(await pointsOf(stack, work), work));
        await dieAt(work, points, (here.others[what] = []));
      });
  }

  it("leave a page that says so", function () {
    const failed = this.test?.parent?.tests.filter(({ state }) => state === "failed") ?? [];
    expect(failed.map(({ title }) => title)).to.deep.equal([]);
    const all: (Crash | Refused)[] = Object.values(tried).flatMap(({ crashes, refusals, others }) => [
      ...crashes,
      ...refusals,
      ...Object.values(others).flat(),
    ]);
    expect(all.flatMap(({ wrong }) => wrong)).to.deep.equal([]);
    expect(Object.values(tried).every(({ refusals }) => refusals.length > 0)).to.equal(true);
    writeFileSync(file, page(tried, readFileSync(file, "utf8")));
  });
});
