import type { AnyInspecting, Definition } from "../../components/definition";
import { catalogue } from "../../components/guardrails";
import { hasFunction } from "../../components/kinds";

/** The guardrails of the catalogue that have a function. */
export const inspecting: readonly AnyInspecting[] = (catalogue as readonly Definition[]).filter(hasFunction);

/** Stack settings that are always there, as a stack has them that says nothing. */
const unsaid: Readonly<Record<string, unknown>> = { trusted: { accounts: [] } };

/** The guardrail's knobs as given over their defaults, and the stack settings that it needs. */
export function settingsOf(
  definition: AnyInspecting,
  given: Record<string, unknown>,
): Record<string, unknown> {
  const needs = definition.needs as readonly string[];
  const own = Object.entries(given).filter(([key]) => !needs.includes(key));
  const stack = Object.entries({ ...unsaid, ...given }).filter(([key]) => needs.includes(key));
  return { ...definition.settings.parse(Object.fromEntries(own)), ...Object.fromEntries(stack) };
}
