import { execFile } from "node:child_process";
import { join } from "node:path";
import type { Credentials } from "../../../sandbox/identity";
import { projectFolder } from "../../../sandbox/sandbox";
import type { DeployedStack } from "./stack";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `guardrails <arguments>` as somebody would at a terminal, with their keys and no other surroundings. */
export const guardrails = (
  { sandbox, name }: DeployedStack,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
  ...args: string[]
): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const env = {
      PATH: process.env.PATH,
      HOME: "/nonexistent",
      AWS_ENDPOINT_URL: sandbox.url,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      ...(sessionToken !== undefined && { AWS_SESSION_TOKEN: sessionToken }),
      PULUMI_STACK: name,
    };
    const child = execFile(
      process.execPath,
      [join(projectFolder, "tools", "guardrails.js"), ...args],
      { env },
      (error, out, err) => {
        if (error !== null && typeof error.code !== "number") reject(error);
        else resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
      },
    );
    child.stdin?.end();
  });
