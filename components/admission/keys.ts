import { unfit, type Key } from "../../runtime/aws/keys";
import { hasFunction } from "../kinds";
import type { Place } from "../regions";
import type { EnabledGuardrail } from "../settings/guardrails";
import { commandOf, setValue, type Path } from "../settings/fixes";

/** A KMS key that a stack's config names for a guardrail to write. */
export interface RequiredKey {
  readonly guardrail: string;
  /** Of the value in the stack config. */
  readonly path: Path;
  /** An ARN or an id, as the config says it. */
  readonly key: string;
}

/** All of them, whatever the mode: a key that cannot be used now cannot be used once the mode writes. */
export function requiredKeys(guardrails: readonly EnabledGuardrail[]): RequiredKey[] {
  return guardrails.flatMap(({ definition, settings }) =>
    hasFunction(definition)
      ? (definition.keys ?? []).flatMap(knob => {
          const key = settings[knob];
          const path: Path = ["guardrails", definition.id, knob];
          return typeof key === "string" ? [{ guardrail: definition.id, path, key }] : [];
        })
      : [],
  );
}

/** Reads a key. @throws Error, with KMS's code somewhere in its message */
export type Look = (key: string, region: string) => Promise<Key>;

/** Why keys could not be used where they would be written, a sentence each, with the commands that mend it. */
export async function keyProblems(
  keys: readonly RequiredKey[],
  place: Pick<Place, "account" | "regions">,
  look: Look,
): Promise<string[]> {
  const problems = await Promise.all(
    keys.flatMap((required): (string | Promise<string | undefined>)[] => {
      const [, , , region, account = place.account] = required.key.split(":");
      if (region === undefined) return place.regions.map(each => problemIn(each, account, required, look));
      if (place.regions.includes(region)) return [problemIn(region, account, required, look)];
      const covered = place.regions.join(", ");
      return [inWords(required, covered, `it is in ${region}, and the stack covers ${covered}`)];
    }),
  );
  return problems.filter(problem => problem !== undefined);
}

async function problemIn(
  region: string,
  account: string,
  required: RequiredKey,
  look: Look,
): Promise<string | undefined> {
  const at = `--key-id ${required.key} --region ${region}`;
  let key: Key;
  try {
    key = await look(required.key, region);
  } catch (error) {
    const said = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ");
    if (/\b(NotFoundException|InvalidArnException)\b/.test(said))
      return inWords(required, region, "there is no such key");
    // Whether it could be used is not known, and what is not known is not deployed.
    const why = /\bAccessDenied(Exception)?\b/.test(said) ? "AccessDeniedException" : said;
    const mend = `Whoever deploys needs kms:DescribeKey on it, by IAM and by the key's policy: aws kms describe-key ${at}`;
    return inWords(required, region, `it cannot be looked at (${why})`, mend);
  }
  const problem = unfit(key, region, account);
  return problem && inWords(required, region, problem, commandFor(key.state, at));
}

/** https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html */
function commandFor(state: string | undefined, at: string): string | undefined {
  const enable = `aws kms enable-key ${at}`;
  if (state === "Disabled") return `Enable it: ${enable}`;
  // A key whose deletion is cancelled is disabled.
  if (state === "PendingDeletion") return `Keep it: aws kms cancel-key-deletion ${at} && ${enable}`;
  return undefined;
}

function inWords(
  { guardrail, path, key }: RequiredKey,
  region: string,
  problem: string,
  mend?: string,
): string {
  const other = commandOf(setValue(path, `<ARN of an enabled symmetric key in ${region}>`));
  const says = `${guardrail}: the required key ${key} cannot be used: ${problem}.`;
  return mend === undefined
    ? `${says} Require another one: ${other}`
    : `${says} ${mend}\n  Or require another one: ${other}`;
}
