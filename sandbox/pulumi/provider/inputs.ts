import { z } from "zod";
import { isArchive, type Archive } from "../values";

/** Kinds of input properties that several services share. */

/** A name as AWS limits it: characters and length. */
export const nameOf = (pattern: RegExp, longest: number) =>
  z
    .string()
    .max(longest, `expected at most ${longest} characters`)
    .regex(pattern, `expected a name of the form ${String(pattern)}`);

export const arn = z
  .string()
  .regex(
    /^arn:[\w-]+:[\w-]+:[\w-]*:(\d{12}|aws)?:.+$/,
    "expected an ARN, e.g. arn:aws:sns:us-east-1:123456789012:name",
  );

export const jsonText = z.string().refine(isJson, "expected JSON");

/** A JSON text, or an object that becomes one: the AWS package types policies as either. */
export const json = z
  .union([jsonText, z.record(z.string(), z.unknown())], "expected JSON, as a text or an object")
  .transform(value => (typeof value === "string" ? value : JSON.stringify(value)));

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
export const tags = z
  .record(
    z
      .string()
      .min(1)
      .max(128, "expected a tag key of at most 128 characters")
      .regex(/^(?!aws:)/i, "keys that begin with aws: belong to AWS"),
    z.string().max(256, "expected a tag value of at most 256 characters"),
  )
  .refine(all => Object.keys(all).length <= 50, "expected at most 50 tags");

export const archive = z.custom<Archive>(
  isArchive,
  "expected an archive, e.g. new pulumi.asset.AssetArchive({ … })",
);

export const wholeNumber = (least: number, most: number) =>
  z
    .number()
    .int("expected a whole number")
    .min(least, `expected at least ${least}`)
    .max(most, `expected at most ${most}`);

/** AWS's text attributes: what is undefined is left out, numbers and booleans are spelled. */
export const attributes = (values: Readonly<Record<string, string | number | boolean | undefined>>) =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  );

/** Tags in the form most services take. */
export const tagList = (all: Readonly<Record<string, string>>) =>
  Object.entries(all).map(([Key, Value]) => ({ Key, Value }));

/** A member that an answer of AWS always has. @throws Error naming it if it is missing. */
export function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the account's answer lacks ${what}`);
  return value;
}
