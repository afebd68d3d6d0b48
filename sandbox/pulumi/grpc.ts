import { Server, ServerCredentials, status, type handleUnaryCall, type ServerUnaryCall } from "@grpc/grpc-js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Properties } from "./values";

/** How Pulumi's engine, programs and providers speak with one another: gRPC on this machine, properties as JSON. */

/** Archives travel as text in one message; Pulumi's own limit. */
const maxMessageBytes = 400 * 1024 * 1024;

export interface GrpcServer {
  readonly port: number;
  /** Ends every connection at once. */
  close(): void;
}

/** Serves on the loopback address what `add` gives to the server. @throws Error if the port is taken; 0 is any free one. */
export async function serveGrpc(port: number, add: (server: Server) => void): Promise<GrpcServer> {
  const server = new Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
  });
  add(server);
  const bound = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, found) =>
      error === null ? resolve(found) : reject(error),
    ),
  );
  return { port: bound, close: () => server.forceShutdown() };
}

/** A handler from a function; what it throws is the call's error, with its `code` where it has one of gRPC's. */
export function unary<Request, Response>(
  answer: (request: Request, call: ServerUnaryCall<Request, Response>) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve(call)
      .then(() => answer(call.request, call))
      .then(
        response => callback(null, response),
        (error: Error & { code?: unknown }) =>
          callback({
            code: typeof error.code === "number" ? error.code : status.UNKNOWN,
            details: error.message,
          }),
      );
  };
}

/** Refuses a call; `details` says what it is that is not there. */
export const unimplemented =
  (details: string): handleUnaryCall<unknown, never> =>
  (_call, callback) =>
    callback({ code: status.UNIMPLEMENTED, details });

/** A message's properties as JSON; without a message none. */
export const fromStruct = (struct: Struct | undefined): Properties => struct?.toJavaScript() ?? {};

export const toStruct = (properties: Properties): Struct =>
  Struct.fromJavaScript(properties as Parameters<typeof Struct.fromJavaScript>[0]);
