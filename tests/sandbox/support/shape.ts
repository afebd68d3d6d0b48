import type { Json, JsonObject } from "../../../runtime/json";

const kindOf = (value: Json): string =>
  value === null ? "nothing" : Array.isArray(value) ? "list" : typeof value;

/** Every path of a body with the kind of value there; items of lists share a path. */
function paths(value: Json, path: string, found: Map<string, Set<string>>): void {
  const kinds = found.get(path) ?? new Set<string>();
  found.set(path, kinds.add(kindOf(value)));
  if (Array.isArray(value)) value.forEach(item => paths(item, `${path}[]`, found));
  else if (typeof value === "object" && value !== null)
    for (const [key, one] of Object.entries(value)) paths(one as Json, `${path}.${key}`, found);
}

/**
 * Where our record holds a value of a kind that no recorded one of this event has at the same place. A place that no
 * recorded event has says nothing: recorded calls did not use every parameter.
 */
export function shapeMistakes(ours: JsonObject, recorded: readonly JsonObject[]): string[] {
  const [mine, theirs] = [new Map<string, Set<string>>(), new Map<string, Set<string>>()];
  const bodies = ["userIdentity", "requestParameters", "responseElements", "tlsDetails", "resources"];
  const read = (record: JsonObject, into: Map<string, Set<string>>) =>
    bodies.forEach(body => record[body] !== undefined && paths(record[body] ?? null, body, into));
  read(ours, mine);
  recorded.filter(record => record.errorCode === undefined).forEach(record => read(record, theirs));
  return [...mine].flatMap(([path, kinds]) => {
    const known = theirs.get(path);
    if (!known) return [];
    return [...kinds]
      .filter(kind => !known.has(kind) && kind !== "nothing")
      .map(kind => `${String(ours.eventName)} ${path}: ${kind} instead of ${[...known].join(" or ")}`);
  });
}
