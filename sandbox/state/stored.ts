import type { Place } from "../ground/call";

/** An ARN's parts; where it names no region or account, the default ones. */
export interface Arn extends Place {
  readonly service: string;
  readonly resource: string;
}

export type Tags = Readonly<Record<string, string>>;

export function splitArn(arn: string): Arn {
  const [, , service = "", region = "", account = "", ...resource] = arn.split(":");
  return {
    service,
    region: region || "us-east-1",
    account: account || "123456789012",
    resource: resource.join(":"),
  };
}

const missing =
  /^(NoSuch|NotFound|ResourceNotFound|.*NotFound$|.*NotFoundException$|.*NonExistent.*|QueueDoesNotExist|PolicyNotFound)/;

/** What does not exist is undefined; every other failure is thrown. */
export async function absent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && (missing.test(error.name) || /NotFound/.test(error.name))) return undefined;
    throw error;
  }
}

/** Either spelling of a list of tags. */
export const tagsOf = (
  list: readonly { Key?: string; Value?: string; TagKey?: string; TagValue?: string }[] = [],
): Tags =>
  Object.fromEntries(list.map(tag => [tag.Key ?? tag.TagKey ?? "", tag.Value ?? tag.TagValue ?? ""]));

/** Its text again. */
export const fullArn = ({ service, region, account, resource }: Arn): string =>
  `arn:aws:${service}:${region}:${account}:${resource}`;
