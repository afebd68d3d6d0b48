import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { build, pythonError, run, type Interpreter, type Stamp } from "./python-build";

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
  /** Instead of sandbox/state/requirements.txt. */
  readonly requirements?: string;
}

const oldest = [3, 10] as const;

/**
 * Finds Python ≥ 3.10 and gives it the pinned packages of sandbox/state/requirements.txt, in a folder of their own.
 * A second start finds them by their stamp and runs nothing. Built beside its place and then renamed, so that
 * two starts at once do not meet.
 * @throws PythonMissing, PythonTooOld, PipMissing, PythonPackages or FolderUnusable, each one sentence with its remedy.
 */
export const ensurePython = (options: PythonOptions): Promise<Python> =>
  prepare(options).catch((error: NodeJS.ErrnoException) => {
    if (!["EACCES", "EPERM", "EROFS", "EEXIST", "ENOTDIR"].includes(error.code ?? "")) throw error;
    throw pythonError(
      "FolderUnusable",
      `The sandbox keeps its Python packages in ${options.folder}, which this user cannot read and write (${error.code}): ` +
        "remove it, with the rights of whoever made it, and start again.",
    );
  });

async function prepare(options: PythonOptions): Promise<Python> {
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
  const building = `${home}.${process.pid}.${randomBytes(3).toString("hex")}.tmp`;
  progress(`Setting up Python ${base.version} for the sandbox (once: about 30 packages, 140 MB)`);
  try {
    const stamp = await build(base, building, requirements, env, progress);
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
    const owner = /^python-\w+\.(\d+)\.\w+\.tmp$/.exec(name);
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
  interpreter: stamp.interpreter.replace(realpathSync(from), join(realpathSync(dirname(to)), basename(to))),
  env: Object.fromEntries(Object.entries(stamp.env).map(([name, value]) => [name, value.replace(from, to)])),
});

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
