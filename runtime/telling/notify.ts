import type { Severity } from "../guardrail";
import { type Acts, capabilities, type Mode } from "../modes";
import { logGroupName } from "../names";
import type { Occasion, OccasionKind, Tool } from "../occasion";
import type { Outcome, OutcomeKind } from "../pipeline/outcome";
import { plain, quoted, sentence } from "../plain";

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

/** What a notice says of the guardrail that sends it. */
export interface Sender {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly mode: Mode;
  readonly stack: string;
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

/** What was done about a finding that was only told, by how the mode acts. */
const nothingDone: Readonly<Record<Acts, (mode: Mode) => string>> = {
  never: mode => `Nothing: the guardrail's mode is ${mode}.`,
  itself: () => "Nothing: this one is left to you.",
};

/** What a caller's tool is called, and whether its changes come from code that would make them again. */
const tools: Readonly<Record<Tool, { readonly name: string; readonly isCode: boolean }>> = {
  console: { name: "the AWS console", isCode: false },
  cli: { name: "the AWS CLI", isCode: false },
  sdk: { name: "an AWS SDK", isCode: false },
  terraform: { name: "Terraform", isCode: true },
  pulumi: { name: "Pulumi", isCode: true },
  cloudformation: { name: "CloudFormation", isCode: true },
  "aws-service": { name: "an AWS service", isCode: false },
  unknown: { name: "an unknown tool", isCode: false },
};
/** What an occasion is called, and from when its times count. */
const occasions: Record<OccasionKind, { readonly name: string; readonly start: string }> = {
  event: { name: "event", start: "the call" },
  resume: { name: "event", start: "the call" },
  sweep: { name: "sweep", start: "the sweep began" },
  approval: { name: "approval", start: "the approval" },
  tick: { name: "tick", start: "the tick" },
};

/** The most resources one notice lists; the audit lines hold them all. SNS takes 256 KB. */
const listed = 50;

/** A time (epoch milliseconds) as people read it. */
export const clock = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;

/** Whether somebody must hear of it at once, and again every hour. */
const isCritical = (outcome: Outcome): boolean =>
  outcome.kind !== "exempt" &&
  (outcome.attention === "critical" || ("finding" in outcome && outcome.finding?.critical === true));

/** One notice per outcome kind that somebody must hear of; [] when there is none. */
export const composeNotices = (sender: Sender, occasion: Occasion, outcomes: readonly Outcome[]): Notice[] =>
  Object.entries(verbs).flatMap(([kind, verb]) => {
    const group = outcomes.filter(
      outcome => outcome.kind === kind && (outcome.kind !== "exempt" || outcome.endsSoon),
    );
    return verb === undefined || group.length === 0 ? [] : [compose(sender, occasion, group, verb)];
  });

function compose(sender: Sender, occasion: Occasion, group: readonly Outcome[], verb: string): Notice {
  const [{ kind, resource, owner }] = group;
  const severity = group.some(isCritical) ? "critical" : sender.severity;
  const names = group.length === 1 ? resource.id : `${resource.id} and ${group.length - 1} more`;
  const sections = [
    section("What happened", [
      `${who(occasion)} ${plain(occasion.words, 87)} at ${plain(occasion.time, 30)}`,
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
    id: `${kind} ${group[0].occasionKey} ${resource.arn}`,
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

const section = (title: string, lines: readonly string[]): string =>
  [title, ...lines.map(line => `  ${line}`)].join("\n");

/** Who did it; where nobody did, the guardrail itself. */
function who({ principal }: Occasion): string {
  if (principal === undefined) return "The guardrail";
  const { arn, name, sourceIdentity, tool, invokedBy } = principal;
  const person =
    name !== undefined && !arn.endsWith(`/${name}`) ? `${quoted(name)} (${plain(arn)})` : plain(arn);
  const source = sourceIdentity === undefined ? "" : `, source identity ${quoted(sourceIdentity)},`;
  return `${person}${source} through ${tools[tool].name}${invokedBy === undefined ? "" : ` (${plain(invokedBy, 80)})`}`;
}

function aboutOutcome(outcome: Outcome): string[] {
  const finding = "finding" in outcome ? outcome.finding : undefined;
  const lines = [`- ${plain(outcome.resource.arn)}`];
  if (finding !== undefined) lines.push(`  ${sentence(finding.summary, 600)}`);
  if (outcome.kind === "failed")
    lines.push(`  Error ${plain(outcome.error.code, 80)}: ${plain(outcome.error.message, 500)}`);
  if (outcome.kind === "remediated" && outcome.remaining !== undefined)
    lines.push(
      `  Still there, and yours to decide: ${sentence(outcome.remaining.summary, 600)}`,
      `  (${sentence(outcome.remaining.notifyOnly ?? outcome.remaining.blocked, 300)})`,
    );
  if (outcome.kind === "held") lines.push(`  Held because ${sentence(outcome.because, 900)}.`);
  // Its quotation marks are part of it; of what comes from outside it holds an ARN alone.
  if (outcome.kind === "held" && outcome.listing !== undefined)
    lines.push(
      `  If the caller is a controller that may do so, list it, then pulumi up:`,
      `  ${outcome.listing}`,
    );
  if (outcome.kind === "exempt")
    lines.push(
      `  Exempt until ${plain(outcome.exemption.expires, 10)} (owner ${plain(outcome.exemption.owner, 80)}): renew the exemption, or put it right before.`,
    );
  if (outcome.expired !== undefined)
    lines.push(
      `  An exemption covered this until ${plain(outcome.expired.expires, 10)} (owner ${plain(outcome.expired.owner, 80)}): renew or remove it.`,
    );
  if (outcome.kind === "notified" && outcome.code !== "mode")
    lines.push(`  Left alone because ${sentence(outcome.because, 400)}.`);
  if (outcome.kind === "notified" && outcome.code === "mode" && outcome.manager !== undefined)
    lines.push(
      `  ${sentence(outcome.manager.name, 200)} manages it: change ${sentence(outcome.manager.changeAt, 200)}.`,
    );
  return lines;
}

function done(sender: Sender, occasion: Occasion, group: readonly Outcome[]): string {
  const [first] = group;
  const verified = Math.max(...group.map(({ times }) => times.verified ?? 0));
  switch (first.kind) {
    case "remediated":
      return `Put right, and proven by a second read at ${clock(verified)}, ${((verified - first.times.event) / 1000).toFixed(0)} s after ${occasions[occasion.kind].start}.`;
    case "held":
      return `Nothing. When it may go on: npm run guardrails -- resume ${sender.id} --stack ${sender.stack}`;
    case "exempt":
      return `Nothing: it is exempt. After that day the guardrail treats it as any other, in mode ${sender.mode}.`;
    case "failed":
      return group.every(outcome => outcome.kind === "failed" && outcome.error.final)
        ? "Nothing that could be proven. Trying again cannot help: somebody has to look."
        : "Nothing that could be proven. It is tried again, and kept in the dead-letter queue if that fails.";
    default:
      return nothingDone[capabilities[sender.mode].acts](sender.mode);
  }
}

/** How to keep it from coming back, for callers whose own code would. */
function afterwards({ principal }: Occasion, group: readonly Outcome[]): string[] {
  const attributes = new Set(
    group.flatMap(outcome => ("finding" in outcome && outcome.finding?.attribute) || []),
  );
  if (principal === undefined || !tools[principal.tool].isCode || attributes.size === 0) return [];
  const again = group[0].kind === "remediated" ? "or the next deployment breaks it again" : "then deploy";
  return [
    section("Change the code too", [
      `The call came from ${tools[principal.tool].name}. Change ${[...attributes].join(", ")} there, ${again}.`,
    ]),
  ];
}

/** The command that takes a change back, for each change; it runs with the credentials of whoever runs it. */
function undoing({ stack }: Sender, group: readonly Outcome[]): string[] {
  const ids = group.flatMap(({ kind, actionId }) =>
    kind === "remediated" && actionId !== undefined ? [actionId] : [],
  );
  if (ids.length === 0) return [];
  return [
    section(
      "To take it back",
      ids.slice(0, listed).map(id => `npm run guardrails -- undo ${id} --stack ${stack}`),
    ),
  ];
}

/** A line for the stack config, ready but for the words that only a person can add. */
function exempting({ id, stack }: Sender, occasion: Occasion, group: readonly Outcome[]): string {
  const expires = new Date(Date.parse(occasion.time) + 90 * 24 * 3600_000).toISOString().slice(0, 10);
  // A name from outside may hold a wildcard: that line would exempt more than this.
  const lines = group
    .filter(({ resource }) => !/[*?]/.test(resource.arn))
    .slice(0, 3)
    .map(
      ({ resource }) =>
        `- { guardrail: ${id}, resource: "${plain(resource.arn, 300)}", reason: "...", owner: "...", expires: "${expires}" }`,
    );
  return section("To leave it alone from now on", [
    `Under aws-event-guardrails:exemptions in Pulumi.${stack}.yaml, then pulumi up:`,
    ...lines,
  ]);
}
