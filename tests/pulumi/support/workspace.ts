import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { findPulumi } from "../../../sandbox/pulumi/cli";
import { projectFolder } from "../../../sandbox/sandbox";
import { readEvents, type Ended, type Ran } from "./events";

/** A program in a folder of its own, because the CLI writes into the stack file, with a state of its own. */
export interface Workspace {
  readonly folder: string;
  /** What the CLI finds in its environment: this process's own without credentials, and more. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs the CLI. @throws Error with its output when it fails. */
  pulumi(...args: string[]): Promise<string>;
  /** Runs the CLI, which may fail. */
  attempt(...args: string[]): Promise<Ended>;
  /** Runs the engine without questions, which may fail. */
  run(command: "up" | "preview" | "refresh" | "destroy", ...args: string[]): Promise<Ran>;
  /** Whether a command holds the stack. */
  isLocked(): boolean;
  remove(): void;
}

/** This project's program, with its stack file. */
export function copyProgram(folder: string): void {
  const code = ["index.ts", "components", "runtime", "patterns", "package.json", "tsconfig.json"];
  for (const name of [...code, "Pulumi.yaml", "Pulumi.dev.yaml"])
    cpSync(join(projectFolder, name), join(folder, name), { recursive: true });
}

/** @param fill writes the program into its folder; the packages are this project's */
export function createWorkspace(fill: (folder: string) => void): Workspace {
  const cli = findPulumi();
  if (cli === undefined) throw new Error("there is no Pulumi CLI");
  const folder = mkdtempSync(join(tmpdir(), "guardrails-pulumi-"));
  fill(folder);
  symlinkSync(join(projectFolder, "node_modules"), join(folder, "node_modules"));
  const env: NodeJS.ProcessEnv = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS|PULUMI)_/.test(name))),
    PATH: [...cli.path, process.env.PATH].join(delimiter),
    PULUMI_HOME: join(folder, ".pulumi"),
    PULUMI_BACKEND_URL: `file://${folder}`,
    PULUMI_CONFIG_PASSPHRASE: "sandbox",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Without it there is no --event-log.
    PULUMI_DEBUG_COMMANDS: "true",
    // `npm run typecheck` does that, and it takes longer than all the rest.
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    // Go prints times of the machine's own zone with that zone's name.
    TZ: "UTC",
  };
  const attempt = (...args: string[]): Promise<Ended> =>
    new Promise((resolve, reject) => {
      const child = spawn(cli.command, ["--color", "never", "--non-interactive", ...args], {
        cwd: folder,
        env,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let [out, err] = ["", ""];
      child.stdout.on("data", text => (out += text));
      child.stderr.on("data", text => (err += text));
      child.once("error", reject);
      child.once("close", code => resolve({ code: code ?? 1, out, err }));
    });
  let runs = 0;
  return {
    folder,
    env,
    attempt,
    pulumi: async (...args) => {
      const { code, out, err } = await attempt(...args);
      if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${code}\n${out}${err}`);
      return out;
    },
    run: async (command, ...args) => {
      const log = join(folder, `events-${(runs += 1)}.jsonl`);
      const quiet = command === "preview" ? [] : ["--yes", "--skip-preview"];
      const ended = await attempt(command, ...quiet, "--event-log", log, ...args);
      return { ...ended, ...readEvents(existsSync(log) ? readFileSync(log, "utf8") : "") };
    },
    isLocked: () => {
      const locks = join(folder, ".pulumi", "locks");
      const files = existsSync(locks) ? readdirSync(locks, { recursive: true, encoding: "utf8" }) : [];
      return files.some(file => file.endsWith(".json"));
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
