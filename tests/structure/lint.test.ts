import { join, relative } from "node:path";
import { expect } from "chai";
import { ESLint } from "eslint";
import ts from "typescript";
import tseslint from "typescript-eslint";
import { root } from "./imports";

/** Per arrow: a file, there or not, something that it may not import, and what lint says of it. */
const refused: readonly (readonly [file: string, imported: string, says: RegExp])[] = [
  ["index.ts", "./runtime/handler", /index\.ts imports of other rooms only components$/],
  ["index.ts", "./sandbox/sandbox", /only components$/],
  [
    "components/place.ts",
    "../sandbox/sandbox",
    /components\/ imports of other rooms only runtime, patterns$/,
  ],
  ["components/place.ts", "../operations/undo", /only runtime, patterns$/],
  ["components/place.ts", "../tools/cli", /only runtime, patterns$/],
  ["components/place.ts", "../benchmarks/bundle", /only runtime, patterns$/],
  ["components/place.ts", "../records/index", /only runtime, patterns$/],
  ["components/settings/index.ts", "../../tests/support/program", /only runtime, patterns$/],
  ["components/guardrails/index.ts", "../guardrail", /the catalogue imports its guardrails/],
  ["components/guardrails/vpc-created.ts", "../place", /a guardrail imports \.\.\/definition/],
  ["components/guardrails/vpc-created.ts", "../definitions", /a guardrail imports/],
  ["components/guardrails/vpc-created.ts", "../../patterns", /a guardrail imports/],
  ["components/guardrails/vpc-created.ts", "../../operations/undo", /a guardrail imports/],
  ["components/guardrails/vpc-created.ts", "./s3-bucket-encryption", /never another guardrail's/],
  ["components/guardrails/vpc-created.ts", "./s3-bucket-encryption/encryption", /never another guardrail's/],
  [
    "components/guardrails/vpc-created.ts",
    "@pulumi/aws",
    /a guardrail runs in Lambda and imports only packages/,
  ],
  ["components/guardrails/vpc-created.ts", "yaml", /only packages that are there/],
  [
    "components/guardrails/vpc-created.ts",
    "@aws-sdk/credential-provider-env",
    /only packages that are there/,
  ],
  ["components/guardrails/s3-bucket-encryption/a.ts", "../vpc-created", /never another guardrail's/],
  ["components/guardrails/s3-bucket-encryption/a.ts", "../vpc-created/facts", /never another guardrail's/],
  ["components/guardrails/s3-bucket-encryption/a.ts", "../s3-bucket-encryption", /never another guardrail's/],
  ["components/guardrails/s3-bucket-encryption/a.ts", "../../place", /a guardrail imports/],
  ["components/guardrails/s3-bucket-encryption/a.ts", "@pulumi/pulumi", /only packages that are there/],
  ["runtime/handler.ts", "../components/definition", /runtime\/ runs in Lambda and imports no other room/],
  ["runtime/handler.ts", "../patterns", /imports no other room/],
  ["runtime/aws/errors.ts", "../../operations/undo", /imports no other room/],
  ["runtime/handler.ts", "@pulumi/pulumi", /runtime\/ runs in Lambda and imports only packages/],
  ["runtime/handler.ts", "zod", /only packages that are there/],
  ["runtime/aws/errors.ts", "../pipeline/outcome", /runtime\/aws\/ lies below .*telling, pipeline, ledger/],
  ["runtime/ledger/items.ts", "../telling/audit", /runtime\/ledger\/ lies below .*telling, pipeline/],
  ["runtime/pipeline/run.ts", "../telling/audit", /runtime\/pipeline\/ lies below .*telling/],
  ["runtime/telling/audit.ts", "../invocation/settle", /runtime\/telling\/ lies below .*invocation/],
  ["runtime/invocation/settle.ts", "../tick/tick", /runtime\/invocation\/ lies below tick/],
  ["runtime/sweep/sweep.ts", "../tick/tick", /runtime\/sweep\/ lies below tick/],
  ["operations/undo.ts", "../patterns", /operations\/ imports of other rooms only components, runtime$/],
  ["operations/undo.ts", "../tools/cli", /only components, runtime$/],
  ["operations/undo.ts", "../sandbox/sandbox", /only components, runtime$/],
  ["operations/undo.ts", "@pulumi/aws", /only components\/ imports Pulumi/],
  ["patterns/match.ts", "../runtime/events", /patterns\/ depends on nothing/],
  ["patterns/match.ts", "node:net", /patterns\/ depends on nothing/],
  ["patterns/match.ts", "zod", /patterns\/ depends on nothing/],
  ["patterns/rules/parts.ts", "../../runtime/events", /patterns\/ depends on nothing/],
  ["patterns/rules/parts.ts", "node:net", /patterns\/ depends on nothing/],
  ["records/index.ts", "../runtime/events", /records\/ imports no other room/],
  ["records/index.ts", "@pulumi/aws", /only components\/ imports Pulumi/],
  ["tools/match.ts", "../sandbox/sandbox", /tools\/ imports of other rooms only operations, components, /],
  ["tools/match.ts", "../tests/support/program", /tools\/ imports of other rooms/],
  ["tools/match.ts", "@pulumi/pulumi", /only components\/ imports Pulumi/],
  ["sandbox/iam/decide.ts", "../../tools/cli", /sandbox\/ imports of other rooms only components, runtime, /],
  ["sandbox/iam/decide.ts", "../../operations/undo", /sandbox\/ imports of other rooms/],
  ["sandbox/iam/decide.ts", "../../tests/support/program", /sandbox\/ imports of other rooms/],
  ["sandbox/iam/decide.ts", "@pulumi/pulumi", /only components\/ imports Pulumi/],
  ["sandbox/pulumi/engine/index.ts", "../../../tools/cli", /sandbox\/ imports of other rooms/],
  ["sandbox/play/stage.ts", "../../tools/cli", /sandbox\/play\/ imports of other rooms/],
  ["sandbox/play/stage.ts", "@pulumi/pulumi", /only components\/ imports Pulumi/],
  ["sandbox/play/stage.ts", "../../tests/guardrails", /sandbox\/play\/ imports of other rooms/],
  ["sandbox/play/scenario.ts", "../../tests/support/program", /plays tests\/guardrails\/ only/],
  ["tests/guardrails/step.ts", "../../sandbox/sandbox", /plays in accounts of AWS too/],
  ["tests/guardrails/vpc-created/steps.ts", "../../../sandbox/play/stage", /plays in accounts of AWS too/],
];

const admitted: readonly (readonly [file: string, imported: string])[] = [
  ["index.ts", "./components/place"],
  ["index.ts", "@pulumi/pulumi"],
  ["components/place.ts", "../runtime/aws/partition"],
  ["components/guardrail.ts", "../patterns"],
  ["components/guardrails/s3-bucket-encryption.ts", "./s3-bucket-encryption/encryption"],
  ["components/guardrails/s3-bucket-encryption.ts", "../definition"],
  ["components/guardrails/s3-bucket-encryption.ts", "../../runtime/aws/errors"],
  ["components/guardrails/s3-bucket-encryption.ts", "@aws-sdk/client-s3"],
  ["components/guardrails/s3-bucket-encryption/a.ts", "./encryption"],
  ["components/guardrails/s3-bucket-encryption/a.ts", "../../definition"],
  ["components/guardrails/s3-bucket-encryption/a.ts", "../../../runtime/aws/errors"],
  ["components/guardrails/s3-bucket-encryption/a.ts", "node:net"],
  ["runtime/telling/audit.ts", "../pipeline/outcome"],
  ["runtime/pipeline/run.ts", "../ledger/ledger"],
  ["runtime/ledger/items.ts", "../aws/errors"],
  ["operations/undo.ts", "../components/definition"],
  ["patterns/index.ts", "./rules/parts"],
  ["patterns/rules/parts.ts", "../match"],
  ["tools/match.ts", "../patterns"],
  ["sandbox/play/stage.ts", "../sandbox"],
  ["sandbox/play/scenario.ts", "../../tests/guardrails/step"],
  ["tests/guardrails/vpc-created/steps.ts", "../../support/fakes/client"],
  ["sandbox/pulumi/engine/index.ts", "@pulumi/pulumi"],
  ["sandbox/iam/decide.ts", "../../patterns"],
  ["tests/runtime/events.test.ts", "../../sandbox/sandbox"],
];

/** Per rule about code that Pulumi serializes: what breaks, and what lint says of it. */
const breaking: readonly (readonly [code: string, says: RegExp])[] = [
  ["export class Refused {}", /classes break when Pulumi serializes them/],
  ["export const refused = class {};", /classes break when Pulumi serializes them/],
  [
    'import * as zlib from "node:zlib";\nexport const size = zlib.constants;',
    /a namespace does not serialize/,
  ],
  ["const known = new Set();\nexport const isKnown = () => known.size;", /build it inside a function/],
  ["outer: for (;;) break outer;", /Unexpected labeled statement/],
  ["export const later = () => Date.now() + 1;", /Date\.now is the machine's/],
  ["export const today = () => new Date();", /Date\.now is the machine's/],
  ["export const chance = () => Math.random();", /Math\.random is the machine's/],
  ["export const wait = (run: () => void) => setTimeout(run, 1);", /wait by World\.pause/],
];

/** Per rule of the language that holds everywhere: what it refuses, and its name. */
const careless: readonly (readonly [code: string, rule: string])[] = [
  ["export const f = async () => undefined;\nf();", "@typescript-eslint/no-floating-promises"],
  ["[1].forEach(async () => undefined);", "@typescript-eslint/no-misused-promises"],
  [
    'export const f = (kind: "a" | "b") => {\n  switch (kind) {\n    case "a":\n      return 1;\n  }\n};',
    "@typescript-eslint/switch-exhaustiveness-check",
  ],
  ["// @ts-ignore\nexport const a = 1;", "@typescript-eslint/ban-ts-comment"],
  ["export const a = (b: any) => b;", "@typescript-eslint/no-explicit-any"],
  ['import { Stats } from "node:fs";\nexport type A = Stats;', "@typescript-eslint/consistent-type-imports"],
  ["const a = 1;", "@typescript-eslint/no-unused-vars"],
  ["export const f = (a: number) => a == 1;", "eqeqeq"],
];

/** ESLint with the types of these snippets alone: those of the whole project take half a minute. */
function lintTyped(snippets: Readonly<Record<string, string>>): ESLint {
  const options: ts.CompilerOptions = { strict: true, lib: ["lib.es2023.d.ts"], types: ["node"] };
  const host = ts.createCompilerHost(options, true);
  const ofDisk = host.getSourceFile.bind(host);
  host.getSourceFile = (path, target, ...rest) => {
    const snippet = snippets[relative(root, path)];
    return snippet === undefined
      ? ofDisk(path, target, ...rest)
      : ts.createSourceFile(path, snippet, target, true);
  };
  const names = Object.keys(snippets).map(name => join(root, name));
  const programs = [ts.createProgram(names, options, host)];
  const languageOptions = { parserOptions: { project: false, programs } };
  return new ESLint({ cwd: root, overrideConfig: [{ files: Object.keys(snippets), languageOptions }] });
}

describe("lint", () => {
  /** Without types a file need not be there, and a snippet takes milliseconds. */
  const untyped = new ESLint({
    cwd: root,
    overrideConfig: [{ files: ["**/*.ts"], ...tseslint.configs.disableTypeChecked }],
  });
  async function found(lint: ESLint, filePath: string, code: string) {
    const [{ messages }] = await lint.lintText(`${code}\n`, { filePath });
    return messages.map(({ ruleId, message }) => ({ ruleId, message }));
  }
  const importing = (path: string) => `import { a } from "${path}";\nexport const b = a;`;
  const loading = (path: string) => `export const load = () => import("${path}");`;

  for (const [file, imported, says] of refused)
    it(`refuses ${imported} in ${file}`, async () => {
      for (const code of [importing(imported), loading(imported)]) {
        const messages = (await found(untyped, file, code)).map(({ message }) => message);
        expect(messages, code).to.have.length(1);
        expect(messages[0]).to.match(says);
      }
    });

  for (const [file, imported] of admitted)
    it(`admits ${imported} in ${file}`, async () => {
      expect(await found(untyped, file, importing(imported))).to.deep.equal([]);
      expect(await found(untyped, file, loading(imported))).to.deep.equal([]);
    });

  for (const file of [
    "runtime/plain.ts",
    "runtime/aws/errors.ts",
    "components/guardrails/vpc-created.ts",
    "components/guardrails/s3-bucket-encryption/encryption.ts",
  ])
    for (const [code, says] of breaking)
      it(`refuses in ${file}: ${code.split("\n")[0]}`, async () => {
        const messages = (await found(untyped, file, code)).map(({ message }) => message);
        expect(
          messages.filter(message => says.test(message)),
          messages.join("\n"),
        ).to.have.length(1);
      });

  describe("with the types of a snippet", () => {
    const snippets = Object.fromEntries(careless.map(([code], at) => [`snippet-${at}.ts`, `${code}\n`]));
    let typed: ESLint;
    before(() => (typed = lintTyped(snippets)));

    for (const [at, [code, rule]] of careless.entries())
      it(`refuses by ${rule}: ${code.split("\n")[0]}`, async () => {
        const messages = await found(typed, `snippet-${at}.ts`, code);
        expect(messages.map(({ ruleId }) => ruleId)).to.deep.equal([rule]);
      });
  });

  it("holds those rules everywhere", async () => {
    for (const file of [
      "index.ts",
      "components/guardrails/vpc-created.ts",
      "runtime/pipeline/run.ts",
      "tools/cli.ts",
      "tests/runtime/a.test.ts",
    ]) {
      const { rules } = (await new ESLint({ cwd: root }).calculateConfigForFile(file)) as {
        rules: Record<string, [number]>;
      };
      for (const [, rule] of careless) expect(rules[rule]?.[0], `${rule} in ${file}`).to.equal(2);
    }
  });
});
