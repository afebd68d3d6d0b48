import type { AnyInspecting, Definition } from "../../components/definition";
import { budgetOf, capabilitiesOf, hasFunction } from "../../components/kinds";
import { knobTable } from "./knobs";
import { moreWith, permissionTable } from "./permissions";
import { code, table } from "./table";

/** One line for each guardrail, with links into docs/guardrails.md: the catalogue on the first page. */
export const catalogueTable = (catalogue: readonly Definition[], defaultPack: readonly string[]): string =>
  table(
    ["guardrail", "what it does", "severity", "goes as far as", "default pack"],
    catalogue.map(definition => [
      `[${code(definition.id)}](docs/guardrails.md#${definition.id})`,
      definition.title,
      definition.severity,
      capabilitiesOf(definition).modes.at(-1) ?? "",
      defaultPack.includes(definition.id) ? "yes" : "",
    ]),
  );

/** The same in full, for the page that has a section for each. */
export const guardrailTable = (catalogue: readonly Definition[], defaultPack: readonly string[]): string =>
  table(
    ["guardrail", "what it does", "severity", "modes", "budget an hour", "default pack"],
    catalogue.map(definition => [
      `[${code(definition.id)}](#${definition.id})`,
      definition.title,
      definition.severity,
      capabilitiesOf(definition).modes.join(", "),
      hasFunction(definition) ? String(budgetOf(definition)) : "",
      defaultPack.includes(definition.id) ? "yes" : "",
    ]),
  );

/** A section for each guardrail: why, what it hears, its settings, and what it may call. */
export const guardrailSections = (catalogue: readonly Definition[]): string =>
  catalogue.map(section).join("\n\n");

function section(definition: Definition): string {
  const { id, title, why } = definition;
  const parts = [`## ${id}`, `${title}. ${why}`, heard(definition)];
  if (!hasFunction(definition))
    return [...parts, "No function, no settings: the rule publishes to the topic itself."].join("\n\n");
  const needs = definition.needs;
  if (needs.length > 0) parts.push(`Needs the stack setting ${needs.map(code).join(", ")}.`);
  parts.push(named(definition));
  return [...parts, knobTable(definition), permissionTable(definition), ...moreWith(definition)].join("\n\n");
}

/** The members of each record that name what is looked at. */
function named({ members }: AnyInspecting): string {
  const calls = Object.entries(members).map(
    ([name, paths]) => `${code(name)} by ${paths.map(code).join(" or ")}`,
  );
  return calls.length === 0
    ? "The members of a record that name a resource are not listed yet."
    : `Nothing in a record names a resource but: ${calls.join("; ")}. Lists and their entries count as one member.`;
}

const heard = ({ triggers }: Definition): string =>
  `Hears ${triggers
    .map(trigger => {
      if ("schedule" in trigger) return `a schedule, ${code(trigger.schedule)}`;
      const { source, detail } = trigger.pattern;
      const names = detail?.eventName ?? trigger.pattern["detail-type"];
      return `${names.map(code).join(", ")} of ${source.map(code).join(", ")}`;
    })
    .join("; ")}.`;
