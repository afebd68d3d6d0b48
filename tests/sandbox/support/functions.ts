import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { strToU8, zipSync } from "fflate";
import { createActivity } from "../../../sandbox/ground/activity";
import { createClock } from "../../../sandbox/ground/clock";
import { createFunctions, type FunctionsOptions } from "../../../sandbox/lambda/functions";
import type { FunctionRecord } from "../../../sandbox/lambda/store";
import { createJournal, type Happening } from "../../../sandbox/ground/journal";

export const place = { region: "us-east-1", account: "123456789012" };
export const roleArn = "arn:aws:iam::123456789012:role/guardrails/watcher";

/** One request that the stand-in for the gateway received. */
export interface Received {
  readonly target: string;
  readonly key: string;
  readonly body: Record<string, unknown>;
}

/** The SDK compares a queue's answer with what it sent. */
const accepted = ({ body }: Received): object =>
  "MessageBody" in body
    ? { MessageId: "m-1", MD5OfMessageBody: createHash("md5").update(String(body.MessageBody)).digest("hex") }
    : {};

/** Stands in for the gateway: accepts every JSON call, or answers as told (after so many ms), and keeps what it was asked. */
export async function startEndpoint(answer: (request: Received) => object = accepted, delay = 0) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const text = Buffer.concat(parts).toString();
      const one = {
        target: String(request.headers["x-amz-target"] ?? `${request.method} ${request.url}`),
        key: /Credential=([^/]+)/.exec(request.headers.authorization ?? "")?.[1] ?? "",
        body: (text.startsWith("{") ? JSON.parse(text) : { text }) as Record<string, unknown>,
      };
      received.push(one);
      const output = answer(one);
      const status = "__type" in output ? 400 : 200;
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
      setTimeout(() => response.end(JSON.stringify(output)), delay);
    });
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () => {
    server.closeAllConnections();
    return new Promise<void>(resolve => server.close(() => resolve()));
  };
  return { url: `http://127.0.0.1:${port}`, received, stop };
}

/** The functions part alone, with a clock, a journal and keys of its own. */
export async function startFunctions(options: Partial<FunctionsOptions> = {}) {
  const clock = createClock();
  const journal = createJournal();
  const activity = createActivity(clock);
  const functions = await createFunctions({
    clock,
    journal,
    activity,
    meter: () => undefined,
    endpoint: () => "http://127.0.0.1:9",
    credentialsFor: async ({ session }) => ({
      accessKeyId: `ASIA${session.toUpperCase()}`,
      secretAccessKey: "secret",
      sessionToken: "token",
    }),
    ...options,
  });
  const of = <K extends Happening["kind"]>(kind: K) =>
    journal.happenings.filter(
      (happening): happening is Extract<Happening, { kind: K }> => happening.kind === kind,
    );
  return { clock, journal, activity, functions, of };
}

/** A function record whose index.js is the text given; everything else is valid. */
export function functionRecord(source: string, change: Partial<FunctionRecord> = {}): FunctionRecord {
  const name = change.name ?? "watcher";
  return {
    ...place,
    name,
    arn: `arn:aws:lambda:us-east-1:123456789012:function:${name}`,
    code: zip({ "index.js": source }),
    role: roleArn,
    handler: "index.handler",
    runtime: "nodejs22.x",
    architectures: ["arm64"],
    timeout: 10,
    memorySize: 256,
    description: "",
    environment: {},
    logging: { format: "Text", group: `/aws/lambda/${name}` },
    ephemeralStorage: 512,
    tracing: "PassThrough",
    modified: 0,
    revisionId: "one",
    tags: {},
    permissions: [],
    ...change,
  };
}

/** A deployment package with these files. */
export const zip = (files: Readonly<Record<string, string>>): Buffer =>
  Buffer.from(
    zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))),
  );
