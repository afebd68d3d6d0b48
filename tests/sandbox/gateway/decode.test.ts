import { isDeepStrictEqual } from "node:util";
import { expect } from "chai";
import { decode } from "../../../sandbox/gateway/decode";
import { encodeAnswer } from "../../../sandbox/gateway/encode";
import type { Api, Operation } from "../../../sandbox/codec/api";
import { createApis, services } from "../../../sandbox/services";
import type { RawRequest, RawResponse, Send } from "../../../sandbox/ground/wire";
import { fill, plain } from "../support/fill";

const place = { region: "us-east-1", account: "123456789012" };
const apis = createApis();

/** What the SDK sends for this input; `answer` is what it gets back. */
async function serialise(
  service: Api,
  operation: Operation,
  input: object,
  answer?: RawResponse,
): Promise<{ request: RawRequest; output: unknown }> {
  let request: RawRequest | undefined;
  const send: Send = sent => {
    request = {
      ...sent,
      headers: Object.fromEntries(Object.entries(sent.headers).map(([k, v]) => [k.toLowerCase(), String(v)])),
    };
    return answer ? Promise.resolve(answer) : Promise.reject(new Error("enough"));
  };
  const output = await service
    .client(place, send)
    .send(operation.command(input))
    .catch((error: Error) => (request ? { error: String(error) } : Promise.reject(error)));
  if (!request) throw new Error("nothing was sent");
  return { request, output };
}

/** The members that came back otherwise than they went in. Those that a client adds on its own do not count. */
function differences(given: unknown, got: unknown): string[] {
  const [a, b] = [plain(given), plain(got)] as Record<string, unknown>[];
  return Object.keys(a ?? {}).filter(key => !isDeepStrictEqual(a?.[key], b?.[key]));
}

/** Everything else must be exact. */
const unreadable: Readonly<Record<string, readonly string[]>> = {
  s3: ["WriteGetObjectResponse"], // called from S3 Object Lambda only, on a host of its own
};
/** Answers that the SDK refuses unless their digests fit the messages. */
const digested: readonly string[] = ["ReceiveMessage", "SendMessage", "SendMessageBatch"];

describe("decode", () => {
  for (const { name } of services) {
    it(`reads back what the SDK sends for every operation of ${name}`, async () => {
      const service = await apis(name);
      const wrong: string[] = [];
      for (const operation of service.operations.values()) {
        if (unreadable[name]?.includes(operation.name)) continue;
        const input = (operation.input.isUnitSchema() ? {} : fill(operation.input)) as Record<
          string,
          unknown
        >;
        try {
          const { request } = await serialise(service, operation, structuredClone(input));
          const decoded = decode(service, request);
          const bad =
            decoded.operation === operation
              ? differences(input, decoded.input)
              : [`→ ${decoded.operation.name}`];
          if (bad.length > 0) wrong.push(`${operation.name}: ${bad.join(", ")}`);
        } catch (error) {
          wrong.push(`${operation.name}: ${String(error)}`);
        }
      }
      expect(service.operations.size).to.be.greaterThan(5);
      expect(wrong).to.deep.equal([]);
    });

    it(`writes every answer of ${name} as the SDK reads it`, async () => {
      const service = await apis(name);
      const wrong: string[] = [];
      for (const operation of service.operations.values()) {
        if (digested.includes(operation.name) || unreadable[name]?.includes(operation.name)) continue;
        const input = (operation.input.isUnitSchema() ? {} : fill(operation.input)) as object;
        const output = (operation.output.isUnitSchema() ? {} : fill(operation.output)) as Record<
          string,
          unknown
        >;
        const wire = encodeAnswer(service, operation, output, "11111111-2222-3333-4444-555555555555");
        try {
          const { output: got } = await serialise(service, operation, input, wire);
          const bad = differences(output, got);
          if (bad.length > 0)
            wrong.push(`${operation.name}: ${bad.join(", ")} of ${JSON.stringify(got).slice(0, 80)}`);
        } catch (error) {
          wrong.push(`${operation.name}: ${String(error)}`);
        }
      }
      expect(wrong).to.deep.equal([]);
    });
  }
});
