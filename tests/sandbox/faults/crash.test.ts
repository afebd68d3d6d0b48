import { expect } from "chai";
import { breaches } from "../../guardrails";
import { type DeployedStack, startStack } from "../support/stack";
import { crashAt, pointsOf } from "./crash-points";

// A sample: around every write, and every third point of one guardrail. `npm run faults` tries them all.
describe("a function that dies in the middle of its work", function () {
  this.timeout(600_000);
  let stack: DeployedStack;
  before(async () => void (stack = await startStack()));
  after(() => stack?.stop());

  for (const breach of breaches)
    it(`is taken up by Lambda's retry: ${breach.guardrail}`, async () => {
      const points = await pointsOf(stack, breach);
      const isWrite = (call: string) => breach.writes.some(write => call.endsWith(`:${write}`));
      const sample = points.filter(
        ({ call }, index) => isWrite(call) || (breach === breaches[0] && index % 3 === 0),
      );

      const crashes = [];
      for (const point of sample) crashes.push(await crashAt(stack, breach, point));

      const wrong = crashes.flatMap(({ nth, when, call, wrong }) =>
        wrong.map(what => `${when} ${call} ${nth}: ${what}`),
      );
      expect(wrong.join("\n")).to.equal("");
      expect(crashes.map(({ trial }) => trial.tries.length)).to.deep.equal(sample.map(() => 2));
    });
});
