import type { NormalizedSchema } from "@smithy/core/schema";
import { awsError } from "../ground/call";
import type { Operation, Api } from "./api";
import type { RawRequest } from "../ground/wire";
import { readJson } from "./json";
import { readScalar } from "./scalars";
import { isBlank, parseXml, readXml } from "./xml";

export interface Match {
  readonly operation: Operation;
  readonly labels: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
}

const bindingOf = (schema: NormalizedSchema) => schema.getMergedTraits();

/**
 * Finds the operation of a REST request: by method, path, the query's fixed words and the parameters it must have.
 * @throws NotImplemented when none fits, or when the query holds a word that the best one does not know
 */
export function matchRequest(service: Api, request: RawRequest): Match {
  const url = new URL(request.path, "http://sandbox");
  const path = decodePath(service, request.path.split("?")[0] ?? "/");
  const found: (Match & { readonly score: number })[] = [];
  for (const operation of service.operations.values()) {
    if (operation.http?.method !== request.method) continue;
    const match = matchPath(service, operation, path);
    const score = match ? scoreOf(operation, url.searchParams, request.headers) : -1;
    if (match && score >= 0)
      found.push({
        operation,
        labels: match.labels,
        query: url.searchParams,
        score: score + 10 * match.fixed,
      });
  }
  const best = found.sort((a, b) => b.score - a.score)[0];
  const unknown = best ? unknownWord(service, best) : undefined;
  if (best && unknown === undefined) return best;
  const what = unknown === undefined ? `${request.method} ${url.pathname}` : `${request.method} …?${unknown}`;
  throw awsError("NotImplemented", `The sandbox does not know the ${service.name} request ${what}`, 501);
}

/** S3 keys may hold anything, an empty segment too; other services' paths end with or without a slash. */
function decodePath(service: Api, path: string): string[] {
  const trimmed = service.buckets ? path : path.replace(/\/$/, "");
  return trimmed.replace(/^\//, "").split("/");
}

function matchPath(service: Api, operation: Operation, path: readonly string[]) {
  const labels: Record<string, string> = {};
  let rest = [...path];
  const template = (operation.http?.path ?? "/").replace(/^\//, "").replace(/\/$/, "").split("/");
  if (service.buckets) {
    // The client's templates leave the bucket out: it may be in the host name.
    const hasBucket = [...operation.input.structIterator()].some(([member]) => member === "Bucket");
    if (hasBucket !== (rest[0] !== "")) return undefined;
    if (hasBucket) labels.Bucket = decodeURIComponent(rest[0] ?? "");
    rest = rest.slice(1);
    if (rest.length === 0) rest = [""];
  }
  for (const [index, part] of template.entries()) {
    const label = /^\{(\w+)(\+?)\}$/.exec(part);
    if (label?.[2]) {
      // A greedy label takes all segments but those that the template still has after it.
      const greedy = rest.splice(index, rest.length - template.length + 1).join("/");
      rest.splice(index, 0, greedy);
    }
    const given = rest[index];
    if (given === undefined || (label && given === "")) return undefined;
    if (label?.[1]) labels[label[1]] = decodeURIComponent(given);
    else if (part !== given) return undefined;
  }
  // A fixed ending is more specific than a greedy label.
  return rest.length === template.length ? { labels, fixed: template.length } : undefined;
}

/** How specific the operation is for this request; -1 when something that it needs is missing. */
function scoreOf(operation: Operation, query: URLSearchParams, headers: RawRequest["headers"]): number {
  let score = 0;
  for (const [name, value] of operation.http?.query ?? []) {
    if (name === "x-id") {
      const asked = query.get("x-id");
      if (asked !== null && asked !== value) return -1;
      continue;
    }
    if (!query.has(name) || (value !== "" && query.get(name) !== value)) return -1;
    score += 2;
  }
  let index = 0;
  for (const [, schema] of operation.input.isUnitSchema() ? [] : operation.input.structIterator()) {
    if (index++ >= operation.required) break;
    const { httpQuery, httpHeader } = bindingOf(schema);
    if (httpQuery !== undefined) score += query.has(httpQuery) ? 1 : -1000;
    if (httpHeader !== undefined) score += headers[httpHeader.toLowerCase()] !== undefined ? 1 : -1000;
  }
  return score < 0 ? -1 : score;
}

function unknownWord(service: Api, { operation, query }: Match): string | undefined {
  if (!service.buckets) return undefined;
  const members = operation.input.isUnitSchema() ? [] : [...operation.input.structIterator()];
  const known = new Set(members.map(([, schema]) => bindingOf(schema).httpQuery));
  const words = [...query.keys()].filter(name => !/^X-Amz-/i.test(name) && name !== "x-id");
  return words.find(name => !operation.http?.query.has(name) && !known.has(name));
}

/** Labels, query, headers and body → the SDK's input. Object bodies are never read. */
export function bindRequest(service: Api, match: Match, request: RawRequest): Record<string, unknown> {
  const { operation, labels, query } = match;
  const input: Record<string, unknown> = {};
  if (operation.input.isUnitSchema()) return input;
  const inBody: [string, NormalizedSchema][] = [];
  for (const [member, schema] of operation.input.structIterator()) {
    const traits = bindingOf(schema);
    if (traits.httpLabel) input[member] = readScalar(schema, labels[member] ?? "");
    else if (traits.httpQuery !== undefined) readQueryMember(input, member, schema, traits.httpQuery, query);
    else if (traits.httpQueryParams) input[member] = Object.fromEntries(query);
    else if (traits.httpHeader !== undefined)
      readHeader(input, member, schema, request.headers[traits.httpHeader.toLowerCase()]);
    else if (traits.httpPrefixHeaders !== undefined)
      readPrefixed(input, member, traits.httpPrefixHeaders, request.headers);
    else if (traits.httpPayload) readPayload(service, input, member, schema, request.body);
    else inBody.push([member, schema]);
  }
  if (inBody.length > 0 && request.body && request.body.length > 0)
    readBody(service, operation, input, new Set(inBody.map(([member]) => member)), request.body);
  return input;
}

function readQueryMember(
  input: Record<string, unknown>,
  member: string,
  schema: NormalizedSchema,
  name: string,
  query: URLSearchParams,
): void {
  if (!query.has(name)) return;
  input[member] = schema.isListSchema()
    ? query.getAll(name).map(text => readScalar(schema.getValueSchema(), text))
    : readScalar(schema, query.get(name) ?? "");
}

function readHeader(
  input: Record<string, unknown>,
  member: string,
  schema: NormalizedSchema,
  text: string | undefined,
): void {
  if (text === undefined) return;
  input[member] = schema.isListSchema()
    ? text.split(",").map(one => readScalar(schema.getValueSchema(), one.trim()))
    : readScalar(schema, text);
}

function readPrefixed(
  input: Record<string, unknown>,
  member: string,
  prefix: string,
  headers: RawRequest["headers"],
): void {
  const found = Object.entries(headers).filter(([name]) => name.startsWith(prefix.toLowerCase()));
  if (found.length > 0)
    input[member] = Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), value]));
}

function readPayload(
  service: Api,
  input: Record<string, unknown>,
  member: string,
  schema: NormalizedSchema,
  body: Buffer | undefined,
): void {
  if (!body || body.length === 0 || schema.getMergedTraits().streaming) return;
  if (schema.isBlobSchema()) input[member] = new Uint8Array(body);
  else if (schema.isStringSchema()) input[member] = body.toString("utf8");
  else if (service.protocol === "rest-json")
    input[member] = readJson(schema, JSON.parse(body.toString("utf8")), true);
  else input[member] = readXml(schema, xmlContent(body));
}

function readBody(
  service: Api,
  operation: Operation,
  input: Record<string, unknown>,
  members: ReadonlySet<string>,
  body: Buffer,
): void {
  const all =
    service.protocol === "rest-json"
      ? readJson(operation.input, JSON.parse(body.toString("utf8")), true)
      : readXml(operation.input, xmlContent(body));
  for (const [member, value] of Object.entries(all as Record<string, unknown>))
    if (members.has(member)) input[member] = value;
}

function xmlContent(body: Buffer) {
  const { content } = parseXml(body.toString("utf8"));
  return isBlank(content) ? "" : content;
}
