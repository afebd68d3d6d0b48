import { severities } from "../guardrail";
import type { OutcomeKind } from "../pipeline/outcome";
import { plain } from "../plain";
import type { Message, Notice } from "./notify";

/** SNS takes 256 KB; a third of it names each resource, and another has the first notices in full. */
const largestList = 100 * 1024;
const largestTexts = 120 * 1024;
const mostTexts = 50;

/** What somebody must act on comes first. */
const urgency: readonly unknown[] = [
  "exempt",
  "remediated",
  "notified",
  "held",
  "failed",
] satisfies OutcomeKind[];
const rank = ({ severity, attributes }: Notice): number =>
  severities.indexOf(severity) * urgency.length + urgency.indexOf(attributes.outcome);

/** One mail of several notices, the most severe first: it names each resource, and has the first notices in full. */
export function digestOf(notices: readonly Notice[]): Message {
  // What a retry told once more is there twice.
  const each = [...new Map(notices.map(notice => [notice.id, notice])).values()];
  if (each.length === 1) return each[0];
  const sorted = each.sort((one, other) => rank(other) - rank(one));
  const [first] = sorted;
  const lines = sorted.flatMap(({ about, severity }) => about.map(line => `- [${severity}] ${line}`));
  const named = fitting(lines, largestList);
  const texts = fitting(
    sorted.slice(0, mostTexts).map(({ subject, body }) => `${"=".repeat(72)}\n${subject}\n\n${body}`),
    largestTexts,
  );
  const more = [
    ...(named.length < lines.length
      ? [`... and ${lines.length - named.length} more: see the audit lines of these hours.`]
      : []),
    ...(texts.length < sorted.length
      ? [
          `The first ${texts.length} of ${sorted.length} notices follow in full; the audit lines hold them all.`,
        ]
      : []),
  ];
  return {
    subject: plain(`[${first.severity}] ${sorted.length} notices: ${first.title}: ${countsOf(sorted)}`, 99),
    body: `${sorted.length} notices in one mail\n\n${[...named, ...more].join("\n")}\n\n${texts.join("\n")}`,
    attributes: merged(sorted),
  };
}

/** How many there are under each verb, e.g. "12 FAILED, 3 Fixed". */
function countsOf(notices: readonly Notice[]): string {
  const counts: Record<string, number> = {};
  for (const { about } of notices)
    for (const line of about) {
      const [verb] = line.split(":");
      counts[verb] = (counts[verb] ?? 0) + 1;
    }
  return Object.entries(counts)
    .map(([verb, count]) => `${count} ${verb}`)
    .join(", ");
}

/** Each attribute with every value that a notice has: a subscription that filters for one of them gets the mail. */
function merged(notices: readonly Notice[]): Notice["attributes"] {
  const names = [...new Set(notices.flatMap(({ attributes }) => Object.keys(attributes)))];
  return Object.fromEntries(
    names.map(name => {
      const values = [...new Set(notices.flatMap(({ attributes }) => attributes[name] ?? []))].slice(0, 100);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
}

/** The first texts that have so many bytes together. */
function fitting(texts: readonly string[], largest: number): string[] {
  const found: string[] = [];
  let size = 0;
  for (const text of texts) {
    size += Buffer.byteLength(text) + 1;
    if (size > largest && found.length > 0) break;
    found.push(text);
  }
  return found;
}
