import { codeOf, failureOf } from "../runtime/aws/errors";
import { partPrefix } from "../runtime/names";
import { plain } from "../runtime/plain";
import type { StackKey } from "../components/settings/keys";

/** The setting that admits them, by its name of today. */
const operators: StackKey = "operators";

/** What a command does not do, in one sentence for the person who asked; shown without a stack trace. */
export interface Refusal extends Error {
  readonly refused: true;
  /** 1: it cannot be done as things are; 2: it was asked for in a way that cannot be used. */
  readonly exitCode: 1 | 2;
}

export const refusal = (message: string, exitCode: 1 | 2 = 1): Refusal =>
  Object.assign(new Error(message), { refused: true as const, exitCode });

export const isRefusal = (error: unknown): error is Refusal =>
  error instanceof Error && (error as Partial<Refusal>).refused === true;

/** Where a command works, as far as its errors need to say so. */
export interface Whereabouts {
  readonly stack: string;
  readonly region?: string;
  readonly account?: string;
}

const denied = /^(AccessDenied|UnauthorizedOperation|AuthorizationError|NotAuthorized|Client\.Unauthorized)/;
/** AWS's code says that the caller lacks the right. */
export const isDenied = (code: string): boolean => denied.test(code);
/** What helps then. */
export const howToBeAdmitted = "The same command with --policy prints what an operator needs.";
const unusable =
  /^(UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|AuthFailure|ExpiredToken|RequestExpired|SignatureDoesNotMatch)/;
const unreachable = /^(ECONNREFUSED|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|ECONNRESET|TimeoutError|NetworkingError)$/;

/** An error of AWS or of the SDK in words for an operator: what is wrong, and what helps. */
export function inWords(error: unknown, { stack, region, account }: Whereabouts): string {
  if (isRefusal(error)) return error.message;
  const code = codeOf(error);
  const message = plain(failureOf(error).message, 600);
  if (/Credentials?Provider/.test(code) || /Could not load credentials/.test(message))
    return `No AWS credentials were found: set AWS_PROFILE or AWS_ACCESS_KEY_ID, or sign in first. (${message})`;
  if (/Region is missing/.test(message)) return "No region is set: give --region, or set AWS_REGION.";
  const [, noRegion] = /^Region not accepted: region=(.*) is not a valid/.exec(message) ?? [];
  if (noRegion !== undefined) return `"${noRegion}" is no region: give --region, or set AWS_REGION.`;
  if (unusable.test(code))
    return `AWS does not take these credentials, or not any more (${code}: ${message})`;
  if (/PolicyLock|explicit deny in a resource-based policy/.test(message) && /dynamodb:/.test(message))
    return [
      `The ledger of stack ${stack} admits its functions and its operators only, and you are none of them.`,
      `Somebody who deploys the stack can admit your role or user (an exact ARN, a role's with its path), or your permission set by its name:`,
      `  pulumi config set --path '${operators}[0]' <ARN> --stack ${stack}   (or the next free number), then pulumi up`,
      `  pulumi config set --path '${operators}[0].permissionSet' <name> --stack ${stack}`,
      `(${message})`,
    ].join("\n");
  const there = `account ${account ?? "of these credentials"}, region ${region ?? "of this shell"}`;
  if (isDenied(code)) {
    // Operators may reach the parts of their own stack, there or not: of any other they are refused, and told no more.
    const isOfTheStack = message.includes(partPrefix(stack));
    const orElse = `Either stack ${stack} is not in ${there} (are --stack and --region right?), or you lack the right. `;
    return `AWS refused a call: ${message}\n${isOfTheStack ? orElse : ""}${howToBeAdmitted}`;
  }
  if (code === "ResourceNotFoundException" || /NonExistentQueue|QueueDoesNotExist/.test(code))
    return `Stack ${stack} is not in ${there}, or not all of it: are --stack and --region right? (${message})`;
  if (unreachable.test(code)) return `AWS cannot be reached (${code}: ${message})`;
  return `${code}: ${message}`;
}
