import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a function's process is handed for one invocation. */
export interface Handout {
  readonly requestId: string;
  /** Sandbox time by which it must have answered, epoch milliseconds. */
  readonly deadline: number;
  readonly functionArn: string;
  /** JSON text. */
  readonly payload: string;
}

/** What a process says to the Runtime API. Bodies are JSON text. */
export interface ProcessListener {
  /** It is ready for the next invocation; answer with the handout, whenever there is one. */
  next(): Promise<Handout>;
  answered(requestId: string, body: string): void;
  failed(requestId: string, body: string): void;
  initFailed(body: string): void;
}

export interface RuntimeApi {
  /** Opens a place for one process: the value of AWS_LAMBDA_RUNTIME_API, and what closes it. */
  open(listener: ProcessListener): { readonly address: string; close(): void };
  stop(): Promise<void>;
}

/**
 * Serves Lambda's Runtime API on 127.0.0.1 for all functions' processes, told apart by a path in front.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  const listeners = new Map<string, ProcessListener>();
  let last = 0;
  const server = createServer((request, response) => {
    answer(request, response, listeners).catch((error: Error) => {
      response.statusCode = 500;
      response.end(JSON.stringify({ errorType: error.name, errorMessage: error.message }));
    });
  });
  server.requestTimeout = 0;
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  server.unref();
  const { port } = server.address() as AddressInfo;

  return {
    open: listener => {
      const key = String((last += 1));
      listeners.set(key, listener);
      return { address: `127.0.0.1:${port}/${key}`, close: () => void listeners.delete(key) };
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

const path =
  /^\/(\d+)\/2018-06-01\/runtime\/(?:(init\/error|invocation\/next)|invocation\/([^/]+)\/(response|error))$/;

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  listeners: ReadonlyMap<string, ProcessListener>,
): Promise<void> {
  const [, key = "", operation, requestId = "", outcome] = path.exec(request.url ?? "") ?? [];
  const listener = listeners.get(key);
  if (listener === undefined) {
    response.statusCode = 404;
    response.end();
    return;
  }
  if (operation === "invocation/next") {
    const handout = await listener.next();
    response.setHeader("lambda-runtime-aws-request-id", handout.requestId);
    response.setHeader("lambda-runtime-deadline-ms", Math.round(handout.deadline));
    response.setHeader("lambda-runtime-invoked-function-arn", handout.functionArn);
    response.setHeader("content-type", "application/json");
    response.end(handout.payload);
    return;
  }
  const body = await text(request);
  if (operation === "init/error") listener.initFailed(body);
  else if (outcome === "response") listener.answered(requestId, body);
  else listener.failed(requestId, body);
  response.statusCode = 202;
  response.end();
}

async function text(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
