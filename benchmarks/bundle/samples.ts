import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DeployedFunction } from "./deployed";

/** One cold start in a process of its own: times in milliseconds, memory in bytes. */
export interface Sample {
  /** From the `require` of the package to its handler, which has built the client of the topic. */
  readonly handler: number;
  /** The same, and from an event to the first request to AWS, for which the guardrail's own clients are built. */
  readonly request: number;
  /** Processor time of all that: unlike the others it does not count waiting for a core. */
  readonly processor: number;
  readonly peak: number;
  readonly answer: { readonly refused: string; readonly asked: string };
}

const probe = join(__dirname, "probe.js");

/** The most memory, in bytes, of a process that does nothing. */
export const sampleEmpty = (): number => (start([], {}) as { peak: number }).peak;

/** What the samples of a function take: `events.json` beside the configuration that both packages read. */
export function prepare({ acting, forged }: DeployedFunction, configFolder: string) {
  const events = join(configFolder, "events.json");
  writeFileSync(events, JSON.stringify({ acting, forged }));
  const variables = {
    AWS_REGION: acting.region,
    AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
    AWS_SECRET_ACCESS_KEY: "none",
    AWS_CONFIG_FILE: join(configFolder, "none"),
    AWS_SHARED_CREDENTIALS_FILE: join(configFolder, "none"),
    // Nobody listens there: the process ends with its first request.
    AWS_ENDPOINT_URL: "http://127.0.0.1:9",
    LAMBDA_TASK_ROOT: configFolder,
  };
  return (index: string): Sample => start([index, events], variables) as Sample;
}

/** @throws Error with what the process said when it gave no sample. */
function start(args: string[], variables: Record<string, string>): unknown {
  const { status, output } = spawnSync(process.execPath, [probe, ...args], {
    cwd: args.length > 0 ? dirname(args[0]) : undefined,
    // Nothing of the caller's: a variable of Node or of the SDK would change what is measured.
    env: { PATH: process.env.PATH, ...variables },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    encoding: "utf8",
    timeout: 60_000,
  });
  const text = output?.[3];
  if (status !== 0 || !text)
    throw new Error(`${args[0]} gave no sample (exit ${status}):\n${output?.[1]}${output?.[2]}`);
  return JSON.parse(text);
}
