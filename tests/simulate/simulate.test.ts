import { expect } from "chai";
import { type Guarded, play } from "./history";
import { guarded, guardedBy, planFor, search, told } from "./search";
import { shrink } from "./shrink";

/** How long random histories are played, in milliseconds. */
const budget = 30_000;

function* from(seed: number): Generator<number> {
  for (let next = seed; ; next++) yield next;
}

const bucketGuardrail = (): Guarded => {
  const found = guarded.find(({ definition }) => definition.id === "s3-bucket-encryption");
  if (found === undefined) throw new Error("There is no s3-bucket-encryption");
  return found;
};

describe("random histories", function () {
  this.timeout(600_000);

  it("break no promise, whoever does what and whatever goes wrong", async () => {
    const end = performance.now() + budget;
    const { found, histories } = await search(from(1), undefined, () => performance.now() < end);

    const words = await Promise.resolve(found.length > 0 ? told(found[0]) : "");
    expect(found, `${words}\n\nnpm run simulate -- --seed ${found[0]?.seeds[0]}`).to.deep.equal([]);
    expect(histories).to.be.greaterThan(100);
  });

  it("are the same for the same seed, whatever was played before", async () => {
    for (const seed of [3, 11, 25]) {
      const one = guardedBy(seed);
      const first = await play(planFor(seed, one), one);
      await play(planFor(seed + 1, guardedBy(seed + 1)), guardedBy(seed + 1));
      const second = await play(planFor(seed, one), one);

      expect(second).to.deep.equal(first);
      expect(first.sentences).to.not.be.empty;
    }
  });

  it("differ from seed to seed", async () => {
    const one = bucketGuardrail();
    const histories = await Promise.all([1, 2, 3].map(seed => planFor(seed, one)));

    expect(new Set(histories.map(({ steps }) => JSON.stringify(steps)))).to.have.property("size", 3);
  });

  it("are of all that somebody may do, and of all that may go wrong", async () => {
    const awaited = {
      "an engineer": /The engineer /,
      "a pipeline": /The pipeline /,
      "a controller": /The controller /,
      "a deployment": /The \w+ .*, through CloudFormation$/,
      "an exemption of a caller": /The operator exempts .* where arn:/,
      "an attacker": /The attacker /,
      "an operator who undoes": /The operator undoes what the guardrail did/,
      "an operator who pauses": /The operator pauses the guardrail/,
      "an operator who resumes": /The operator resumes the guardrail$/,
      "an operator who exempts": /The operator exempts/,
      "an operator who sends again what failed": /The operator sends again what failed: sent to/,
      "an operator who has the baseline put right": /of the baseline be put right/,
      "a forged event": /A forged event .* reaches the function/,
      "a function that dies before a call": /The event .* dies before at its call/,
      "a function that dies after a call": /The event .* dies after at its call/,
      "a function that is throttled": /The event .* is throttled at its call/,
      "a call whose answer is lost": /The event .* loses the answer at its call/,
      "a read that is stale": /The event .* reads old news at its call/,
      "a tick that dies": /Tick \d+ dies/,
      "a tick that is throttled": /Tick \d+ is throttled/,
      "a record without bodies": /without bodies/,
      "an event that never comes": /Its event never comes/,
      "an event that comes twice": /\(step \d+, again\) reaches the function/,
      "an event in the dead-letter queue": /its event goes to the dead-letter queue/,
    };
    const missing = new Map(Object.entries(awaited));
    let [isLate, isOvertaken] = [false, false];
    for (const seed of from(1)) {
      if (missing.size === 0 || seed > 1_000) break;
      const one = guardedBy(seed);
      const plan = planFor(seed, one);
      const { sentences } = await play(plan, one);
      const steps = sentences.flatMap(sentence => {
        const [, step] = /The event .*\(step (\d+)\) reaches the function/.exec(sentence) ?? [];
        return step === undefined ? [] : [Number(step)];
      });
      const delays = new Map(plan.steps.map(({ id, delays }) => [id, delays[0]]));
      isLate ||= steps.some(step => (delays.get(step) ?? 0) > 30 * 60_000);
      isOvertaken ||= steps.some((step, at) => step < (steps[at - 1] ?? 0));
      for (const [what, words] of missing)
        if (sentences.some(sentence => words.test(sentence))) missing.delete(what);
    }
    const services = new Set<string>();
    for (let seed = 1; seed <= 200; seed++)
      for (const { service } of planFor(seed, guardedBy(seed)).outages) services.add(service);

    expect([...missing.keys()]).to.deep.equal([]);
    expect({ isLate, isOvertaken }).to.deep.equal({ isLate: true, isOvertaken: true });
    expect([...services].sort()).to.deep.equal(["dynamodb", "sns"]);
  });

  it("show a write that is not called for, and end with the shortest that shows it", async () => {
    const { definition, simulation } = bucketGuardrail();
    // Whoever is told to use KMS forgets what else the rule said.
    const careless: Guarded = {
      simulation,
      definition: {
        ...definition,
        remediate: (clients, work, settings) =>
          definition.remediate(
            clients,
            work.map(one => ({
              ...one,
              finding: {
                ...one.finding,
                data: { rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" } }] },
              },
            })),
            settings,
          ),
      },
    };
    const promise = "bystanders' settings stay";
    const first = await firstThatBreaks(careless, promise);
    const { plan, history } = await shrink(first, promise, careless);

    expect(plan.steps.length).to.be.lessThan(3);
    expect(plan.faults).to.deep.equal([]);
    expect(history.sentences.join("\n")).to.include(`BROKEN: ${promise}`);
  });

  async function firstThatBreaks(one: Guarded, promise: string) {
    for (let seed = 1; seed <= 500; seed++) {
      const { violations } = await play(planFor(seed, one), one);
      if (violations.some(violation => violation.promise === promise)) return planFor(seed, one);
    }
    throw new Error(`No history of 500 breaks "${promise}"`);
  }
});
