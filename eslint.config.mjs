import { readdirSync } from "node:fs";
import { builtinModules } from "node:module";
import tseslint from "typescript-eslint";

/** The folders of this project; docs/architecture.md, "Layers and arrows", says which may import which. */
const rooms = "components runtime operations patterns records sandbox tools benchmarks tests".split(" ");

/** Of other rooms these may be imported. */
const roomsFor = (whose, ...allowed) => ({
  regex: `^\\.(\\./\\.)*\\.?/(${rooms.filter(room => !allowed.includes(room) && !whose.startsWith(`${room}/`)).join("|")})(/|$)`,
  message: `${whose} ${allowed.length > 0 ? `imports of other rooms only ${allowed.join(", ")}` : "imports no other room"}`,
});

/** Of packages only these may be imported, besides what Node.js has. */
const packagesFor = (whose, ...allowed) => ({
  regex: `^(?!\\.|node:|(${builtinModules.join("|")})$|(${allowed.join("|")})$)`,
  message: `${whose} imports only packages that are there where it runs: ${allowed.join(", ")}`,
});

const noPulumi = { regex: "^@pulumi/", message: "only components/ imports Pulumi" };

/** The rooms of runtime/, each above what follows it: a room imports only those below, and files of runtime/ itself. */
const runtimeRooms = ["tick", "sweep", "invocation", "telling", "pipeline", "ledger", "aws"];
const below = (room, above) => ({
  regex: `^\\.\\./(${above.join("|")})(/|$)`,
  message: `runtime/${room}/ lies below ${above.join(", ")}: what both need belongs here or into runtime/ itself`,
});

const forSandbox = ["components", "runtime", "patterns", "records"];
const sdk = "@aws-sdk/client-[a-z0-9-]+";

/** What Pulumi's serializer breaks silently: docs/architecture.md, "What may run in Lambda". */
const serialized = [
  {
    selector: "ClassDeclaration, ClassExpression",
    message: "classes break when Pulumi serializes them; use plain functions",
  },
  {
    selector: "ImportNamespaceSpecifier",
    message: "name what you import: a namespace does not serialize",
  },
  {
    selector: "Program > VariableDeclaration > VariableDeclarator > NewExpression",
    message: "build it inside a function: a captured instance breaks when serialized",
  },
];

/** What the run time takes from its machine, so that tests and the simulator can give it another. */
const machines = [
  ["Date", "now"],
  ["Math", "random"],
  ["process", "stdout"],
].map(([object, property]) => ({
  selector: `MemberExpression[object.name="${object}"][property.name="${property}"]`,
  message: `${object}.${property} is the machine's: take it from the World, or from Machine in the handler`,
}));
const ofMachine = [
  ...machines,
  { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: machines[0].message },
  { selector: 'CallExpression[callee.name="setTimeout"]', message: "wait by World.pause" },
];

/** These files import nothing that a pattern names, `import()` included; where several say something, the last holds. */
const hold = (files, patterns, syntax = []) => ({
  files,
  rules: {
    "no-restricted-imports": ["error", { patterns }],
    "no-restricted-syntax": [
      "error",
      ...patterns.map(({ regex, message }) => ({
        selector: `ImportExpression > Literal[value=/${regex.replaceAll("/", "\\x2F")}/]`,
        message,
      })),
      ...syntax,
    ],
    ...(syntax.length > 0 && { "no-labels": "error" }),
  },
});

const runtimeArrows = [
  roomsFor("runtime/ runs in Lambda and"),
  packagesFor("runtime/ runs in Lambda and", sdk),
];

/** A guardrail: its definition, and the folder of its own beside it where it has one. */
const guardrailIds = readdirSync(new URL("components/guardrails", import.meta.url))
  .map(name => name.replace(/\.ts$/, ""))
  .filter(id => id !== "index");
const guardrailArrows = (own, id) => [
  {
    regex: `^(?!${own}|(\\.\\./)+(definition$|runtime/)|[^.])`,
    message: `a guardrail imports ../definition, ../../runtime/ and what lies in ${id}/, never another guardrail's`,
  },
  packagesFor("a guardrail runs in Lambda and", sdk, "zod"),
];

export default tseslint.config(
  { ignores: ["node_modules/**", ".sandbox/**"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommended],
    // One program for all: half again as fast as the project service, which is made for editors.
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/ban-ts-comment": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      eqeqeq: ["error", "always", { null: "ignore" }],
    },
  },
  { files: ["tests/**/*.ts"], rules: { "@typescript-eslint/no-unused-expressions": "off" } },
  hold(["index.ts"], [roomsFor("index.ts", "components")]),
  hold(["components/**/*.ts"], [roomsFor("components/", "runtime", "patterns")]),
  hold(
    ["components/guardrails/index.ts"],
    [
      {
        regex: "^(?!\\./|\\.\\./definition$)",
        message: "the catalogue imports its guardrails and ../definition",
      },
    ],
  ),
  ...guardrailIds.flatMap(id => [
    hold([`components/guardrails/${id}.ts`], guardrailArrows(`\\./${id}/`, id), [
      ...serialized,
      ...ofMachine,
    ]),
    hold([`components/guardrails/${id}/**/*.ts`], guardrailArrows("\\./", id), [...serialized, ...ofMachine]),
  ]),
  hold(["runtime/**/*.ts"], runtimeArrows, [...serialized, ...ofMachine]),
  hold(["runtime/machine.ts"], runtimeArrows, serialized),
  ...runtimeRooms
    .slice(1)
    .map((room, at) =>
      hold(
        [`runtime/${room}/**/*.ts`],
        [...runtimeArrows, below(room, runtimeRooms.slice(0, at + 1))],
        [...serialized, ...ofMachine],
      ),
    ),
  hold(["operations/**/*.ts"], [roomsFor("operations/", "components", "runtime"), noPulumi]),
  hold(["patterns/**/*.ts"], [{ regex: "^(?!\\./)", message: "patterns/ depends on nothing" }]),
  hold(["patterns/*/*.ts"], [{ regex: "^(?!\\.\\.?/[^.])", message: "patterns/ depends on nothing" }]),
  hold(["records/**/*.ts"], [roomsFor("records/"), noPulumi]),
  hold(
    ["tools/**/*.ts"],
    [roomsFor("tools/", "operations", "components", "runtime", "patterns", "records"), noPulumi],
  ),
  hold(["sandbox/**/*.ts"], [roomsFor("sandbox/", ...forSandbox), noPulumi]),
  hold(["sandbox/pulumi/**/*.ts"], [roomsFor("sandbox/", ...forSandbox)]),
  hold(["sandbox/play/**/*.ts"], [roomsFor("sandbox/play/", ...forSandbox, "operations"), noPulumi]),
  hold(
    ["sandbox/play/scenario.ts"],
    [
      roomsFor("sandbox/play/scenario.ts", ...forSandbox, "tests"),
      { regex: "/tests/(?!guardrails(/|$))", message: "of tests the sandbox plays tests/guardrails/ only" },
      noPulumi,
    ],
  ),
  hold(
    ["tests/guardrails/**/*.ts"],
    [roomsFor("tests/guardrails/ plays in accounts of AWS too, and", "components", "runtime", "patterns")],
  ),
);
