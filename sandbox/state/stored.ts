import { arnOf } from "../../runtime/aws/partition";
import type { Place } from "../ground/call";
import { defaultAccount } from "../ground/wire";

/** An ARN's parts; where it names no account, the default one. */
export interface Arn extends Place {
  readonly service: string;
  readonly resource: string;
}

export type Tags = Readonly<Record<string, string>>;

/** @param home the region of what is in none, such as a role or a bucket */
export function splitArn(arn: string, home: string): Arn {
  const [, , service = "", region = "", account = "", ...resource] = arn.split(":");
  return {
    service,
    region: region || home,
    account: account || defaultAccount,
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
  arnOf(service, region, account, resource);
