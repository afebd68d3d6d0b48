import { z } from "zod";
import type { AdminSecurityGroup, AnyInspecting, Scope, StackSetting } from "../../components/definition";

type Settings = Record<string, unknown>;

const adminGroups: readonly AdminSecurityGroup[] = [
  "sg-0123456789abcdef0",
  { "vpc-0123456789abcdef0": "sg-0123456789abcdef0" },
  { tag: { Role: "admins" } },
];
const stackSettings: Readonly<Record<StackSetting, readonly unknown[]>> = {
  adminSecurityGroupId: adminGroups,
  trusted: [{ accounts: [] }, { organization: "o-0123456789", accounts: ["210987654321"] }],
};

interface KnobSchema {
  readonly enum?: readonly unknown[];
  readonly type?: string;
  readonly items?: { readonly enum?: readonly unknown[] };
  readonly examples?: readonly unknown[];
}

/** Each of the values that a knob can be told apart by, or its examples; [] for other free text and numbers. */
function valuesOf({ enum: choices, type, items, examples }: KnobSchema): unknown[] {
  if (examples !== undefined) return [...examples];
  if (choices !== undefined) return [...choices];
  if (type === "boolean") return [true, false];
  return items?.enum === undefined ? [] : [[...items.enum], []];
}

/**
 * Settings as stacks may have them: the defaults, each choice of each knob, and both with each form of the stack
 * settings that the guardrail needs.
 */
export function settingsVariants(definition: AnyInspecting): Settings[] {
  const { properties = {} } = z.toJSONSchema(definition.settings, { io: "input" }) as {
    properties?: Record<string, KnobSchema>;
  };
  const given = [
    {},
    ...Object.entries(properties).flatMap(([knob, schema]) =>
      valuesOf(schema).map(value => ({ [knob]: value })),
    ),
  ];
  const own = given.map(knobs => definition.settings.parse(knobs) as Settings);
  return definition.needs.reduce<Settings[]>(
    (variants, key) =>
      variants.flatMap(settings => stackSettings[key].map(value => ({ ...settings, [key]: value }))),
    own,
  );
}

export const scopeOf = (settings: Settings, partition = "aws", regions = ["us-east-1"]): Scope<Settings> => ({
  partition,
  account: "123456789012",
  region: regions[0],
  regions,
  settings,
});
