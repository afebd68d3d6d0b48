/** What differs from one play to the next and may stand several times: named and numbered, so that equal stays equal. */
const varying: readonly (readonly [string, RegExp])[] = [
  ["uuid", /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g],
  ["id", /\b(?:sgr|sg|snap|i|vol|eni-attach|eni|vpc|subnet|r|pl|ami|igw|acl|rtb|dopt)-[0-9a-f]{8,17}\b/g],
  ["key", /\b(?:AKIA|ASIA|AIDA|AROA)[A-Z0-9]{12,17}\b/g],
  ["hash", /\b(?:[0-9a-f]{32,64}|[0-9a-f]{20}|[0-9a-f]{16})\b/g],
  ["nonce", /(?<![0-9a-z])[0-9a-f]{8}(?![0-9a-z])/g],
];

/** What depends on the clock, the machine and its Node.js. */
const passing: readonly (readonly [string, RegExp])[] = [
  ["<time>", /\b20\d\d-\d\d-\d\d(?:T\d\d(?::\d\d)*(?:\.\d+)?Z?)?(?![\dT:])/g],
  ["<time>", /\b1[78]\d{8}(?:\d{3})?\b/g],
  // Public addresses, and what else is drawn by lot, in the order in which functions happen to ask for something.
  ["<address>", /\b(?:(?:10|172|192)\.\d+|54\.214)\.\d+\.\d+\b(?!\/)/g],
  ["$1-<address>", /\b(ip|ec2)-\d+-\d+-\d+-\d+\b/g],
  ["<mac>", /\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/g],
  ["127.0.0.1:<port>", /\b127\.0\.0\.1:\d+/g],
  ['"code":"<code>"', /"code":"[0-9a-f]{12}"/g],
  ["<agent>", /aws-sdk-js\/[^"\\]*/g],
  ["<n> s after the $1", /\b\d+ s after the (call|tick)\b/g],
];

/** The text with what differs from one play to the next replaced. */
export function normalized(text: string): string {
  const names = new Map<string, string>();
  const named = varying.reduce((rest, [what, look]) => {
    let count = 0;
    return rest.replace(look, found => {
      if (!names.has(found)) names.set(found, `<${what} ${(count += 1)}>`);
      return names.get(found) as string;
    });
  }, text);
  const still = passing
    .reduce((rest, [name, look]) => rest.replace(look, name), named)
    .replace(
      /("TimeTo\w+":)(\[[^\]]*\]|\d+)/g,
      (_, name: string, values: string) => `${name}"<ms of ${values.split(",").length}>"`,
    );
  return ordered(still);
}

/** A name that `normalized` gave. */
const name = /<(uuid|id|key|hash|nonce) \d+>/g;

/** Lists in the order of ids that AWS draws by lot: rules of a security group as data, and as words. */
const drawn: readonly RegExp[] = [
  /(?<=\[)\{\\*"ruleId\\*":[^[\]]*(?=\])/g,
  /(?:\S+ \S+ from \S+ \(<id \d+>\)(?:, )?){2,}/g,
];

/** The text with such lists sorted by what they say, and its names numbered again from the first. */
export function ordered(text: string): string {
  const unnamed = (part: string) => part.replace(name, "");
  const sorted = drawn.reduce(
    (rest, list) =>
      rest.replace(list, found => {
        const between = found.startsWith("{") ? "," : ", ";
        const parts = found.split(found.startsWith("{") ? /(?<=\}),(?=\{)/ : /(?<=\)), /);
        return parts.sort((one, other) => (unnamed(one) < unnamed(other) ? -1 : 1)).join(between);
      }),
    text,
  );
  const numbers = new Map<string, string>();
  const counts: Record<string, number> = {};
  return sorted.replace(name, (found, kind: string) => {
    if (!numbers.has(found)) numbers.set(found, `<${kind} ${(counts[kind] = (counts[kind] ?? 0) + 1)}>`);
    return numbers.get(found) as string;
  });
}
