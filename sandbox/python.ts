import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawn } from "node:child_process";

/** A Python interpreter that can import moto, and the environment it needs for that. */
export interface Python {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  readonly version: string;
}

export interface PythonOptions {
  /** Where the packages live, e.g. <project>/.sandbox. */
  readonly folder: string;
  progress(text: string): void;
  /** Instead of process.env: GUARDRAILS_PYTHON names the interpreter, the rest is passed on to pip. */
  readonly env?: NodeJS.ProcessEnv;
  /** Instead of sandbox/requirements.txt. */
  readonly requirements?: string;
}

/** What stops the sandbox before it starts; `message` is one sentence with the remedy. */
export const pythonError = (
  code: "PythonMissing" | "PythonTooOld" | "PipMissing" | "PythonPackages",
  message: string,
) => Object.assign(new Error(message), { name: code, code });

interface Stamp {
  readonly command: string;
  readonly env: Record<string, string>;
  readonly version: string;
  /** The interpreter behind the links: an upgraded system Python makes the environment useless. */
  readonly interpreter: string;
}

const oldest = [3, 10] as const;
const windows = process.platform === "win32";

/**
 * Finds Python ≥ 3.10 and gives it the pinned packages of sandbox/requirements.txt, in a folder of their own.
 * A second start finds them by their stamp and runs nothing. Built beside its place and then renamed, so that
 * two starts at once do not meet.
 * @throws PythonMissing, PythonTooOld, PipMissing or PythonPackages, each one sentence with its remedy.
 */
export async function ensurePython(options: PythonOptions): Promise<Python> {
  const { folder, progress, env = process.env } = options;
  const requirements = options.requirements ?? join(__dirname, "requirements.txt");
  const wish = env.GUARDRAILS_PYTHON ?? "";
  const key = createHash("sha256").update(readFileSync(requirements)).update(wish).digest("hex").slice(0, 12);
  const home = join(folder, `python-${key}`);
  const found = readStamp(home);
  if (found) return found;

  const base = await findInterpreter(wish, env);
  mkdirSync(folder, { recursive: true });
  removeLeftovers(folder, home);
  const building = `${home}.${process.pid}.tmp`;
  progress(`Setting up Python ${base.version} for the sandbox (once: about 30 packages, 140 MB)`);
  try {
    const stamp = await build(base, building, requirements, cleanEnvironment(env), progress);
    writeFileSync(join(building, "stamp.json"), JSON.stringify(relocated(stamp, building, home), null, 2));
    install(building, home);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  const ready = readStamp(home);
  if (!ready)
    throw pythonError(
      "PythonPackages",
      `The Python environment in ${home} could not be read back; delete that folder and start again.`,
    );
  progress("Python is ready");
  return ready;
}

function readStamp(home: string): Python | undefined {
  const file = join(home, "stamp.json");
  if (!existsSync(file)) return undefined;
  const stamp = JSON.parse(readFileSync(file, "utf8")) as Stamp;
  const usable = existsSync(stamp.command) && realpathSync(stamp.command) === stamp.interpreter;
  return usable ? { command: stamp.command, env: stamp.env, version: stamp.version } : undefined;
}

function install(building: string, home: string): void {
  if (readStamp(home)) return; // another start was faster
  rmSync(home, { recursive: true, force: true });
  try {
    renameSync(building, home);
  } catch (error) {
    if (!readStamp(home)) throw error;
  }
}

/** Half-made folders of starts that are gone, and environments of other requirements. */
function removeLeftovers(folder: string, home: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const owner = /^python-\w+\.(\d+)\.tmp$/.exec(name);
    const other = /^python-\w+$/.test(name) && path !== home;
    if (other || (owner && !isAlive(Number(owner[1])))) rmSync(path, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

const relocated = (stamp: Stamp, from: string, to: string): Stamp => ({
  ...stamp,
  command: stamp.command.replace(from, to),
  env: Object.fromEntries(Object.entries(stamp.env).map(([name, value]) => [name, value.replace(from, to)])),
});

interface Interpreter {
  readonly command: string;
  readonly version: string;
}

async function findInterpreter(wish: string, env: NodeJS.ProcessEnv): Promise<Interpreter> {
  const names = wish ? [wish] : ["python3", "python", "python3.13", "python3.12", "python3.11", "python3.10"];
  const seen: Interpreter[] = [];
  for (const name of names) {
    const answer = await run(
      name,
      ["-c", "import sys; print(sys.executable, *sys.version_info[:3], sep='|')"],
      env,
    );
    const [command, major, minor, patch] = answer.code === 0 ? answer.out.trim().split("|") : [];
    if (!command || !major) continue;
    const found = { command, version: `${major}.${minor}.${patch}` };
    if (Number(major) > oldest[0] || (Number(major) === oldest[0] && Number(minor) >= oldest[1]))
      return found;
    seen.push(found);
  }
  const remedy = wish
    ? "let GUARDRAILS_PYTHON name an interpreter of 3.10 or later"
    : "install it from your system's packages or python.org, or let GUARDRAILS_PYTHON name it";
  if (seen.length > 0)
    throw pythonError(
      "PythonTooOld",
      `The sandbox needs Python 3.10 or later and found only ${seen[0].version} (${seen[0].command}): ${remedy}.`,
    );
  const place = wish ? `GUARDRAILS_PYTHON names "${wish}", which does not run` : "found none on the PATH";
  throw pythonError("PythonMissing", `The sandbox needs Python 3.10 or later and ${place}: ${remedy}.`);
}

/** The ways to get an environment, the best first: Debian ships Python without venv, or without pip. */
async function build(
  base: Interpreter,
  home: string,
  requirements: string,
  env: NodeJS.ProcessEnv,
  progress: (text: string) => void,
): Promise<Stamp> {
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
    if (/^Collecting /.test(line)) progress(`Python packages: ${++collected} of ${total}`);
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

function run(
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
