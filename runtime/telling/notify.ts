import type { Severity } from "../guardrail";
import { logGroupName } from "../names";
import type { Occasion } from "../occasion";
import type { Outcome, OutcomeKind } from "../pipeline/outcome";
import { named, plain } from "../plain";
import {
  aboutOutcome,
  afterwards,
  done,
  exempting,
  listed,
  occasions,
  section,
  type Sender,
  undoing,
  who,
} from "./sections";

/** One message to the topic. */
export interface Message {
  /** At most 99 printable ASCII characters: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
  readonly subject: string;
  readonly body: string;
  /** SNS message attributes, so that subscriptions can filter; of several values any may be asked for. */
  readonly attributes: Readonly<Record<string, string | readonly string[]>>;
}

/** What a guardrail has to tell, as a message of its own or in one of several notices. */
export interface Notice extends Message {
  /** The same for the same resources of an occasion and their kind of outcome, however often it is composed. */
  readonly id: string;
  /** Of the guardrail. */
  readonly title: string;
  /** The guardrail's, or critical where one of its findings is. */
  readonly severity: Severity;
  /** A line for each resource: a verb, a colon, its ARN. */
  readonly about: readonly string[];
}

/** What a subject says of each outcome that somebody hears of, in the order of the notices. */
const verbs: Readonly<Record<OutcomeKind, string | undefined>> = {
  notified: "Found",
  remediated: "Fixed",
  held: "HELD",
  failed: "FAILED",
  exempt: "Exemption ends soon",
  compliant: undefined,
  gone: undefined,
  observed: undefined,
  duplicate: undefined,
};

/** Whether somebody must hear of it at once, and again every hour. */
const isCritical = (outcome: Outcome): boolean =>
  outcome.kind !== "exempt" &&
  (outcome.attention === "critical" || ("finding" in outcome && outcome.finding?.critical === true));

/** Whether what the event says of who did what is not known to be true. */
const isUnconfirmed = (outcome: Outcome): boolean =>
  outcome.kind === "notified" && outcome.because.startsWith("unconfirmed: ");

/** One notice per outcome kind that somebody must hear of, and one of what is unconfirmed; [] when there is none. */
export const composeNotices = (sender: Sender, occasion: Occasion, outcomes: readonly Outcome[]): Notice[] =>
  Object.entries(verbs).flatMap(([kind, verb]) => {
    if (verb === undefined) return [];
    const told = outcomes.filter(
      outcome => outcome.kind === kind && (outcome.kind !== "exempt" || outcome.endsSoon),
    );
    const groups = [told.filter(isUnconfirmed), told.filter(outcome => !isUnconfirmed(outcome))];
    return groups.flatMap(group => (group.length === 0 ? [] : [compose(sender, occasion, group, verb)]));
  });

function compose(sender: Sender, occasion: Occasion, group: readonly Outcome[], word: string): Notice {
  const [{ kind, resource, owner }] = group;
  const isDoubted = isUnconfirmed(group[0]);
  const verb = isDoubted ? "Unconfirmed" : word;
  const severity = group.some(isCritical) ? "critical" : sender.severity;
  const name = named(resource.id);
  const names = group.length === 1 ? name : `${name} and ${group.length - 1} more`;
  const sections = [
    section(isDoubted ? "What is said to have happened" : "What happened", [
      `${isDoubted ? "An event that could not be confirmed says: " : ""}${who(occasion)} ${plain(occasion.words, 87)} at ${plain(occasion.time, 30)}`,
      `in account ${plain(occasion.account, 20)}, region ${plain(occasion.region, 30)} (${occasions[occasion.kind].name} ${plain(occasion.id, 60)}).`,
    ]),
    section(kind === "failed" ? "What is wrong, and could not be put right" : "What is wrong", [
      ...group.slice(0, listed).flatMap(aboutOutcome),
      ...(group.length > listed
        ? [
            `... and ${group.length - listed} more: see the audit lines of this ${occasions[occasion.kind].name}.`,
          ]
        : []),
    ]),
    section("What was done", [done(sender, occasion, group)]),
    ...afterwards(occasion, group),
    ...undoing(sender, group),
    exempting(sender, occasion, group),
    section("About", [
      `Guardrail ${sender.id} (${sender.title}), severity ${severity}, mode ${sender.mode}, stack ${sender.stack}.`,
      `Every step is in log group ${logGroupName(sender.stack)}: search for ${plain(occasion.id, 60)}.`,
    ]),
  ];
  return {
    id: `${isDoubted ? "unconfirmed" : kind} ${group[0].occasionKey} ${resource.arn}`,
    title: sender.title,
    severity,
    about: group.map(one => `${verb}: ${plain(one.resource.arn, 250)}`),
    subject: plain(`[${severity}] ${verb}: ${sender.title}: ${names}`, 99),
    body: `${sender.title}\n\n${sections.join("\n\n")}\n`,
    attributes: {
      guardrail: sender.id,
      severity,
      outcome: kind,
      account: plain(occasion.account, 20),
      region: plain(resource.region, 30),
      ...(owner === undefined ? {} : { owner: plain(owner, 100) || "unknown" }),
    },
  };
}
