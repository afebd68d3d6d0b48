import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";

const windows = process.platform === "win32";

/** What stops the sandbox before it starts; `message` is one sentence with the remedy. */
export const pythonError = (
  code: "PythonMissing" | "PythonTooOld" | "PipMissing" | "PythonPackages" | "FolderUnusable",
  message: string,
) => Object.assign(new Error(message), { name: code, code });

export interface Stamp {
  readonly command: string;
  readonly env: Record<string, string>;
  readonly version: string;
  /** The interpreter behind the links: an upgraded system Python makes the environment useless. */
  readonly interpreter: string;
}

export interface Interpreter {
  readonly command: string;
  readonly version: string;
}

/** The ways to get an environment, the best first: Debian ships Python without venv, or without pip. */
export async function build(
  base: Interpreter,
  home: string,
  requirements: string,
  given: NodeJS.ProcessEnv,
  progress: (text: string) => void,
): Promise<Stamp> {
  const env = cleanEnvironment(given);
  const venv = join(home, "venv");
  const python = windows ? join(venv, "Scripts", "python.exe") : join(venv, "bin", "python");
  const site = join(home, "site");
  const pinned = ["--require-hashes", "--only-binary", ":all:", "-r", requirements];
  const packages = (command: string, before: string[], after: string[] = []) =>
    installPackages(
      command,
      ["-m", "pip", ...before, "install", ...after, ...pinned],
      env,
      requirements,
      progress,
    );
  const stamp = (command: string, extra: Record<string, string> = {}): Stamp => ({
    command,
    env: extra,
    version: base.version,
    interpreter: realpathSync(command),
  });
  const fresh = () => {
    rmSync(home, { recursive: true, force: true });
    mkdirSync(home, { recursive: true });
  };

  fresh();
  if ((await run(base.command, ["-m", "venv", venv], env)).code === 0) {
    await packages(python, []);
    return stamp(python);
  }
  const pip = (await run(base.command, ["-m", "pip", "--version"], env)).code === 0;
  if (!pip)
    throw pythonError(
      "PipMissing",
      `Python ${base.version} (${base.command}) has neither venv nor pip: install them (Debian and Ubuntu: apt install python3-venv python3-pip), or let GUARDRAILS_PYTHON name another interpreter.`,
    );
  fresh();
  if ((await run(base.command, ["-m", "venv", "--without-pip", venv], env)).code === 0) {
    try {
      await packages(base.command, ["--python", python]);
      return stamp(python);
    } catch (error) {
      // pip before 22.3 does not know --python: the last way needs no such option.
      if (!/no such option|unknown option/i.test(String(error))) throw error;
    }
  }
  fresh();
  await packages(base.command, [], ["--target", site]);
  return stamp(base.command, { PYTHONPATH: site });
}

async function installPackages(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  requirements: string,
  progress: (text: string) => void,
): Promise<void> {
  const total = readFileSync(requirements, "utf8").match(/^[\w.-]+==/gm)?.length ?? 0;
  let collected = 0;
  const result = await run(command, args, env, line => {
    const isPackage = /^Collecting /.test(line);
    if (isPackage) collected += 1;
    // Each would be a line of its own where the output is a file.
    if (isPackage && (collected % 3 === 0 || collected === total))
      progress(`Python packages: ${collected} of ${total}`);
    if (/^Installing collected/.test(line)) progress("Python packages: installing");
  });
  if (result.code !== 0) throw pythonError("PythonPackages", explainPip(result.err || result.out));
}

/** pip's last words as one sentence: what failed and what to do. */
export function explainPip(text: string): string {
  const last =
    text
      .trim()
      .split("\n")
      .filter(line => /error|no such option/i.test(line))
      .pop() ?? text.trim().split("\n").pop();
  if (/DO NOT MATCH THE HASHES/i.test(text))
    return "A Python package differs from its pinned hash, so nothing was installed: a proxy or mirror changes packages; use one that serves them unchanged.";
  if (/No space left|Errno 28/i.test(text))
    return "The disk is full: the sandbox's Python packages need about 140 MB in its folder.";
  if (
    /NewConnectionError|ConnectionError|Temporary failure in name resolution|Network is unreachable|Max retries|timed out|ProxyError|SSLError|CERTIFICATE_VERIFY|Could not find a version|No matching distribution/i.test(
      text,
    )
  )
    return `The Python packages could not be downloaded: check the network, or the proxy and index that pip uses (pip says: ${last?.trim()}).`;
  return `The Python packages could not be installed (pip says: ${last?.trim()}).`;
}

/** Settings of the user's own Python must not leak into the sandbox's. */
function cleanEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = [
    "PYTHONHOME",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "PIP_USER",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_REQUIRE_VIRTUALENV",
  ];
  const kept = Object.entries(env).filter(([name]) => !foreign.includes(name));
  return { ...Object.fromEntries(kept), PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_NO_INPUT: "1" };
}

/** Runs a command to its end; its output line by line while it runs. */
export function run(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  onLine: (line: string) => void = () => undefined,
): Promise<{ code: number; out: string; err: string }> {
  return new Promise(resolve => {
    const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let err = "";
    let rest = "";
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      const lines = (rest + chunk.toString()).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(onLine);
    });
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    // A command that does not exist is an answer here, not a failure: the next candidate is tried.
    child.on("error", error => resolve({ code: -1, out, err: error.message }));
    child.on("close", code => resolve({ code: code ?? -1, out, err }));
  });
}
