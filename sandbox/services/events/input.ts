import type { Tag } from "@aws-sdk/client-eventbridge";
import { awsError, type Call } from "../../ground/call";

export const invalid = (message: string) => awsError("ValidationException", message);

/** A member of the input that is a text, or undefined. */
export const nameOf = (call: Call, member: string) => (call.input[member] ?? undefined) as string | undefined;

export const tagsOf = (tags: readonly Tag[] = []): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key = "", Value = "" }) => [Key, Value]));
