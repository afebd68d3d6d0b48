import type { InstanceState } from "./instances";

/** How far EC2's launch time and the time of the call may be apart, ms; recorded calls differ by less than a second. */
export const tolerance = 30_000;

/** Whether two times, ISO 8601, are that near; one that cannot be read is near to nothing. */
export const isNear = (one: string, other: string): boolean =>
  Math.abs(Date.parse(one) - Date.parse(other)) <= tolerance;

/**
 * Why an instance is not what the call at this time launched, in words, or undefined. A repeated client token answers
 * with instances of an earlier call, and a start after a stop renews the launch time but not the first interface.
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
 */
export function whyNotLaunched(
  { id, launchedAt, attachedAt }: Pick<InstanceState, "id" | "launchedAt" | "attachedAt">,
  at: string,
): string | undefined {
  const called = `the call was made at ${at}`;
  if (launchedAt === "") return `unconfirmed: EC2 does not say when ${id} was launched, ${called}`;
  if (!isNear(launchedAt, at))
    return `unconfirmed: EC2 says that ${id} was launched at ${launchedAt}, ${called}`;
  if (attachedAt !== "" && !isNear(attachedAt, at))
    return `unconfirmed: EC2 says that ${id} has its first interface since ${attachedAt}, ${called}`;
  return undefined;
}
