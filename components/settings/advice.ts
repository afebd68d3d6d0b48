import { capabilities } from "../../runtime/modes";
import type { EnabledGuardrail } from "./guardrails";
import { moveValue, placeOf, setValue, type Path } from "./mistakes";
import { madeOfPermissionSets, type Entry, type PeopleKey } from "./people";

type People = { readonly [Key in PeopleKey]?: readonly Entry[] };

const someArn = "arn:aws:iam::<account>:role/<path and name>";

/** What is no mistake, and yet should be known before it is deployed: a sentence each, with the command. */
export function adviceOn(guardrails: readonly EnabledGuardrail[], people: People): string[] {
  const writing = guardrails
    .filter(({ mode }) => capabilities[mode].acts !== "never")
    .map(({ definition }) => definition.id);
  const advice: string[] = [];
  if (writing.length > 0 && people.controllers === undefined)
    advice.push(
      `${enforce(writing)}, but the stack says nothing of controllers: a guardrail would fight what puts its own resources back, such as Karpenter or a load balancer controller. ` +
        `Name that with ${setValue(["controllers", 0], someArn)}, or say that there is none with ${setValue(["controllers"], "[]")}`,
    );
  if (writing.length > 0 && (people.operators ?? []).length === 0)
    advice.push(
      `${enforce(writing)}, but the stack has no operator: nobody, administrators included, could undo a change, pause a guardrail or resume what it holds, before a deployment that admits somebody. ` +
        `Admit one with ${setValue(["operators", 0], someArn)}`,
    );
  for (const key of ["operators", "deployers", "controllers", "expected"] as const)
    advice.push(...madeAnew(key, people[key] ?? []));
  return advice;
}

const enforce = (ids: readonly string[]): string =>
  `${ids.join(", ").replace(/, ([^,]*)$/, " and $1")} ${ids.length === 1 ? "enforces" : "enforce"}`;

/** A permission set's role has another ARN after its last assignment is gone and a new one is made. */
function madeAnew(key: PeopleKey, entries: readonly Entry[]): string[] {
  const made = madeOfPermissionSets(entries);
  if (made.length === 0) return [];
  const place: Path = [key];
  const named = entries.map((entry, at) => {
    const found = made.find(one => one.at === at);
    return found === undefined ? entry : { permissionSet: found.permissionSet };
  });
  const places = made.map(({ at }) => placeOf([key, at])).join(", ");
  return [
    `${places}: a permission set's role gets another ARN when it is assigned anew, and this entry then names nobody; ` +
      `name the set with ${moveValue(place, place, named)}`,
  ];
}
