import type {
  AnyInspecting,
  Definition,
  Permissions,
  StackSetting,
  StackSettings,
  Statement,
} from "../../components/definition";
import { hasFunction } from "../../components/kinds";
import { choicesOf, valueInWords } from "./knobs";
import { sweepingModes, writingModes } from "./modes";
import { code, table } from "./table";

/** Stand-ins with which permissions are shown; forms of a stack setting that ask for other permissions come after. */
const examples: { readonly [Key in StackSetting]: readonly StackSettings[Key][] } = {
  adminSecurityGroupId: ["sg-0123456789abcdef0", { tag: { Key: "value" } }],
  trusted: [{ accounts: [] }],
};

type Values = Readonly<Record<string, unknown>>;
type Lists = Permissions;

const holders: Readonly<Record<keyof Lists, string>> = {
  read: "the function, in every mode",
  write: `the function, in ${writingModes.join(" and ")}`,
  undo: "an operator",
  inventory: `the function, in ${sweepingModes.join(" and ")} unless \`sweep\` is off; an operator`,
};

const permissionsWith = (definition: AnyInspecting, settings: Values): Lists =>
  definition.permissions({
    partition: "aws",
    account: "<account>",
    region: "<region>",
    regions: ["<region>"],
    settings,
  });

const defaultsOf = (definition: AnyInspecting): Values => ({
  ...(definition.settings.parse({}) as Values),
  ...Object.fromEntries(definition.needs.map(key => [key, examples[key][0]])),
});

/** What the guardrail's function and its operators may call with default settings, or a sentence where nothing is. */
export function permissionTable(definition: AnyInspecting): string {
  const lists = permissionsWith(definition, defaultsOf(definition));
  const rows = (Object.keys(holders) as (keyof Lists)[]).flatMap(list =>
    lists[list].map(statement => [
      list,
      holders[list],
      statement.actions.map(code).join(", "),
      `${statement.resources.map(code).join(", ")}${reservations(statement)}`,
    ]),
  );
  return rows.length > 0
    ? table(["permissions", "held by", "actions", "on"], rows)
    : "It calls nothing beside what every function may.";
}

/** What the functions could do beyond their code, in modes that write: no condition of IAM keeps them from it. */
export const unheldTable = (catalogue: readonly Definition[]): string =>
  table(
    ["guardrail", "permission", "what IAM cannot be made to hold"],
    catalogue
      .filter(hasFunction)
      .flatMap(definition =>
        permissionsWith(definition, defaultsOf(definition)).write.map(({ actions, unheld }) => [
          code(definition.id),
          actions.map(code).join(", "),
          unheld,
        ]),
      ),
  );

function reservations({ conditions, reason }: Statement): string {
  const wanted = Object.entries(conditions ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(
      ([key, values]) => `; only if ${operator} ${key} = ${[values].flat().join(", ")}`,
    ),
  );
  return `${wanted.join("")}${reason === undefined ? "" : ` (${reason})`}`;
}

/** What a function gets beyond the table with other settings, one at a time. */
export function moreWith(definition: AnyInspecting): string[] {
  const defaults = defaultsOf(definition);
  const usual = actionsIn(permissionsWith(definition, defaults));
  const needed = definition.needs.flatMap(key =>
    examples[key].map((value): [string, unknown] => [key, value]),
  );
  const others = [...choicesOf(definition), ...needed].filter(([key, value]) => defaults[key] !== value);
  const lines = others.flatMap(([key, value]) => {
    const all = actionsIn(permissionsWith(definition, { ...defaults, [key]: value }));
    const more = all.filter(action => !usual.includes(action));
    return more.length > 0
      ? [`- ${code(`${key}: ${valueInWords(value)}`)}: ${more.map(code).join(", ")}`]
      : [];
  });
  return lines.length > 0 ? [`The function also gets, with other settings:\n\n${lines.join("\n")}`] : [];
}

const actionsIn = ({ read, write }: Lists): string[] => [...read, ...write].flatMap(({ actions }) => actions);
