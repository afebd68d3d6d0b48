import { writeFileSync } from "fs";
import { join } from "path";
import type { GuardrailConfig } from "../../../runtime/config";
import { roleArn, topicArn } from "../../../runtime/names";

/** Where the functions of tests are. */
export const place = { stack: "dev", partition: "aws", account: "123456789012", home: "us-east-1" };

export const noticesArn = topicArn(place);
export const ownRoleArn = (guardrail: string): string => roleArn(place, guardrail);

/** What lies beside the code in a function's archive. */
export function unpack(folder: string, config: GuardrailConfig): void {
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  writeFileSync(join(folder, "place.json"), JSON.stringify(place));
}

/** What Lambda itself tells the process of a function. */
export const lambdaVariables = (folder: string) => ({ AWS_REGION: place.home, LAMBDA_TASK_ROOT: folder });

/** Makes this process the container of a function whose archive lies there, until the answer is called. */
export function enter(folder: string): () => void {
  const saved = { ...process.env };
  Object.assign(process.env, lambdaVariables(folder));
  return () => void (process.env = saved);
}
