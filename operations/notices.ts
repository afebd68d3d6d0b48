import { PublishCommand } from "@aws-sdk/client-sns";
import type { Severity } from "../runtime/guardrail";
import type { Message } from "../runtime/telling/notify";
import { publicationOf } from "../runtime/telling/publication";
import { topicArn } from "../runtime/names";
import { plain } from "../runtime/plain";
import type { Operator } from "./operator";

/** What an operator did, as everybody hears of it. */
export interface Told {
  readonly verb: "UNDONE" | "PAUSED" | "RESUMED" | "Redriven";
  readonly severity: Severity;
  readonly guardrail: string;
  /** After the verb, in the subject. */
  readonly what: string;
  readonly lines: readonly string[];
  readonly region?: string;
}

/** @throws Error of SNS */
export async function publish({ sns, place }: Operator, told: Told): Promise<void> {
  await sns.send(new PublishCommand(publicationOf(topicArn(place), noticeOf(told, place))));
}

export const noticeOf = (
  { verb, severity, guardrail, what, lines, region }: Told,
  { stack, account, home }: Operator["place"],
): Message => ({
  subject: plain(`[${severity}] ${verb}: ${what}`, 99),
  body: `${lines.map(text => `${/^ */.exec(text)?.[0] ?? ""}${plain(text, 900)}`).join("\n")}\n\nStack ${stack}, account ${account}, guardrail ${guardrail}.\n`,
  attributes: { guardrail, severity, outcome: verb.toLowerCase(), account, region: region ?? home },
});
