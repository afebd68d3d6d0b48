import type { AnyInspecting } from "../../components/definition";
import { hasFunction } from "../../components/kinds";
import { covering } from "../../components/regions";
import type { EnabledGuardrail } from "../../components/settings/guardrails";
import { failureOf } from "../../runtime/aws/errors";
import { exemptionFor } from "../../runtime/exemptions";
import type { Finding, Resource } from "../../runtime/guardrail";
import type { Operator } from "../operator";
import { createPace, type Pace } from "./pace";
import { refusal } from "../refusals";

/** What a guardrail finds wrong in one region. */
export interface Sweep {
  readonly guardrail: string;
  readonly region: string;
  /** Resources looked at. */
  readonly looked: number;
  readonly wrong: readonly { readonly resource: Resource; readonly finding: Finding }[];
  /** Wrong, and left alone by the stack's exemptions. */
  readonly exempt: number;
  /** Why the region was not gone through to its end: then the numbers are of a part of it. */
  readonly error?: { readonly code: string; readonly message: string };
}

export interface Swept {
  readonly sweeps: readonly Sweep[];
  /** Calls made, and those that AWS refused because they came too fast. */
  readonly calls: number;
  readonly refused: number;
}

type Enabled = EnabledGuardrail & { readonly definition: AnyInspecting };

/** The stack's guardrails that can be swept, or the one that is asked for. @throws Refusal naming what there is */
export function sweepable(guardrails: readonly EnabledGuardrail[], only: string | undefined): Enabled[] {
  const enabled = guardrails.filter((one): one is Enabled => hasFunction(one.definition));
  const chosen = enabled.filter(({ definition }) => only === undefined || definition.id === only);
  if (chosen.length === 0)
    throw refusal(
      only === undefined
        ? "No guardrail of this stack looks at anything."
        : `Guardrail "${only}" is not enabled in this stack; enabled are ${enabled.map(({ definition }) => definition.id).join(", ")}.`,
      2,
    );
  return chosen;
}

/**
 * Goes through everything that the guardrails guard, at once and with the operator's credentials: reads alone, and the
 * ledger not at all, so that it shows what is wrong now, whatever was told before. One guardrail's region that fails
 * does not stop the others.
 * @param progress is told how many resources were looked at, as they come
 */
export async function sweep(
  operator: Operator,
  guardrails: readonly Enabled[],
  progress: (guardrail: string, region: string, looked: number) => void = () => undefined,
): Promise<Swept> {
  const pace = createPace({ now: operator.now, random: Math.random, pause: operator.pause });
  const { regions } = covering(operator.place);
  const sweeps = await Promise.all(
    guardrails.flatMap(one => regions.map(region => sweepRegion(operator, pace, one, region, progress))),
  );
  return { sweeps, ...pace.counted };
}

async function sweepRegion(
  operator: Operator,
  pace: Pace,
  { definition, settings, exemptions }: Enabled,
  region: string,
  progress: (guardrail: string, region: string, looked: number) => void,
): Promise<Sweep> {
  const { id } = definition;
  const { account, partition } = operator.place;
  const clients = pace.watch(operator.clients(definition, region), region);
  const found = { looked: 0, exempt: 0, wrong: [] as { resource: Resource; finding: Finding }[] };
  const seen = { guardrail: id, region };
  try {
    for await (const { items } of definition.inventory(clients, { account, region, partition }, settings)) {
      for (const { resource, state } of items) {
        if (state.gone === true) continue;
        found.looked += 1;
        const finding = definition.assess(state, settings, resource.hints) as Finding | undefined;
        if (finding === undefined) continue;
        const { exempt } = exemptionFor(exemptions, { guardrail: id, resource }, operator.now());
        if (exempt !== undefined) found.exempt += 1;
        else found.wrong.push({ resource, finding });
      }
      progress(id, region, found.looked);
    }
    return { ...seen, ...found };
  } catch (error) {
    const { code, message } = failureOf(error);
    return { ...seen, ...found, error: { code, message } };
  }
}
