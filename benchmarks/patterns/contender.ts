import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A matcher in a process of its own, on one core where it is pinned. */
export interface Contender {
  name: string;
  version: string;
  /** Sends one command, see Ruler.java, and returns the answer; rejects when the process ends first. */
  ask(command: string): Promise<string>;
  close(): void;
}

const folder = join(__dirname, "../../node_modules/.cache/event-ruler");

/**
 * Starts Event Ruler, fetched from Maven by coordinate when it is not there yet. Returns why not, in words, where
 * Java or Maven is missing. `pin` is put before the command, e.g. `["taskset", "-c", "0"]`.
 */
export function startRuler(pin: string[] = []): Contender | string {
  const java = firstLine("java", ["-version"]);
  if (java === undefined) return "Java is missing (java 17 or later on the path)";
  if (!existsSync(join(folder, "lib"))) {
    if (firstLine("mvn", ["-version"]) === undefined) return "Maven is missing (mvn on the path)";
    const target = ["-f", join(__dirname, "pom.xml")];
    execFileSync(
      "mvn",
      ["-q", "-B", ...target, "dependency:copy-dependencies", `-DoutputDirectory=${folder}/lib`],
      {
        stdio: ["ignore", "ignore", "inherit"],
      },
    );
  }
  const command = [...pin, "java", "-Xmx2g", "-cp", `${folder}/lib/*`, join(__dirname, "Ruler.java")];
  return start("Event Ruler", `Event Ruler 2.1.0 on ${java}`, command);
}

/** Starts our own matcher in the same way. */
export function startOurs(pin: string[] = []): Contender {
  const options = ["-r", "ts-node/register/transpile-only", join(__dirname, "ours.ts")];
  return start("ours", `ours on Node ${process.versions.node}`, [...pin, process.execPath, ...options]);
}

const start = (name: string, version: string, [command, ...options]: string[]): Contender => {
  const child = spawn(command, options, {
    stdio: ["pipe", "pipe", "inherit"],
    cwd: join(__dirname, "../.."),
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    name,
    version,
    ask: async line => {
      child.stdin.write(`${line}\n`);
      const answer = await lines.next();
      if (answer.done) throw new Error(`${name} ended before it answered "${line}"`);
      return answer.value;
    },
    close: () => child.stdin.end(),
  };
};

const firstLine = (command: string, options: string[]): string | undefined => {
  try {
    const both = execFileSync("sh", ["-c", `${command} ${options.join(" ")} 2>&1`], { encoding: "utf8" });
    return both.split("\n")[0];
  } catch {
    return undefined;
  }
};
