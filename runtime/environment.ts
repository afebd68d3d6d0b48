import { readFileSync } from "fs";
import { ledgerName, roleArn, type StackPlace, topicArn } from "./names";

/** Where a function is, and what it uses of its stack. */
export interface Environment {
  readonly topicArn: string;
  readonly ledgerTable: string;
  readonly roleArn: string;
  readonly stack: string;
  readonly account: string;
  readonly region: string;
  /** Where `config.json` and `place.json` lie; Lambda sets it. */
  readonly folder: string;
}

const parts = ["stack", "partition", "account", "home"] as const;

/**
 * Reads `place.json` once, at cold start: the names of everything else are made of it. It lies in the archive because
 * Lambda encrypts variables with a key of its own, whose grant is to a role that may be deleted and made again under its
 * name, which the grant then does not know: every start would fail.
 * @throws Error when it cannot be read, or naming the first part that is missing
 */
export function readEnvironment(guardrail: string): Environment {
  const folder = process.env.LAMBDA_TASK_ROOT;
  if (folder === undefined) throw new Error("LAMBDA_TASK_ROOT is not set");
  const read = JSON.parse(readFileSync(`${folder}/place.json`, "utf8")) as Partial<StackPlace>;
  const missing = parts.find(part => typeof read[part] !== "string" || read[part] === "");
  if (missing !== undefined) throw new Error(`place.json has no ${missing}`);
  const place = read as StackPlace;
  return {
    topicArn: topicArn(place),
    ledgerTable: ledgerName(place.stack),
    roleArn: roleArn(place, guardrail),
    stack: place.stack,
    account: place.account,
    region: place.home,
    folder,
  };
}
