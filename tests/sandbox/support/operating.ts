import { execFile } from "node:child_process";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { Command } from "commander";
import type { Credentials } from "../../../sandbox/iam/identity";
import { projectFolder } from "../../../sandbox/sandbox";
import { registerOperations } from "../../../tools/register-operations";
import type { DeployedStack } from "./stack";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const surroundings = (
  { sandbox, name }: DeployedStack,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
): Record<string, string | undefined> => ({
  AWS_ENDPOINT_URL: sandbox.url,
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_SESSION_TOKEN: sessionToken,
  PULUMI_STACK: name,
});

/** Runs `guardrails <arguments>` as somebody would at a terminal, with their keys and no other surroundings. */
export const guardrails = (stack: DeployedStack, who: Credentials, ...args: string[]): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const clock = { SANDBOX_CLOCK_JUMPED: String(stack.sandbox.clock.offset) };
    const env = { PATH: process.env.PATH, HOME: "/nonexistent", ...clock, ...surroundings(stack, who) };
    const preload = join(projectFolder, "sandbox", "play", "operator-clock.js");
    const child = execFile(
      process.execPath,
      ["--require", preload, join(projectFolder, "tools", "guardrails.js"), ...args],
      { env },
      (error, out, err) => {
        if (error !== null && typeof error.code !== "number") reject(error);
        else resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
      },
    );
    child.stdin?.end();
  });

/** The same within this process, which saves loading everything again. One at a time: the keys are in the environment. */
export async function guardrailsHere(
  stack: DeployedStack,
  who: Credentials,
  ...args: string[]
): Promise<Ran> {
  const ran = { code: -1, out: "", err: "" };
  const into = (name: "out" | "err") =>
    new Writable({ write: (chunk, _, done) => ((ran[name] += String(chunk)), done()) });
  const program = new Command("guardrails").exitOverride();
  const { now } = stack.sandbox.clock;
  const { stackFiles } = stack;
  const streams = { stdin: Readable.from([]), stdout: into("out"), stderr: into("err"), now, stackFiles };
  registerOperations(program, streams, code => void (ran.code = code));
  const wanted = surroundings(stack, who);
  const before = Object.keys(wanted).map(name => [name, process.env[name]] as const);
  const set = (name: string, value: string | undefined): void => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  try {
    Object.entries(wanted).forEach(([name, value]) => set(name, value));
    await program.parseAsync(args, { from: "user" });
  } finally {
    before.forEach(([name, value]) => set(name, value));
  }
  return ran;
}
