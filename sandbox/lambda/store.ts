import { arnOf } from "../../runtime/aws/partition";
import { awsError, type Place } from "../ground/call";

/** One entry of a function's resource policy, in the policy's own spelling. */
export interface PermissionStatement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Principal: "*" | { readonly Service: string } | { readonly AWS: string };
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What PutFunctionEventInvokeConfig sets. */
export interface EventInvokeConfig {
  readonly maximumRetryAttempts?: number;
  readonly maximumEventAgeInSeconds?: number;
  readonly onSuccess?: string;
  readonly onFailure?: string;
  readonly modified: number;
}

/** A function as the sandbox keeps it: the state holds nothing of Lambda. */
export interface FunctionRecord extends Place {
  readonly name: string;
  readonly arn: string;
  /** The zip as uploaded. */
  code: Buffer;
  role: string;
  handler: string;
  runtime: string;
  architectures: readonly string[];
  /** Seconds. */
  timeout: number;
  /** MB. */
  memorySize: number;
  description: string;
  environment: Readonly<Record<string, string>>;
  logging: { readonly format: "Text" | "JSON"; readonly group: string };
  deadLetterArn?: string;
  ephemeralStorage: number;
  tracing: string;
  /** Epoch milliseconds. */
  modified: number;
  revisionId: string;
  tags: Record<string, string>;
  permissions: PermissionStatement[];
  invokeConfig?: EventInvokeConfig;
  reservedConcurrency?: number;
}

export interface FunctionStore {
  /** By name, ARN, partial ARN (account:function:name) or any of them with :$LATEST. */
  find(reference: string, place: Place): FunctionRecord | undefined;
  /** Undefined for what is no function's ARN, too. */
  byArn(arn: string): FunctionRecord | undefined;
  /** @throws ResourceNotFoundException */
  get(reference: string, place: Place): FunctionRecord;
  add(record: FunctionRecord): void;
  remove(record: FunctionRecord): void;
  list(place: Place): FunctionRecord[];
  all(): Iterable<FunctionRecord>;
  clear(): void;
}

export function createFunctionStore(): FunctionStore {
  const records = new Map<string, FunctionRecord>();
  const find = (reference: string, place: Place) => records.get(functionArn(reference, place));
  return {
    find,
    byArn: arn => records.get(unversioned(arn)),
    get: (reference, place) => {
      const record = find(reference, place);
      if (record === undefined)
        throw awsError(
          "ResourceNotFoundException",
          `Function not found: ${functionArn(reference, place)}`,
          404,
        );
      return record;
    },
    add: record => void records.set(record.arn, record),
    remove: record => void records.delete(record.arn),
    list: ({ region, account }) =>
      [...records.values()]
        .filter(record => record.region === region && record.account === account)
        .sort((one, other) => (one.name < other.name ? -1 : 1)),
    all: () => records.values(),
    clear: () => records.clear(),
  };
}

const unversioned = (reference: string): string => reference.replace(/:\$LATEST$/, "");

/** The ARN that a function's name, ARN or partial ARN means at a place. The one version is $LATEST. */
export function functionArn(reference: string, { region, account }: Place): string {
  const parts = unversioned(reference).split(":");
  if (parts[0] === "arn") return parts.join(":");
  if (parts[1] === "function")
    return arnOf("lambda", region, parts[0] ?? "", `function:${parts.slice(2).join(":")}`);
  return arnOf("lambda", region, account, `function:${parts.join(":")}`);
}

/** The function's resource policy as GetPolicy answers it, or undefined when it has none. */
export function functionPolicy(record: FunctionRecord): string | undefined {
  if (record.permissions.length === 0) return undefined;
  return JSON.stringify({ Version: "2012-10-17", Id: "default", Statement: record.permissions });
}
