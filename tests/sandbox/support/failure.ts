/** The error that a promise ends in; fails when it does not. */
export async function failure(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  const outcome = await promise.then(
    value => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("error" in outcome) return outcome.error as Error & { code?: string };
  throw new Error(`Expected an error, got ${JSON.stringify(outcome.value)}`);
}
