import { z } from "zod";
import type { Properties } from "../values";
import { tags } from "./inputs";

/** What the sandbox honours of the AWS provider's configuration. */
export interface Configuration {
  readonly region: string;
  readonly defaultTags: Readonly<Record<string, string>>;
  readonly allowedAccountIds?: readonly string[];
}

/** A provider's properties that are no plain text travel as JSON. */
const fromJson = <T extends z.ZodType>(schema: T) =>
  z.preprocess(value => (typeof value === "string" ? JSON.parse(value) : value), schema);

const flag = fromJson(z.boolean()).optional();

const schema = z.strictObject({
  region: z.string("the AWS region is not set: pulumi config set aws:region us-east-1"),
  defaultTags: fromJson(z.strictObject({ tags: tags.optional() })).optional(),
  allowedAccountIds: fromJson(z.array(z.string())).optional(),
  // These say what the real provider need not check; here is nothing to check.
  skipCredentialsValidation: flag,
  skipMetadataApiCheck: flag,
  skipRegionValidation: flag,
  version: z.string().optional(),
});

/**
 * Reads the configuration of a provider resource, or the stack's `aws:*` keys without their prefix.
 * @throws Error naming every key that the sandbox does not know, and a missing region.
 */
export function readConfiguration(values: Properties): Configuration {
  const parsed = schema.safeParse(values);
  if (!parsed.success)
    throw new Error(
      `the AWS provider's configuration: ${parsed.error.issues
        .map(issue => [issue.path.join("."), issue.message].filter(Boolean).join(": "))
        .join("; ")}`,
    );
  const { region, defaultTags, allowedAccountIds } = parsed.data;
  return { region, defaultTags: defaultTags?.tags ?? {}, allowedAccountIds };
}
