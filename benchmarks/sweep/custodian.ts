import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectFolder } from "../../sandbox/sandbox";

const run = promisify(execFile);
const version = "0.9.51";
const home = join(projectFolder, ".sandbox", `c7n-${version}`);

/** Cloud Custodian's command in an environment of its own; a sentence where it cannot be had. */
export async function ensureCustodian(
  progress: (text: string) => void,
): Promise<{ command: string } | string> {
  const command = join(home, "bin", "custodian");
  if (existsSync(command)) return { command };
  progress(`Setting up Cloud Custodian ${version} (once)`);
  try {
    await run(process.env.GUARDRAILS_PYTHON ?? "python3", ["-m", "venv", home]);
    await run(join(home, "bin", "pip"), ["install", "--quiet", `c7n==${version}`]);
    return { command };
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    return `Cloud Custodian ${version} cannot be had here (${(error as Error).message.split("\n")[0]}), so nothing is compared with it.`;
  }
}

/** The policy that asks for the same: buckets whose default encryption is less than a KMS key. */
const policy = `policies:
  - name: weak
    resource: aws.s3
    filters:
      - type: bucket-encryption
        state: false
        crypto: aws:kms
`;

/** One run of it. Its own figure for the time is taken, which leaves out the start of Python. */
export async function runCustodian(
  command: string,
  env: NodeJS.ProcessEnv,
): Promise<{ ms: number; found: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), "custodian-"));
  try {
    writeFileSync(join(folder, "policy.yml"), policy);
    await run(
      command,
      [
        "run",
        "--cache-period",
        "0",
        "--region",
        "us-east-1",
        "--output-dir",
        folder,
        join(folder, "policy.yml"),
      ],
      { env, maxBuffer: 64 * 1024 * 1024 },
    );
    const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, "weak", name), "utf8"));
    const { execution } = read("metadata.json") as { execution: { duration: number } };
    const resources = read("resources.json") as { Name: string }[];
    return { ms: execution.duration * 1000, found: resources.map(({ Name }) => Name).sort() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
