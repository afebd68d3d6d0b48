import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

/**
 * Runs a program with Pulumi's own Node.js runner, the one that `pulumi up` starts, from the program's own
 * dependencies. Resolves with the exit code; every line that it prints goes to `print`.
 * @throws Error if the program's folder has no @pulumi/pulumi.
 */
export async function runProgramProcess(options: {
  cwd: string;
  project: string;
  stack: string;
  organization: string;
  preview: boolean;
  monitor: string;
  engine: string;
  config: Readonly<Record<string, string>>;
  secretKeys: readonly string[];
  print(line: string): void;
  signal?: AbortSignal;
}): Promise<number> {
  const runner = createRequire(join(options.cwd, "package.json")).resolve("@pulumi/pulumi/cmd/run");
  const args = [
    `--monitor=${options.monitor}`,
    `--engine=${options.engine}`,
    `--project=${options.project}`,
    `--root-directory=${options.cwd}`,
    `--stack=${options.stack}`,
    `--organization=${options.organization}`,
    `--pwd=${options.cwd}`,
    "--parallel=16",
    ...(options.preview ? ["--dry-run"] : []),
    ".",
  ];
  const child = spawn(process.execPath, [runner, ...args], {
    cwd: options.cwd,
    env: environment(options.config, options.secretKeys),
    stdio: ["ignore", "pipe", "pipe"],
    signal: options.signal,
    // A terminal's Ctrl-C must not end it before the sandbox knows.
    detached: true,
  });
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  createInterface({ input: child.stdout }).on("line", options.print);
  createInterface({ input: child.stderr }).on("line", options.print);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      process.off("exit", kill);
      if (signal === null) resolve(code ?? 1);
      else reject(new Error(`the program was ended by ${signal}`));
    });
  });
}

/**
 * The program needs no credentials, so it gets none: whatever it did by itself could not reach a real account. The
 * loopback address is exempt from proxies, which gRPC would otherwise use for the engine, too.
 */
const environment = (
  config: Readonly<Record<string, string>>,
  secretKeys: readonly string[],
): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS|PULUMI|TS_NODE)_/.test(name))),
  NO_PROXY: [process.env.NO_PROXY ?? process.env.no_proxy, "127.0.0.1"].filter(Boolean).join(","),
  no_proxy: [process.env.no_proxy ?? process.env.NO_PROXY, "127.0.0.1"].filter(Boolean).join(","),
  PULUMI_CONFIG: JSON.stringify(config),
  PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretKeys),
  PULUMI_NODEJS_TYPESCRIPT: "true",
  PULUMI_NODEJS_TRANSPILE_ONLY: "true",
});
