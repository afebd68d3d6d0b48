import { AsyncLocalStorage } from "node:async_hooks";
import type { Account } from "../state/account";
import { awsError, type Answer, type Call, type Exchange, type Handlers } from "../ground/call";
import type { Decoded } from "./decode";
import { readError, type Wire } from "./encode";
import type { Api, SdkClient } from "../codec/api";
import { serviceNamed, services } from "../services";
import type { RawRequest, RawResponse, Send } from "../ground/wire";

/** Serves a decoded call: by its handler, by its correction, or plainly from the account's state. */
export type Forwarder = (service: Api, decoded: Decoded, call: Call) => Promise<Answer>;

export interface ForwarderOptions {
  readonly account: Account;
  readonly handlers: Handlers;
  readonly corrections: Handlers;
}

/**
 * Corrections and plain calls run one at a time: what a correction reads first must still hold when it writes.
 * Handlers may wait for other calls (an invoked function makes some), so only their own forwards take turns.
 */
export function createForwarder({ account, handlers, corrections }: ForwarderOptions): Forwarder {
  const inTurn = createTurns();
  const forwardToState = createPlain(account);
  const checks = new Map(services.map(service => [service.name, service.check?.(account)]));
  return (service, decoded, call) => {
    const { refused, waits } = serviceNamed(call.service);
    const key = `${call.service}:${call.operation}`;
    if (refused && Object.hasOwn(refused, call.operation))
      return Promise.reject(awsError("NotImplemented", `The sandbox does not implement ${key}`, 501));
    const plain = (input?: object) => forwardToState(service, decoded, call, input);
    const handler = handlers[key];
    if (handler) return handler({ call, forward: input => inTurn(() => plain(input)) });
    const exchange: Exchange = { call, forward: plain };
    const run = async () => {
      await checks.get(call.service)?.(call);
      return corrections[key]?.(exchange) ?? plain();
    };
    return waits?.includes(call.operation) ? run() : inTurn(run);
  };
}

function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let previous: Promise<unknown> = Promise.resolve();
  return work => {
    const result = previous.then(work, work);
    previous = result;
    return result;
  };
}

type Plain = (service: Api, decoded: Decoded, call: Call, input?: object) => Promise<Answer>;

/**
 * Plain forwards: the state's answer, read by the service's own SDK client, the same code that a caller would use.
 * They throw AwsError as the state gives it; NotImplemented where it has no such operation, InternalFailure where it crashed.
 */
function createPlain(account: Account): Plain {
  const current = new AsyncLocalStorage<Send>();
  const clients = new Map<string, SdkClient>();
  const clientOf = (service: Api, call: Call): SdkClient => {
    const key = `${service.name} ${call.region} ${call.account}`;
    const sendCurrent: Send = (request, place) => {
      const send = current.getStore();
      return send ? send(request, place) : Promise.reject(new Error("Nothing is being forwarded"));
    };
    const client = clients.get(key) ?? service.client(call, sendCurrent);
    clients.set(key, client);
    return client;
  };

  return async (service, { operation, raw }, call, input) => {
    let received: RawResponse | undefined;
    let failure: unknown;
    // The client's request is used where the input was changed; otherwise the caller's goes on as it came.
    const send: Send = async (fromClient, place) => {
      try {
        received = await account.send(asAsked(input === undefined ? raw : fromClient, raw, service), place);
        if (received.status >= 300) throw await stateError(account, service, call, received);
        return { ...received, headers: { ...received.headers } };
      } catch (error) {
        failure = error;
        throw error;
      }
    };
    const command = operation.command({ ...(input ?? call.input) });
    try {
      const { $metadata: _, ...output } = await current.run(send, () =>
        clientOf(service, call).send(command),
      );
      if (!received) throw new Error(`${call.service} ${call.operation} was not sent`);
      return { output, wire: tidy(received, service, call.id) };
    } catch (error) {
      if (failure !== undefined) throw failure;
      throw received === undefined ? notSendable(call, error) : error;
    }
  };
}

/** Where answers name the host that was asked, it is ours. Everything else must look like the state's own host. */
function asAsked(request: RawRequest, raw: RawRequest, service: Api): RawRequest {
  const { host: _, ...headers } = request.headers;
  const { host } = raw.headers;
  return {
    ...request,
    headers: serviceNamed(service.name).namesHost && host !== undefined ? { ...headers, host } : headers,
  };
}

/** The client refused the input before anything was sent: what a caller's own client would have refused. */
const notSendable = (call: Call, error: unknown) =>
  awsError("InvalidRequest", `${call.operation}: ${error instanceof Error ? error.message : String(error)}`);

async function stateError(account: Account, service: Api, call: Call, answer: RawResponse) {
  const wire = { status: answer.status, headers: answer.headers, body: answer.body };
  // A crash is a page; the answer to HEAD has no body, whatever its type.
  const crashed = answer.status >= 500 && answer.headers["content-type"]?.includes("text/html");
  const said = crashed ? undefined : readError(service, wire);
  if (said && said.code !== "NotImplemented" && answer.status !== 501)
    return Object.assign(awsError(said.code, said.message, answer.status), {
      wire: tidy(answer, service, call.id),
    });
  const name = `${call.service}:${call.operation}`;
  const raised = said || answer.status === 501 ? "NotImplementedError" : await lastException(account);
  return raised?.startsWith("NotImplementedError")
    ? awsError("NotImplemented", `The sandbox does not implement ${name}`, 501)
    : awsError(
        "InternalFailure",
        `The sandbox failed in ${name}: ${raised ?? `status ${answer.status}`}`,
        500,
      );
}

/** The last line of a stack trace: the state answers every crash, of its own making or not, with the same page. */
async function lastException(account: Account): Promise<string | undefined> {
  const lines = (await account.lastWords()).split("\n");
  return lines
    .reverse()
    .find(line => /^[A-Z][\w.]*(Error|Exception|NotFound)\b|^[a-z]\w*(\.\w+)*Error\b/.test(line));
}

/** Request ids of the state's own ("request-id") give way to the call's. */
function tidy(answer: RawResponse, service: Api, id: string): Wire {
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
