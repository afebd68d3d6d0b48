import type { Account } from "./account";
import { awsError, isAwsError, type Answer, type Call, type Exchange, type Handlers } from "./call";
import type { Decoded } from "./decode";
import { readError, type Wire } from "./encode";
import type { SdkClient, Service } from "./services";
import type { RawRequest, RawResponse, Send } from "./wire";

/** Serves a decoded call: by its handler, by its correction, or plainly from the account's state. */
export type Forwarder = (service: Service, decoded: Decoded, call: Call) => Promise<Answer>;

export interface ForwarderOptions {
  readonly account: Account;
  readonly handlers: Handlers;
  readonly corrections: Handlers;
  /** By service: refuses what must not reach a correction or the state. */
  readonly checks?: Readonly<Record<string, (call: Call) => Promise<void>>>;
}

/**
 * Corrections and plain calls run one at a time: what a correction reads first must still hold when it writes.
 * Handlers may wait for other calls (an invoked function makes some), so only their own forwards take turns.
 */
export function createForwarder({
  account,
  handlers,
  corrections,
  checks = {},
}: ForwarderOptions): Forwarder {
  const inTurn = createTurns();
  return (service, decoded, call) => {
    if (call.service === "ec2" && call.input.DryRun === true) return Promise.reject(dryRun());
    const key = `${call.service}:${call.operation}`;
    const plain = (input?: object) => forwardToState(account, service, decoded, call, input);
    const handler = handlers[key];
    if (handler) return handler({ call, forward: input => inTurn(() => plain(input)) });
    const exchange: Exchange = { call, forward: plain };
    const run = async () => {
      await checks[call.service]?.(call);
      return corrections[key]?.(exchange) ?? plain();
    };
    return call.service === "sqs" && call.operation === "ReceiveMessage" ? run() : inTurn(run);
  };
}

/** Allowed, and nothing done: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html, DryRun */
const dryRun = () =>
  awsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);

function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let previous: Promise<unknown> = Promise.resolve();
  return work => {
    const result = previous.then(work, work);
    previous = result;
    return result;
  };
}

/**
 * The state's answer, read by the service's own SDK client: the same code that a caller would use.
 * @throws AwsError as the state gives it; NotImplemented where it has no such operation, InternalFailure where it crashed
 */
async function forwardToState(
  account: Account,
  service: Service,
  { operation, raw }: Decoded,
  call: Call,
  input?: object,
): Promise<Answer> {
  let received: RawResponse | undefined;
  // The client's request is used where the input was changed; otherwise the caller's goes on as it came.
  const send: Send = async (fromClient, place) => {
    received = await account.send(asAsked(input === undefined ? raw : fromClient, raw, service), place);
    if (received.status >= 300) throw await stateError(account, service, call, received);
    return { ...received, headers: { ...received.headers } };
  };
  const client: SdkClient = service.client(call, send);
  let output: Record<string, unknown>;
  try {
    output = await client.send(operation.command({ ...(input ?? call.input) }));
  } catch (error) {
    if (received === undefined) throw notSendable(call, error);
    throw received.status >= 300 && !isAwsError(error)
      ? await stateError(account, service, call, received)
      : error;
  }
  if (!received) throw new Error(`${call.service} ${call.operation} was not sent`);
  const { $metadata: _, ...rest } = output;
  return { output: rest, wire: tidy(received, service, call.id) };
}

/** Queue URLs name the host that they were asked for: ours. Everything else must look like the state's own host. */
function asAsked(request: RawRequest, raw: RawRequest, service: Service): RawRequest {
  const { host: _, ...headers } = request.headers;
  const { host } = raw.headers;
  return {
    ...request,
    headers: service.name === "sqs" && host !== undefined ? { ...headers, host } : headers,
  };
}

/** The client refused the input before anything was sent: what a caller's own client would have refused. */
const notSendable = (call: Call, error: unknown) =>
  awsError("InvalidRequest", `${call.operation}: ${error instanceof Error ? error.message : String(error)}`);

async function stateError(account: Account, service: Service, call: Call, answer: RawResponse) {
  const wire = { status: answer.status, headers: answer.headers, body: answer.body };
  const said = answer.headers["content-type"]?.includes("text/html") ? undefined : readError(service, wire);
  if (said && said.code !== "NotImplemented" && answer.status !== 501)
    return Object.assign(awsError(said.code, said.message, answer.status), {
      wire: tidy(answer, service, call.id),
    });
  const name = `${call.service}:${call.operation}`;
  const raised = await lastException(account);
  return answer.status === 501 || said || raised === undefined || raised.startsWith("NotImplementedError")
    ? awsError("NotImplemented", `The sandbox does not implement ${name}`, 501)
    : awsError("InternalFailure", `The sandbox failed in ${name}: ${raised}`, 500);
}

/** The last line of a stack trace: the state answers every crash, of its own making or not, with the same page. */
async function lastException(account: Account): Promise<string | undefined> {
  const lines = (await account.lastWords()).split("\n");
  return lines
    .reverse()
    .find(line => /^[A-Z][\w.]*(Error|Exception|NotFound)\b|^[a-z]\w*(\.\w+)*Error\b/.test(line));
}

/** Request ids of the state's own ("request-id") give way to the call's. */
function tidy(answer: RawResponse, service: Service, id: string): Wire {
  const { date: _, server: __, ...headers } = answer.headers;
  const isXml = service.protocol === "ec2" || service.protocol === "query";
  const body = isXml
    ? Buffer.from(
        answer.body.toString("utf8").replace(/<(requestId|RequestId|RequestID)>[^<]*</g, `<$1>${id}<`),
      )
    : answer.body;
  return {
    status: answer.status,
    headers: { ...headers, "x-amzn-requestid": id, "x-amz-request-id": id },
    body,
  };
}
