import type { GuardrailEvent } from "../../runtime/events";
import type { WritingProof } from "../guardrails/proof";
import { awsError } from "../support/fakes/client";
import { stageOf } from "../support/stages";

type Ask = (input: never) => unknown;
const ids = /\b[a-z]{1,10}-[0-9a-f]{8,17}\b/g;
const of = (input: unknown) => input as never;

/** An account that holds what the written event names, and nothing else; `wrongs` says what should not have been asked of it. */
export function strictWorld(
  guardrail: string,
  { absent = {}, confirms }: Pick<WritingProof, "absent" | "confirms">,
  event: GuardrailEvent,
  wrongs: string[],
) {
  const account = stageOf(guardrail).account(event);
  const text = JSON.stringify(event);
  const named = text.match(ids) ?? [];
  // The volumes and interfaces of an instance have its number here.
  const parts = (id: string) => ["i", "vol", "eni"].map(kind => id.replace(/^[a-z]+-/, `${kind}-`));
  const held = new Set([...named, ...named.flatMap(parts)]);
  const holds = (id: string): boolean => held.has(id) || text.includes(`"${id}"`);
  const ask = (service: string, operation: string, input: object): unknown =>
    (account[service][operation] as Ask)(of(input));
  let writes = 0;

  /** Leaves out of an EC2 filter what the account does not hold. */
  const filtered = (input: { Filters?: { Name: string; Values: string[] }[] }) => ({
    ...input,
    Filters: input.Filters?.map(({ Name, Values }) => ({
      Name,
      Values: Name.endsWith("-id") ? Values.filter(holds) : Values,
    })),
  });

  function answer(service: string, operation: string, input: Record<string, unknown>): unknown {
    for (const [field, error] of Object.entries(absent))
      if (input[field] !== undefined && !holds(String(input[field]))) throw awsError(error);
    if (Object.hasOwn(confirms, operation)) {
      writes++;
      if (!confirms[operation](of(input), { holds, ask }))
        wrongs.push(`${operation} ${JSON.stringify(input)}`);
    }
    return ask(service, operation, operation.startsWith("Describe") ? filtered(input) : input);
  }

  const answers = Object.fromEntries(
    Object.entries(account).map(([service, operations]) => [
      service,
      Object.fromEntries(
        Object.keys(operations).map(operation => [
          operation,
          (input: Record<string, unknown>) => answer(service, operation, input),
        ]),
      ),
    ]),
  );
  return { answers, writes: () => writes };
}
