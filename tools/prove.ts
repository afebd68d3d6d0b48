import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { catalogue } from "../components/guardrails";
import type { Streams } from "./match";

const root = join(__dirname, "..");
const bin = (module: string): string => join(root, "node_modules", module);

interface Check {
  readonly name: string;
  /** What Node.js runs, with its arguments. */
  readonly args: readonly string[];
}

/** What the type check remembers from one proof to the next. */
const typesKnown = join(root, "node_modules/.cache/guardrails/prove.tsbuildinfo");

/** Tests that go through the catalogue: of these only what names the guardrail is run. */
const shared = ["conformance.test.ts", "complete.test.ts", "runtime/forged.test.ts"];

/** Side by side, since there are two cores nearly everywhere; each list one after the other. */
function checksOf(id: string): Check[][] {
  const mocha = (...rest: string[]) => [
    ...[bin("mocha/bin/mocha.js"), "--no-config", "--require", "ts-node/register/transpile-only"],
    ...["--timeout", "120000", "--reporter", "dot", ...rest],
  ];
  const folder = join("tests/guardrails", id);
  const own = existsSync(join(root, folder))
    ? readdirSync(join(root, folder)).filter(file => file.endsWith(".test.ts"))
    : [];
  const changed = changedFiles();
  const sources = changed.filter(file => file.endsWith(".ts"));
  return [
    [
      ...(own.length > 0
        ? [{ name: `its own tests (${own.join(", ")})`, args: mocha(...own.map(file => join(folder, file))) }]
        : []),
      {
        name: "conformance and forged events",
        // A title holds the id as a word of its own: one id may be the beginning of another.
        args: mocha("--grep", `(^|[^\\w-])${id}($|[^\\w-])`, ...shared.map(file => join("tests", file))),
      },
      { name: "generated pages", args: ["tools/guardrails.js", "pages", "--check"] },
      { name: "the page of deliberate defects", args: mocha("tests/mutations/list.test.ts") },
    ],
    [
      {
        name: "types",
        args: [bin("typescript/bin/tsc"), "--noEmit", "--incremental", "--tsBuildInfoFile", typesKnown],
      },
      ...(sources.length > 0
        ? [
            {
              name: `lint of ${sources.length} changed files`,
              args: [bin("eslint/bin/eslint.js"), ...sources],
            },
          ]
        : []),
      ...(changed.length > 0
        ? [
            {
              name: `format of ${changed.length} changed files`,
              args: [bin("prettier/bin/prettier.cjs"), "--check", "--ignore-unknown", ...changed],
            },
          ]
        : []),
    ],
  ];
}

/** What differs from git's last commit, new files too; [] without git. */
function changedFiles(): string[] {
  const { stdout } = spawnSync("git", ["status", "--porcelain", "--untracked-files=all", "--no-renames"], {
    cwd: root,
    encoding: "utf8",
  });
  return (stdout ?? "")
    .split("\n")
    .map(line => line.slice(3).replace(/^"|"$/g, ""))
    .filter(file => file !== "" && existsSync(join(root, file)));
}

/**
 * Runs `guardrails prove`: what is quick of all that holds one guardrail. A line for each check as it ends, and at last
 * one that says it all. Exit code: 0 proven, 1 not, 2 no such guardrail.
 */
export async function prove(
  id: string | undefined,
  { stdout, stderr }: Pick<Streams, "stdout" | "stderr"> = process,
): Promise<number> {
  const ids = catalogue.map(one => one.id as string);
  if (id === undefined || !ids.includes(id)) {
    const wrong = id === undefined ? "Give the id of a guardrail" : `The catalogue has no guardrail "${id}"`;
    stderr.write(`${wrong}: npm run prove -- <id>; there are ${ids.join(", ")}\n`);
    return 2;
  }
  const start = Date.now();
  const failed: string[] = [];
  stdout.write(`${id}: about a minute\n`);
  await Promise.all(
    checksOf(id).map(async checks => {
      for (const { name, args } of checks) {
        const from = Date.now();
        const { code, text } = await run(args);
        const seconds = ((Date.now() - from) / 1000).toFixed(0);
        stdout.write(`  ${code === 0 ? "ok  " : "FAIL"}  ${name}, ${seconds} s\n`);
        if (code === 0) continue;
        failed.push(name);
        stdout.write(`${text.trim().replace(/^/gm, "        ")}\n`);
      }
    }),
  );
  const seconds = ((Date.now() - start) / 1000).toFixed(0);
  stdout.write(
    failed.length === 0
      ? `${id} is proven, in ${seconds} s. What takes longer: npm start, npm test, npm run faults -- ${id}, node tests/mutations/run.js ${id}; the golden scenario is written anew by GOLDEN=write (CONTRIBUTING.md)\n`
      : `${id} is not proven, after ${seconds} s: ${failed.join("; ")}\n`,
  );
  return failed.length === 0 ? 0 : 1;
}

function run(args: readonly string[]): Promise<{ code: number; text: string }> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, NODE_NO_WARNINGS: "1" };
    const child = spawn(process.execPath, args, { cwd: root, env });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
    child.on("error", reject);
    child.on("close", code => resolve({ code: code ?? 1, text }));
  });
}
