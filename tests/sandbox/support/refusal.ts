/** The error of a call that must fail. @throws Error when it succeeds instead */
export async function refusal(
  call: Promise<unknown>,
): Promise<Error & { readonly $metadata?: { httpStatusCode?: number } }> {
  const answer = await call.then(
    value => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("error" in answer && answer.error instanceof Error) return answer.error;
  throw new Error(`The call should have been refused, but answered ${JSON.stringify(answer)}`);
}
