import type { Definition } from "../../components/definition";
import { budgetOf, hasFunction } from "../../components/kinds";
import { largestBudget, type reservedKeys } from "../../components/settings/reserved";
import { stackKeys } from "../../components/settings/keys";
import { modes } from "../../runtime/modes";
import { code, table } from "./table";

const head = ["setting", "value", "default", "meaning"];

/** The stack settings, as `components/settings/keys.ts` declares them. */
export const stackTable = (): string =>
  table(
    head,
    stackKeys.map(({ key, type, default: fallback, description }) => [
      code(key),
      type,
      fallback,
      description,
    ]),
  );

/** What every guardrail with a function has beside settings of its own. */
export const commonTable = (catalogue: readonly Definition[]): string =>
  table(
    head,
    Object.entries(commonRows(catalogue)).map(([key, row]) => [code(key), ...row]),
  );

type Row = readonly [value: string, fallback: string, meaning: string];

const commonRows = (
  catalogue: readonly Definition[],
): Readonly<Record<(typeof reservedKeys)[number], Row>> => ({
  mode: [
    `${modes.map(code).join(", ")} or ${code("off")}`,
    code("notify"),
    "How far it may go: [modes](../README.md#modes-and-promises).",
  ],
  managed: [
    "`notify` or `act`",
    code("notify"),
    "What `enforce` does about a resource that [something else runs](#controllers) and would put back: tell, or write all the same, once for a finding.",
  ],
  sweep: [
    "`notify`, `enforce` or `off`",
    code("notify"),
    "What a sweep does about existing resources: tell what is new and wrong, also write what an earlier sweep saw right or absent (in `enforce` only), or nothing. A sweep in place of a call whose record lacks its bodies writes that too, in `enforce`, unless it is `off`.",
  ],
  budget: [
    `whole number, 1 to ${largestBudget}`,
    [String(usualBudget), ...otherBudgets(catalogue)].join("; "),
    "How many resources it may put right in an hour. A finding beyond it is held, and you are told. One principal, and one controller such as an Auto Scaling group, gets half of it.",
  ],
});

const usualBudget = budgetOf({ kind: "inspecting" });

const otherBudgets = (catalogue: readonly Definition[]): string[] =>
  catalogue
    .filter(hasFunction)
    .filter(definition => budgetOf(definition) !== usualBudget)
    .map(definition => `${budgetOf(definition)} for ${code(definition.id)}`);
