import fc from "fast-check";

const given = process.env.GUARDRAILS_TEST_SEED;

/** What every random test of this run is made from. */
export const seed = given === undefined ? (Date.now() ^ (Math.random() * 0x100000000)) | 0 : Number(given);

/** To end the message of a failure with. */
export const howToRepeat = `The seed was ${seed}: set GUARDRAILS_TEST_SEED=${seed} to repeat exactly this run.`;

/** Tries a property on random values; a failure tells the smallest counterexample, what it did, and the seed. */
export function holds<Values>(
  property: fc.IRawProperty<Values, false>,
  parameters: fc.Parameters<Values>,
): void {
  const details = fc.check(property, { ...parameters, seed, includeErrorInReport: true });
  if (details.failed) throw new Error(`${fc.defaultReportMessage(details)}\n\n${howToRepeat}`);
}
