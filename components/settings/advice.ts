import { capabilities } from "../../runtime/modes";
import type { Trusted } from "../../runtime/who/who";
import type { EnabledGuardrail } from "./guardrails";
import { moveValue, placeOf, setValue, type Path } from "./fixes";
import type { Warning } from "./mistakes";
import { madeOfPermissionSets, type Entry, type PeopleKey } from "./people";

type People = { readonly [Key in PeopleKey]?: readonly Entry[] };

const someArn = "arn:aws:iam::<account>:role/<path and name>";

/** Domains that are nobody's: https://www.rfc-editor.org/rfc/rfc2606, and what people take for one of them. */
const nobodys = /[@.](example\.(com|org|net)|example|test|invalid|localhost)$/i;

/** What is no mistake, and yet should be known before it is deployed. */
export function adviceOn(
  guardrails: readonly EnabledGuardrail[],
  {
    recipients,
    trusted,
    ...people
  }: People & { readonly recipients: readonly string[]; readonly trusted: Trusted },
): Warning[] {
  const writing = guardrails
    .filter(({ mode }) => capabilities[mode].acts !== "never")
    .map(({ definition }) => definition.id);
  const advice = unheard(recipients);
  const advise = (path: Path, words: Warning["words"]) => advice.push({ path, words });
  if (trusted.organization !== undefined && trusted.accounts.length === 0)
    advise(
      ["trusted"],
      command =>
        `trusted: no guardrail of this version can tell an account of ${trusted.organization} by its number, so keys and prefix lists of its accounts are called foreign. ` +
        `List the accounts that you use: ${command(setValue(["trusted", "accounts", 0], "<account>"))}`,
    );
  if (writing.length > 0 && people.controllers === undefined)
    advise(
      ["controllers"],
      command =>
        `${enforce(writing)}, but the stack says nothing of controllers: a guardrail would fight what puts its own resources back, such as Karpenter or a load balancer controller. ` +
        `Name that with ${command(setValue(["controllers", 0], someArn))}, or say that there is none with ${command(setValue(["controllers"], "[]"))}`,
    );
  if (writing.length > 0 && (people.operators ?? []).length === 0)
    advise(
      ["operators"],
      command =>
        `${enforce(writing)}, but the stack has no operator: nobody, administrators included, could undo a change, pause a guardrail or resume what it holds, before a deployment that admits somebody. ` +
        `Admit one with ${command(setValue(["operators", 0], someArn))}`,
    );
  for (const key of ["operators", "deployers", "controllers", "expected"] as const)
    advice.push(...madeAnew(key, people[key] ?? []));
  return advice;
}

/** What a stack file that was copied has in it. */
function unheard(recipients: readonly string[]): Warning[] {
  const lost = recipients.filter(address => nobodys.test(address));
  if (lost.length === 0) return [];
  const path: Path = ["recipients"];
  const hear =
    lost.length === recipients.length ? "nobody will be told of anything" : "nobody gets what goes there";
  const words: Warning["words"] = command =>
    `recipients: ${lost.join(" and ")} ${lost.length === 1 ? "is" : "are"} in a domain that is nobody's, so ${hear}. ` +
    `Name who is to be told: ${command(setValue(path, "<address>,<address>"))}`;
  return [{ path, words }];
}

const enforce = (ids: readonly string[]): string =>
  `${ids.join(", ").replace(/, ([^,]*)$/, " and $1")} ${ids.length === 1 ? "enforces" : "enforce"}`;

/** A permission set's role has another ARN after its last assignment is gone and a new one is made. */
function madeAnew(key: PeopleKey, entries: readonly Entry[]): Warning[] {
  const made = madeOfPermissionSets(entries);
  if (made.length === 0) return [];
  const place: Path = [key];
  const named = entries.map((entry, at) => {
    const found = made.find(one => one.at === at);
    return found === undefined ? entry : { permissionSet: found.permissionSet };
  });
  const places = made.map(({ at }) => placeOf([key, at])).join(", ");
  const words: Warning["words"] = command =>
    `${places}: a permission set's role gets another ARN when it is assigned anew, and this entry then names nobody; ` +
    `name the set with ${command(moveValue(place, place, named))}`;
  return [{ path: [key, made[0].at], words }];
}
