import type http from "node:http";
import type { RawRequest } from "./wire";

/** Listens on 127.0.0.1. @throws Error with one sentence when the port is taken */
export function listen(server: http.Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(explain(error, port)));
    server.listen(port, "127.0.0.1", () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}

/** A port that another program has, in a sentence. */
export const explain = (error: NodeJS.ErrnoException, port: number): Error =>
  error.code === "EADDRINUSE"
    ? Object.assign(new Error(`Port ${port} is taken by another program: end it or choose another port.`), {
        code: "PortTaken",
      })
    : error;

/** A request whole, its header names in lower case. */
export async function readRequest(incoming: http.IncomingMessage): Promise<RawRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers = Object.entries(incoming.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(",") : (value ?? ""),
  ]);
  return {
    method: incoming.method ?? "GET",
    path: incoming.url ?? "/",
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: Buffer.concat(chunks),
  };
}
