import http from "node:http";
import { Readable } from "node:stream";
import { HttpResponse, type HttpRequest } from "@smithy/core/protocols";
import type { Place } from "./call";

export const defaultAccount = "123456789012";

export interface RawRequest {
  readonly method: string;
  /** With the query string. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

export type Send = (request: RawRequest, place: Place) => Promise<RawResponse>;

/**
 * Sends to the account's state, one request at a time: moto has no locks, and two callers at once lose writes.
 * Only a queue's long poll may run beside others, since it would block them.
 */
export function createSender(port: number): Send {
  let previous: Promise<unknown> = Promise.resolve();
  return (request, place) => {
    const go = () => transmit(port, request, place);
    if (/ReceiveMessage$/.test(headerOf(request, "x-amz-target") ?? "")) return go();
    const result = previous.then(go, go);
    previous = result;
    return result;
  };
}

const headerOf = (request: RawRequest, name: string): string | undefined =>
  Object.entries(request.headers).find(([key]) => key.toLowerCase() === name)?.[1];

/** One HTTP request to a port of this machine. `place`: whose account it is, where the receiver takes our word for it. */
export function transmit(port: number, request: RawRequest, place?: Place): Promise<RawResponse> {
  const foreign = /^(host|connection|content-length|transfer-encoding|expect|accept-encoding)$/i;
  const headers = Object.entries(request.headers).filter(([name]) => !foreign.test(name));
  return new Promise((resolve, reject) => {
    const outgoing = http.request(
      {
        host: "127.0.0.1",
        port,
        method: request.method,
        path: request.path,
        agent: false,
        headers: {
          ...Object.fromEntries(headers),
          host: request.headers.host ?? `127.0.0.1:${port}`,
          "content-length": String(request.body?.length ?? 0),
          ...(place ? { "x-moto-account-id": place.account } : {}),
        },
      },
      incoming => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () =>
          resolve({
            status: incoming.statusCode ?? 500,
            headers: Object.fromEntries(
              Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
            ),
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    outgoing.on("error", reject);
    outgoing.end(request.body);
  });
}

/** An SDK client whose requests go through `send`. Host names are never resolved. */
export function createClient<C>(
  make: new (config: never) => C,
  place: Place,
  send: Send,
  credentials: object = { accessKeyId: "AKIASANDBOXSTATE0000", secretAccessKey: "state" },
): C {
  const config = {
    // A name, not the address: S3 Control puts the account id in front of it.
    endpoint: "http://localhost:1",
    region: place.region,
    credentials,
    maxAttempts: 1,
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    disableRequestCompression: true,
    requestHandler: {
      metadata: { handlerProtocol: "http/1.1" },
      handle: async (request: HttpRequest) => {
        const answer = await send(await rawRequest(request), place);
        return {
          response: new HttpResponse({
            statusCode: answer.status,
            headers: { ...answer.headers },
            body: Readable.from([answer.body]),
          }),
        };
      },
      updateHttpClientConfig: () => undefined,
      httpHandlerConfigs: () => ({}),
    },
  };
  return new make(config as never);
}

/** What an SDK client is about to send. */
export async function rawRequest(request: HttpRequest): Promise<RawRequest> {
  const pairs = Object.entries(request.query ?? {}).flatMap(([name, value]) =>
    value === null || value === undefined
      ? [encodeURIComponent(name)]
      : [value].flat().map(one => `${encodeURIComponent(name)}=${encodeURIComponent(one)}`),
  );
  // The placeholder host of createClient: the receiver's own is put in its place.
  const { host: _, ...headers } = request.headers;
  return {
    method: request.method,
    path: request.path + (pairs.length > 0 ? `?${pairs.join("&")}` : ""),
    headers,
    body: await bytesOf(request.body),
  };
}

async function bytesOf(body: unknown): Promise<Buffer | undefined> {
  if (body === undefined || body === null) return undefined;
  if (typeof body === "string") return Buffer.from(body, "utf8");
  // Not Buffer.from(body): the SDK warns when its bodies are taken for texts.
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
