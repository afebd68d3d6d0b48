import {
  dateOf,
  day,
  endOf,
  isLine,
  isPrincipalPattern,
  isResourcePattern,
  type Exemption,
} from "../../../runtime/exemptions";
import { partitionOf } from "../../../runtime/aws/partition";
import type { Definition } from "../../definition";
import { hasFunction } from "../../kinds";
import { closest, didYouMean, shown } from "../mistakes";

type Key = keyof Exemption;

/** A leap year. */
const longest = 366;

/** What a fix says where only the reader knows the value. */
export const placeholders: Readonly<Record<Key, string>> = {
  guardrail: "<guardrail>",
  resource: "arn:aws:<service>:<region>:<account>:<resource>",
  account: "<account>",
  region: "<region>",
  principal: "arn:aws:iam::<account>:role/<name>",
  reason: "<reason>",
  owner: "<owner>",
  expires: "<YYYY-MM-DD>",
};

/** One value of an exemption, read: as it is meant, or what is wrong with it and what it should probably be. */
export type Reading = { readonly value: string } | { readonly problem: string; readonly meant?: string };
type Reader = (given: unknown, catalogue: readonly Definition[], now: number) => Reading;

/** How each value is read; the catalogue and the time (epoch milliseconds) are what some are held against. */
export const readers: Readonly<Record<Key, Reader>> = {
  guardrail: readGuardrailId,
  resource: given =>
    typeof given === "string" && isResourcePattern(given)
      ? { value: given }
      : wrong(
          given,
          "an ARN of six parts with its service spelled out; * and ? each stay within one part, ** is nothing more",
        ),
  account: readAccount,
  region: given => (isRegion(given) ? { value: given } : wrong(given, "a region such as eu-west-1")),
  principal: readPrincipal,
  reason: given => readLine(given, "why the finding is left alone, on one line of at most 200 characters"),
  owner: given => readLine(given, "who answers for it, on one line of at most 200 characters"),
  expires: readExpires,
};

const wrong = (given: unknown, expected: string, meant?: string): Reading => ({
  problem: `got ${shown(given)}, expected ${expected}${didYouMean(meant)}`,
  meant,
});

function readGuardrailId(given: unknown, catalogue: readonly Definition[]): Reading {
  const choices = catalogue.filter(hasFunction).map(({ id }) => id as string);
  const known = choices.find(id => id === given);
  if (known !== undefined) return { value: known };
  if (catalogue.some(({ id }) => id === given))
    return { problem: `${shown(given)} only passes its event on: it has no findings to leave alone` };
  const meant = typeof given === "string" ? closest(given, choices) : undefined;
  const hint = didYouMean(meant) || `; there are ${choices.join(", ")}`;
  return { problem: `${shown(given)} is not in the catalogue${hint}`, meant };
}

/**
 * Pulumi's YAML takes unquoted digits for a number. Without its leading zero a large one can only be meant one way;
 * a small one may also have been read as octal, and stand for another account.
 */
export function readAccount(given: unknown): Reading {
  const text = typeof given === "number" ? String(given).padStart(12, "0") : given;
  if (typeof text !== "string" || !/^\d{12}$/.test(text)) return wrong(given, "12 digits in quotes");
  if (typeof given !== "number" || given >= 8 ** 11) return { value: text };
  const octal = given.toString(8).padStart(12, "0");
  return wrong(given, `12 digits in quotes: without them, YAML makes this number of ${octal} too`);
}

function isRegion(given: unknown): given is string {
  try {
    return typeof given === "string" && partitionOf(given) !== undefined;
  } catch {
    return false;
  }
}

function readPrincipal(given: unknown): Reading {
  if (typeof given === "string" && isPrincipalPattern(given)) return { value: given };
  const [, account, name] = /^arn:[a-z-]+:sts::(\d{12}):assumed-role\/([^/]+)\//.exec(String(given)) ?? [];
  return wrong(
    given,
    "the ARN of an IAM role or user with its account spelled out; in its name * and ? each stay within one part",
    account && `arn:aws:iam::${account}:role/${name}`,
  );
}

function readLine(given: unknown, expected: string): Reading {
  const text = typeof given === "string" || typeof given === "number" ? String(given).trim() : "";
  if (isLine(text)) return { value: text };
  const joined = text.replace(/\s+/g, " ");
  return wrong(given, expected, isLine(joined) ? joined : undefined);
}

/** An unquoted date arrives as Go prints a time. */
function readExpires(given: unknown, _: readonly Definition[], now: number): Reading {
  const date = String(given).replace(/ 00:00:00 \+0000 UTC$/, "");
  const last = dateOf(now + longest * day);
  if (endOf(date) > endOf(last))
    return wrong(given, `a day within a year, ${last} at the latest: then somebody looks at it again`, last);
  if (!Number.isNaN(endOf(date))) return { value: date };
  const [, year, ...rest] = /^(\d{4})\D?(\d\d?)\D?(\d\d?)(?!\d)/.exec(date) ?? [];
  const meant = [year, ...rest.map(part => part.padStart(2, "0"))].join("-");
  return wrong(
    given,
    "the last day on which it holds (UTC), as YYYY-MM-DD",
    endOf(meant) <= endOf(last) ? meant : undefined,
  );
}
