import { createHash } from "node:crypto";
import type { Admission } from "./rules";

/** e.g. "TCP 22 from 0.0.0.0/0" */
export function inWords({ protocol, fromPort, toPort, source }: Admission): string {
  if (protocol === "-1") return `all protocols and ports from ${source}`;
  const ports = fromPort === toPort ? `${fromPort}` : `${fromPort}-${toPort}`;
  return `${protocol.toUpperCase()} ${ports} from ${source}`;
}

/** e.g. "TCP 22 from 0.0.0.0/0 (sgr-0123456789abcdef0)" */
export const ruleInWords = (rule: Admission & { ruleId: string }): string =>
  `${inWords(rule)} (${rule.ruleId})`;

/** What else closes with a rule for a range of ports; undefined for a single one. */
export const spanInWords = ({
  protocol,
  fromPort,
  toPort,
  ruleId,
}: Admission & { ruleId: string }): string | undefined =>
  protocol === "-1"
    ? `all other ports and protocols of ${ruleId}`
    : fromPort === toPort
      ? undefined
      : `all ports from ${fromPort} to ${toPort} of ${ruleId}`;

/** A list for a sentence, cut where nobody reads on. */
export const some = (texts: readonly string[]): string =>
  texts.length <= 10 ? texts.join(", ") : `${texts.slice(0, 10).join(", ")} and ${texts.length - 10} more`;

/** By what the rules admit, never by rule id: a rule that is made again gets a new id and is the same breach. */
export const fingerprintOf = (admissions: readonly string[]): string =>
  createHash("sha256")
    .update([...admissions].sort().join("\n"))
    .digest("hex")
    .slice(0, 32);
