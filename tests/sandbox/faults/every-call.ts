import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { breaches, breachOf } from "../../guardrails";
import { type DeployedStack, startStack } from "../support/stack";
import { type Crash, crashAt, pointsOf } from "./crash-points";
import { page } from "./page";
import { type Refused, refuse, ways } from "./refusals";

const file = join(__dirname, "../../../docs/faults.md");
const named = (process.env.FAULTS ?? "").split(" ").filter(Boolean);
const chosen = named.length === 0 ? breaches : named.map(breachOf);

// `npm run faults`: minutes. Writes docs/faults.md when nothing is wrong.
describe("the deployed functions, at each of their calls", function () {
  this.timeout(1_800_000);
  let stack: DeployedStack;
  const crashes: Record<string, Crash[]> = {};
  const refusals: Record<string, Refused[]> = {};
  before(async () => void (stack = await startStack()));
  after(() => stack?.stop());

  const tell = (what: string, wrong: readonly string[]): void =>
    console.log(`  ${what}: ${wrong.length === 0 ? "as it should" : wrong.join("; ")}`);

  for (const breach of chosen) {
    const { guardrail } = breach;

    it(`${guardrail}: dies before and after every call, and its retry ends the work`, async () => {
      const tried: Crash[] = (crashes[guardrail] = []);
      for (const point of await pointsOf(stack, breach)) {
        const crash = await crashAt(stack, breach, point);
        tried.push(crash);
        tell(`${crash.when.padEnd(6)} ${crash.call} ${crash.nth}`, crash.wrong);
      }
      expect(tried.flatMap(({ wrong }) => wrong)).to.deep.equal([]);
    });

    it(`${guardrail}: has every operation fail in every way, for good, and then the event sent again`, async () => {
      const tried: Refused[] = (refusals[guardrail] = []);
      const operations = new Set((await pointsOf(stack, breach)).map(({ call }) => call));
      for (const operation of operations)
        for (const way of ways) {
          const refused = await refuse(stack, breach, operation, way);
          tried.push(refused);
          tell(`${operation}, ${way}`, refused.wrong);
        }
      expect(tried.flatMap(({ wrong }) => wrong)).to.deep.equal([]);
    });
  }

  it("leave a page that says so", function () {
    const failed = this.test?.parent?.tests.filter(({ state }) => state === "failed") ?? [];
    expect(failed.map(({ title }) => title)).to.deep.equal([]);
    const wrong = [...Object.values(crashes), ...Object.values(refusals)].flat().flatMap(one => one.wrong);
    expect(wrong).to.deep.equal([]);
    expect(Object.keys(refusals)).to.have.length(chosen.length);
    writeFileSync(file, page(crashes, refusals, readFileSync(file, "utf8")));
  });
});
