import { expect } from "chai";
import { transactionReadings } from "../../../sandbox/services/dynamodb/leading-keys";
import { breaches } from "../../guardrails";
import { type DeployedStack, startStack } from "../support/stack";
import { attempt, untruths } from "./trial";

// AWS does not say which keys of a transaction a condition on leading keys is held against: the policies must do for all.
// All other tests take each item with its own key.
for (const transactions of transactionReadings.filter(reading => reading !== "item"))
  describe(`a deployed function, where IAM reads the keys of a transaction by "${transactions}"`, function () {
    this.timeout(600_000);
    let stack: DeployedStack;
    before(async () => void (stack = await startStack({ transactions })));
    after(() => stack?.stop());

    for (const breach of breaches)
      it(`puts right what it finds, once, and records it: ${breach.guardrail}`, async () => {
        const trial = await attempt(stack, breach);

        expect(trial.outcomes).to.include("remediated");
        expect(await untruths(stack, breach, trial)).to.deep.equal([]);
      });
  });
