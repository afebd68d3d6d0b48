import { createHash } from "crypto";
import { builtinModules } from "module";
import * as pulumi from "@pulumi/pulumi";
import { build, type Plugin } from "esbuild";
import type { AnyInspecting, Definition } from "./definition";
import { targetNodeVersion } from "./function";
import { hasFunction } from "./kinds";
import { createHandler } from "../runtime/handler";

/** The deployed code of one function: `index.js`, and a short hash of it. */
export interface Bundle {
  readonly text: string;
  readonly hash: string;
}

/** What the text of a function may require: SDK clients, in the spelling that the serializer writes. */
const sdkModule = /^(@aws-sdk\/client-[a-z0-9-]+)(\/dist-cjs\/index\.js)?$/;
const isBuiltin = (id: string): boolean => builtinModules.includes(id.replace(/^node:/, ""));

/** Serializes a definition's remediator as Lambda will run it: a CommonJS text that ends in `exports.handler`. */
export async function serializeRemediator(definition: AnyInspecting): Promise<string> {
  // Only what is named here travels: a definition's documentation, settings and permissions stay behind.
  const { id, title, severity, clients, resources, inspect, assess, ownership, remediate, batch, notYet } =
    definition;
  const { remembered, sweptOnly, recorded, parts, isWatched, inventory, look } = definition;
  const expected = definition.triggers.flatMap(trigger =>
    "pattern" in trigger
      ? [
          {
            source: trigger.pattern.source,
            "detail-type": trigger.pattern["detail-type"],
            detail: {
              eventSource: trigger.pattern.detail?.eventSource,
              eventName: trigger.pattern.detail?.eventName,
            },
          },
        ]
      : [],
  );
  const remediator = () =>
    createHandler(
      {
        ...{ id, title, severity, clients, resources, inspect, assess, ownership, remediate, batch, notYet },
        ...{ remembered, sweptOnly, recorded, parts, isWatched, inventory, look },
      },
      expected,
    );
  const { text } = await pulumi.runtime.serializeFunction(remediator, { isFactoryFunction: true });
  return text;
}

/**
 * Bundles every definition's function in one esbuild call: each output is what bundling it alone would give, the same
 * bytes on every run, and holds of each SDK package only what the function uses.
 * @throws Error naming the guardrail and the module when a function requires what Lambda will not have.
 */
export async function bundleRemediators(definitions: readonly Definition[]): Promise<Record<string, Bundle>> {
  const withFunction = definitions.filter(hasFunction);
  if (withFunction.length === 0) return {};
  const texts = Object.fromEntries(
    await Promise.all(
      withFunction.map(async definition => [definition.id, await serializeRemediator(definition)] as const),
    ),
  );
  const { outputFiles } = await build({
    entryPoints: Object.keys(texts).map(id => ({ in: `entry:${id}`, out: id })),
    plugins: [virtualFiles(texts)],
    outdir: "out",
    bundle: true,
    write: false,
    platform: "node",
    target: `node${targetNodeVersion}`,
    format: "cjs",
    minify: true,
    // The SDK's ES modules are the ones that can be shaken down to what is used.
    mainFields: ["module", "main"],
    legalComments: "none",
    logLevel: "silent",
    absWorkingDir: __dirname,
  });
  return Object.fromEntries(
    Object.keys(texts).map(id => {
      const file = outputFiles.find(({ path }) => path.endsWith(`/${id}.js`) || path.endsWith(`\\${id}.js`));
      if (file === undefined) throw new Error(`Bundling gave no code for ${id}`);
      return [
        id,
        { text: file.text, hash: createHash("sha256").update(file.text).digest("hex").slice(0, 12) },
      ];
    }),
  );
}

/**
 * Lambda gives a function its role's keys in the environment and nowhere else, so the SDK's search through profiles,
 * single sign-on and metadata services stays out of the bundle:
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
const environmentCredentials =
  'export { fromEnv as defaultProvider } from "@aws-sdk/credential-provider-env";';

/** Serves entries and serialized texts to esbuild from memory; everything else resolves from this project. */
const virtualFiles = (texts: Record<string, string>): Plugin => ({
  name: "remediators",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(entry|closure):/ }, ({ path }) => ({ path, namespace: "remediator" }));
    onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ resolveDir }) => ({
      path: "credentials",
      namespace: "environment",
      pluginData: resolveDir,
    }));
    onLoad({ filter: /.*/, namespace: "environment" }, ({ pluginData }) => ({
      contents: environmentCredentials,
      loader: "js",
      resolveDir: pluginData as string,
    }));
    onLoad({ filter: /.*/, namespace: "remediator" }, ({ path }) => {
      const [kind, id] = path.split(":");
      // The text is not rewritten: it is handed the `require` that the entry has filled.
      const closure = `module.exports = function (require) { const exports = {};\n${texts[id]}\nreturn exports; };`;
      return {
        contents: kind === "entry" ? entryOf(id, texts[id]) : closure,
        loader: "js",
        resolveDir: __dirname,
      };
    });
  },
});

/** The ES module that imports exactly the members which the text uses and hands them to it. */
function entryOf(id: string, text: string): string {
  const imports: string[] = [];
  const modules = [...requiredBy(id, text)].map(([literal, members], at) => {
    const name = sdkModule.exec(literal)?.[1] ?? literal;
    const all = members === "everything";
    const local = (member: string) => `m${at}_${member}`;
    imports.push(
      all
        ? `import * as m${at} from ${JSON.stringify(name)};`
        : `import { ${members.map(member => `${member} as ${local(member)}`).join(", ")} } from ${JSON.stringify(name)};`,
    );
    const value = all ? `m${at}` : `{ ${members.map(member => `${member}: ${local(member)}`).join(", ")} }`;
    return `${JSON.stringify(literal)}: ${value}`;
  });
  return [
    ...imports,
    `import load from "closure:${id}";`,
    `const modules = { ${modules.join(", ")} };`,
    "export const handler = load(id => modules[id]).handler;",
  ].join("\n");
}

/** Module name as written → the members used, sorted; "everything" for a built-in or a use that is not `alias.member`. */
export function requiredBy(id: string, text: string): Map<string, string[] | "everything"> {
  const found = new Map<string, string[] | "everything">();
  for (const [, alias, literal] of text.matchAll(/(?:^const (\w+) = )?require\(([^)]*)\)/gm)) {
    const name = moduleName(id, literal);
    const uses = alias
      ? [...text.matchAll(new RegExp(`(?<!const )\\b${alias}\\b(?:\\.(\\w+))?`, "g"))].map(use => use[1])
      : [undefined];
    const known = found.get(name) ?? [];
    const everything =
      !sdkModule.test(name) || known === "everything" || (uses as (string | undefined)[]).includes(undefined);
    found.set(name, everything ? "everything" : [...new Set([...known, ...(uses as string[])])].sort());
  }
  return found;
}

function moduleName(id: string, literal: string): string {
  let name: unknown;
  try {
    name = JSON.parse(literal);
  } catch {
    throw new Error(`The function of ${id} requires ${literal}: only a literal module name can be bundled`);
  }
  if (typeof name !== "string" || !(sdkModule.test(name) || isBuiltin(name)))
    throw new Error(
      `The function of ${id} requires ${literal}, which is not in Lambda: use only @aws-sdk/client-* and Node's own modules there`,
    );
  return name;
}
