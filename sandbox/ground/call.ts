import type { Caller } from "../../records";

/** The words that the sandbox's parts share about one AWS API call. */

export interface Place {
  readonly region: string;
  readonly account: string;
}

/** Who signed a request: the bootstrap key (the account's root, unrestricted), a user, a role session, or a service. */
export interface Identity extends Caller {
  /** The function whose environment the credentials were made for: lambda:SourceFunctionArn. */
  readonly functionArn?: string;
}

/** One decoded request. `input` has the shape of the SDK's command input. */
export interface Call extends Place {
  /** The request id that the answer and the CloudTrail record carry. */
  readonly id: string;
  /** The name of its folder in services/: the signing name, or s3-control. */
  readonly service: string;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly identity: Identity;
  readonly userAgent: string;
  readonly sourceIp: string;
  /** Sandbox time, epoch milliseconds. */
  readonly time: number;
}

/** What the caller gets. `output` has the shape of the SDK's command output; without `wire` the gateway encodes it. */
export interface Answer {
  readonly output: Record<string, unknown>;
  readonly wire?: {
    readonly status: number;
    readonly headers: Record<string, string>;
    readonly body: Buffer;
  };
}

/** One call on its way: what a service handler works with. */
export interface Exchange {
  readonly call: Call;
  /** Sends the call to the account's state as it came, or with another input. Throws AwsError when it is refused. */
  forward(input?: object): Promise<Answer>;
}

/** Serves one operation instead of the plain forward: corrects what the account's state gets wrong, or keeps state of its own. */
export type Handler = (exchange: Exchange) => Promise<Answer>;

/** Handlers by "<service>:<Operation>", e.g. "ec2:ModifyNetworkInterfaceAttribute". */
export type Handlers = Readonly<Record<string, Handler>>;

/** An error in AWS's own words, turned into the caller's protocol by the gateway. */
export interface AwsError extends Error {
  /** e.g. InvalidGroup.NotFound, AccessDenied */
  readonly code: string;
  readonly status: number;
}

export const awsError = (code: string, message: string, status = 400): AwsError =>
  Object.assign(new Error(message), { name: code, code, status });

export const isAwsError = (error: unknown): error is AwsError =>
  error instanceof Error &&
  typeof (error as Partial<AwsError>).code === "string" &&
  typeof (error as Partial<AwsError>).status === "number";
