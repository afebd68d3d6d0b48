import http from "node:http";
import type { AddressInfo } from "node:net";
import { randomUUID } from "node:crypto";
import type { JsonObject } from "../../records";
import type { Account } from "../state/account";
import type { AuditRow } from "../iam/audit";
import type { AuthorizeResult, Authorizer } from "../iam/authorize";
import {
  awsError,
  isAwsError,
  type Answer,
  type AwsError,
  type Call,
  type Handlers,
  type Place,
} from "../ground/call";
import type { Clock } from "../ground/clock";
import { checkRegion, decode, findService, readSignature, type Decoded, type Signature } from "./decode";
import { encodeAnswer, encodeError, type Speaker, type Wire } from "./encode";
import { createForwarder } from "./forward";
import { recordedAs } from "./record";
import type { Credentials, Identities } from "../iam/identity";
import type { Journal } from "../ground/journal";
import { correctionsOf, createApis } from "../services";
import type { Api } from "../codec/api";
import type { CallRecord } from "../watch/history";
import { listen, readRequest } from "../ground/server";
import { createClient, defaultAccount, transmit, type RawRequest } from "../ground/wire";

/** One endpoint for SDKs, CLI and remediators: every request is decoded, authorised, served and recorded. */
export interface Gateway {
  readonly url: string;
  readonly bootstrap: Credentials;
  /** An SDK client of this caller through the gateway; without credentials the account's root. */
  client<C>(make: new (config: never) => C, place?: Partial<Place>, credentials?: Credentials): C;
  readonly credentialsFor: Identities["credentialsFor"];
  readonly audit: readonly AuditRow[];
  close(): Promise<void>;
}

/** What a test puts in the way of a call. "drop" ends the connection without an answer. */
export type Fault = (call: Call) => AwsError | "drop" | undefined | Promise<AwsError | "drop" | undefined>;

export interface GatewayOptions {
  readonly account: Account;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly identities: Identities;
  readonly authorizer: Authorizer;
  /** Served outside the account's state: bus, functions, deliveries. They win over the built-in corrections. */
  readonly handlers: Handlers;
  /** Gets the event of every call that rules hear of before the caller gets the answer. */
  deliver(event: JsonObject, place: Place): void;
  /** Gets what CloudTrail keeps of every call, reads too. */
  keep?(record: CallRecord): void;
  /** Hears of every call that was served, before the caller gets the answer. */
  served?(call: Call, output: Answer["output"]): void;
  /** Sandbox milliseconds that every call takes at least. */
  readonly delayPerCall?: number;
  /** Asked before the call is served, and after it was. */
  readonly fault?: Fault;
  readonly faultAfter?: Fault;
  /** 0 or absent: any free port. */
  readonly port?: number;
}

interface Outcome {
  readonly wire: Wire | "drop";
  readonly error?: AwsError;
  /** What CloudTrail keeps of it, if it keeps anything. */
  readonly record?: CallRecord;
}

/** @throws Error with one sentence when the port is taken */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { account, clock, journal, identities, authorizer, delayPerCall = 0 } = options;
  const apis = createApis();
  const forward = createForwarder({
    account,
    handlers: options.handlers,
    corrections: correctionsOf({ account, identities }),
  });

  const serve = async (request: RawRequest, sourceIp: string): Promise<Wire | "drop"> => {
    const id = randomUUID();
    let service: Api | undefined;
    try {
      const signature = readSignature(request);
      if (!signature)
        throw awsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403);
      service = await apis(findService(request, signature.signing).name);
      const decoded = decode(service, request);
      const call = callOf(id, service, decoded, signature, request, sourceIp);
      const started = performance.now();
      const { wire, error, record } = await answer(service, decoded, call);
      journal.add({
        at: call.time,
        kind: "call",
        id,
        service: call.service,
        operation: call.operation,
        region: call.region,
        principal: call.identity.arn,
        ms: Math.round((performance.now() - started) * 10) / 10,
        ...(error ? { error: error.code } : {}),
      });
      if (record) options.keep?.(record);
      if (record?.isDelivered) options.deliver(record.event(), record);
      return wire;
    } catch (error) {
      const words = inServiceWords(toAwsError(error, journal, clock), service);
      return encodeError(service ?? likely(request), words, id);
    }
  };

  const callOf = (
    id: string,
    service: Api,
    { operation, input }: Decoded,
    { accessKeyId, region }: Signature,
    request: RawRequest,
    sourceIp: string,
  ): Call => {
    checkRegion(region, account.region);
    const identity = identities.find(accessKeyId);
    return {
      id,
      service: service.name,
      operation: operation.name,
      input,
      identity,
      region,
      account: identity.account,
      userAgent: request.headers["user-agent"] ?? "",
      sourceIp,
      time: clock.now(),
    };
  };

  const answer = async (service: Api, decoded: Decoded, call: Call): Promise<Outcome> => {
    if (delayPerCall > 0) await clock.sleep(delayPerCall);
    const fail = (error: AwsError, denied = false): Outcome => ({
      wire: wireOf(error) ?? encodeError(service, error, call.id),
      error,
      record: recordedAs(call, decoded, { error, denied }),
    });

    const before = await options.fault?.(call);
    if (before) return before === "drop" ? { wire: "drop" } : fail(before);
    const verdict = await decide(authorizer, call);
    if (isAwsError(verdict)) return fail(verdict);
    if (!verdict.allowed) return fail(awsError(verdict.code, verdict.message, verdict.status), true);
    try {
      const { output, wire } = await forward(service, decoded, call);
      options.served?.(call, output);
      const record = recordedAs(call, decoded, { output });
      const after = await options.faultAfter?.(call);
      if (after)
        return after === "drop"
          ? { wire: "drop", record }
          : { wire: encodeError(service, after, call.id), error: after, record };
      return { wire: wire ?? encodeAnswer(service, decoded.operation, output, call.id), record };
    } catch (error) {
      return fail(toAwsError(error, journal, clock));
    }
  };

  const server = http.createServer((incoming, response) => {
    void readRequest(incoming)
      .then(request => serve(request, incoming.socket.remoteAddress ?? "127.0.0.1"))
      .then(wire => {
        if (wire === "drop") return void incoming.socket.destroy();
        const { "content-length": _, "transfer-encoding": __, connection: ___, ...headers } = wire.headers;
        // The answer to HEAD has no body but says how long it would be.
        const length =
          incoming.method === "HEAD" ? (wire.headers["content-length"] ?? "0") : wire.body.length;
        // SDKs correct their own clock by it, and would correct it to the wall clock's.
        const date = new Date(clock.now()).toUTCString();
        response.writeHead(wire.status, { ...headers, date, "content-length": length });
        response.end(incoming.method === "HEAD" ? undefined : wire.body);
      })
      .catch(() => incoming.socket.destroy());
  });
  await listen(server, options.port ?? 0);
  const port = (server.address() as AddressInfo).port;

  return {
    url: `http://127.0.0.1:${port}`,
    bootstrap: identities.bootstrap,
    client: (make, place = {}, credentials = identities.bootstrap) => {
      const { region = account.region, account: id = defaultAccount } = place;
      return createClient(make, { region, account: id }, request => transmit(port, request), credentials);
    },
    credentialsFor: identities.credentialsFor,
    audit: authorizer.audit,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function decide(authorizer: Authorizer, call: Call): Promise<AuthorizeResult | AwsError> {
  try {
    return await authorizer.authorize(call);
  } catch (error) {
    // A call that the tables do not know is refused, never let through.
    if (isAwsError(error)) return error;
    throw error;
  }
}

/** The state's own words for an error, where it said them. */
const wireOf = (error: AwsError): Wire | undefined => (error as AwsError & { wire?: Wire }).wire;

function toAwsError(error: unknown, journal: Journal, clock: Clock): AwsError {
  if (isAwsError(error)) return error;
  if (error instanceof Error && "$metadata" in error) {
    // The account's state refused a correction's own call.
    const { httpStatusCode = 400 } = error.$metadata as { httpStatusCode?: number };
    return awsError(error.name, error.message, httpStatusCode);
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  journal.add({ at: clock.now(), kind: "note", text: `The sandbox failed: ${text}` });
  return awsError("InternalFailure", `The sandbox failed: ${text.split("\n")[0]}`, 500);
}

/** A service that the sandbox does not have is still answered in the protocol that the request speaks. */
const likely = ({ headers }: RawRequest): Speaker | undefined =>
  headers["content-type"]?.startsWith("application/x-www-form-urlencoded")
    ? { buckets: false, protocol: "query", namespace: "", jsonVersion: "1.1" }
    : undefined;

/** What each protocol calls a key that is unknown, old or missing. */
function inServiceWords(error: AwsError, service: Api | undefined): AwsError {
  const words = identityErrors[error.code]?.[service?.protocol ?? "query"];
  return words === undefined ? error : awsError(words, error.message, error.status);
}

const identityErrors: Readonly<Record<string, Readonly<Partial<Record<Api["protocol"], string>>>>> = {
  InvalidClientTokenId: {
    ec2: "AuthFailure",
    json: "UnrecognizedClientException",
    "rest-json": "UnrecognizedClientException",
    "rest-xml": "InvalidAccessKeyId",
  },
  ExpiredToken: {
    ec2: "RequestExpired",
    json: "ExpiredTokenException",
    "rest-json": "ExpiredTokenException",
  },
};
