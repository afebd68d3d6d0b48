import { awsError, isAwsError } from "../ground/call";

/** Why a delivery failed. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
export interface Failure {
  /** One of EventBridge's own codes. */
  readonly code: string;
  readonly message: string;
  readonly isRetryable: boolean;
}

/** @throws AwsError InvalidJson: a function takes nothing else. */
export function checkJson(text: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    throw awsError("InvalidJson", (error as Error).message);
  }
}

const permanent: readonly (readonly [RegExp, string])[] = [
  [/AccessDenied|AuthorizationError|NotAuthorized/, "NO_PERMISSIONS"],
  [/NotFound|NonExistent|DoesNotExist/, "NO_RESOURCE"],
  [/InvalidJson/, "INVALID_JSON"],
  [/InvalidParameter|ValidationException|RequestTooLarge|NotImplemented/, "INVALID_PARAMETER"],
];

/** Missing permissions, targets and bad input are final; throttling and faults of the target are tried again. */
export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (!isAwsError(error)) return { code: "INTERNAL_ERROR", message, isRetryable: true };
  const known = permanent.find(([pattern]) => pattern.test(error.code));
  if (known !== undefined) return { code: known[1], message, isRetryable: false };
  const code = /Throttl|TooManyRequests|Rate/.test(error.code) ? "THROTTLING" : "ERROR_FROM_TARGET";
  return { code, message, isRetryable: true };
}
