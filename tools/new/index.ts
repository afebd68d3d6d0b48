import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline/promises";
import { isRefusal, refusal } from "../../operations/refusals";
import { parsed } from "../event";
import type { Streams } from "../operating";
import { definitionText } from "./definition";
import { checkId, kinds, type Plan, planOf, type Wishes } from "./plan";
import { proofTexts } from "./proof";

/** The command's options as given. */
export interface NewOptions {
  service?: string;
  call?: string;
  kind?: string;
  title?: string;
  request?: string;
}

const project = join(__dirname, "../..");
const questions = {
  service: "Which service's call does it listen to (ec2, s3, kms …)?",
  call: "Which call, in the SDK's spelling (ModifySnapshotAttribute)?",
  kind: `Which kind? ${Object.entries(kinds)
    .map(([kind, words]) => `${kind}: ${words}`)
    .join("; ")}.`,
  title: "What does it do, beginning with a verb, in at most 60 characters?",
} as const;

/**
 * Runs `guardrails new`: writes all files of a new guardrail. They compile, and their tests say what to fill in. Exit
 * code: 0 written, 2 not, which is told on `stderr`.
 */
export async function create(
  id: string,
  options: NewOptions,
  streams: Streams = process,
  root = project,
): Promise<number> {
  try {
    checkId(root, id);
    const request = parsed("--request", options.request);
    const plan = planOf(id, { ...(await complete(options, streams)), request });
    const files = await write(root, plan);
    streams.stdout.write(
      [...files.map(file => `  ${file}`), ...notes(root, plan), `Next: npm run prove -- ${id}`, ""].join(
        "\n",
      ),
    );
    return 0;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    streams.stderr.write(`${error.message}\n`);
    return 2;
  }
}

/** Asks for what is missing, where there is somebody to ask. */
async function complete(options: NewOptions, { stdin, stdout }: Streams): Promise<Wishes> {
  const missing = (Object.keys(questions) as (keyof typeof questions)[]).filter(
    key => options[key] === undefined,
  );
  if (missing.length > 0 && stdin.isTTY !== true)
    throw refusal(`Give ${missing.map(key => `--${key}`).join(", ")}: nobody is here to be asked`);
  const answers: NewOptions = { ...options };
  const lines = createInterface({ input: stdin, output: stdout });
  for (const key of missing) answers[key] = (await lines.question(`${questions[key]} `)).trim();
  lines.close();
  return answers as Wishes;
}

async function write(root: string, plan: Plan): Promise<string[]> {
  const { id } = plan;
  const proof = Object.entries(proofTexts(plan)).map(([file, text]) => [
    `tests/guardrails/${id}/${file}`,
    text,
  ]);
  const texts = Object.fromEntries([
    [`components/guardrails/${id}.ts`, definitionText(plan)],
    ...proof,
    [
      "components/guardrails/index.ts",
      listed(readFileSync(join(root, "components/guardrails/index.ts"), "utf8"), plan),
    ],
    ...stackText(root, plan),
  ]) as Record<string, string>;
  const { format, resolveConfig } = await import("prettier");
  const style = await resolveConfig(join(project, "components/definition.ts"));
  for (const [file, text] of Object.entries(texts)) {
    const path = join(root, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, await format(text, { ...style, filepath: path }));
  }
  return Object.keys(texts);
}

/** The catalogue with one import and one entry more, in alphabetical order. */
function listed(text: string, { id, name }: Plan): string {
  const imports = [...text.matchAll(/^import \{ \w+ \} from "\.\/(.*)";$/gm)];
  const after = imports.filter(([, other]) => other < id).at(-1);
  const at = after === undefined ? (imports[0]?.index ?? 0) : after.index + after[0].length + 1;
  const added = `${text.slice(0, at)}import { ${name} } from "./${id}";\n${text.slice(at)}`;
  return added.replace(/(export const catalogue = \[)([^\]]*)\]/, (_, start: string, entries: string) => {
    const names = [...entries.split(",").map(entry => entry.trim()), name].filter(Boolean);
    return `${start}${names.sort().join(", ")}]`;
  });
}

/** The dev stack with one line more, where it is written as the project ships it. */
function stackText(root: string, { id, kind }: Plan): [string, string][] {
  const file = "Pulumi.dev.yaml";
  const head = "  aws-event-guardrails:guardrails:\n";
  const text = existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8") : "";
  return text.includes(head)
    ? [[file, text.replace(head, `${head}    ${id}: ${kind === "direct" ? "notify" : "enforce"}\n`)]]
    : [];
}

/** What it needs besides, in sentences. */
function notes(root: string, { sdk, kind }: Plan): string[] {
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    dependencies?: Record<string, string>;
  };
  return kind === "direct" || Object.hasOwn(dependencies, sdk)
    ? []
    : [`Its function is deployed with ${sdk}: npm install --save-exact ${sdk}`];
}
