import type { Finding, Severity } from "../guardrail";
import { type Acts, capabilities, type Mode } from "../modes";
import type { Occasion, OccasionKind, Tool } from "../occasion";
import type { Outcome } from "../pipeline/outcome";
import { plain, quoted, sentence } from "../plain";

/** What a notice says of the guardrail that sends it. */
export interface Sender {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly mode: Mode;
  readonly stack: string;
}

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
export const occasions: Record<OccasionKind, { readonly name: string; readonly start: string }> = {
  event: { name: "event", start: "the call" },
  resume: { name: "event", start: "the call" },
  sweep: { name: "sweep", start: "the sweep began" },
  approval: { name: "approval", start: "the approval" },
  tick: { name: "tick", start: "the tick" },
};

/** The most resources one notice lists; the audit lines hold them all. SNS takes 256 KB. */
export const listed = 50;

/** A time (epoch milliseconds) as people read it. */
export const clock = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;

export const section = (title: string, lines: readonly string[]): string =>
  [title, ...lines.map(line => `  ${line}`)].join("\n");

/** Who did it; where nobody did, the guardrail itself. */
export function who({ principal }: Occasion): string {
  if (principal === undefined) return "The guardrail";
  const { arn, name, sourceIdentity, tool, invokedBy } = principal;
  const person =
    name !== undefined && !arn.endsWith(`/${name}`) ? `${quoted(name)} (${plain(arn)})` : plain(arn);
  const source = sourceIdentity === undefined ? "" : `, source identity ${quoted(sourceIdentity)},`;
  return `${person}${source} through ${tools[tool].name}${invokedBy === undefined ? "" : ` (${plain(invokedBy, 80)})`}`;
}

export function aboutOutcome(outcome: Outcome): string[] {
  const finding = "finding" in outcome ? outcome.finding : undefined;
  const lines = [`- ${plain(outcome.resource.arn)}`];
  if (finding !== undefined) lines.push(`  ${sentence(finding.summary, 600)}`);
  if (outcome.first !== undefined)
    lines.push(
      `  It began when ${who(outcome.first)} ${plain(outcome.first.words, 87)} at ${plain(outcome.first.time, 30)}.`,
    );
  if (outcome.kind === "failed")
    lines.push(`  Error ${plain(outcome.error.code, 80)}: ${plain(outcome.error.message, 500)}`);
  if (outcome.kind === "remediated" && outcome.remaining !== undefined)
    lines.push(...stillThere(outcome.remaining));
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

function stillThere({ summary, notifyOnly: because, blocked = because }: Finding): string[] {
  return blocked === undefined
    ? [`  Still there, and put right part by part at the next ticks: ${sentence(summary, 600)}`]
    : [`  Still there, and yours to decide: ${sentence(summary, 600)}`, `  (${sentence(blocked, 300)})`];
}

export function done(sender: Sender, occasion: Occasion, group: readonly Outcome[]): string {
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
export function afterwards({ principal }: Occasion, group: readonly Outcome[]): string[] {
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

/** The command that takes a change back, to be pasted as it is: for the dots it asks whoever is at the terminal. */
export const undoCommand = (id: string, stack: string): string =>
  `npm run guardrails -- undo ${id} --stack ${stack} --reason "..."`;

/** The command for each change; it runs with the credentials of whoever runs it. */
export function undoing({ stack }: Sender, group: readonly Outcome[]): string[] {
  const ids = group.flatMap(({ kind, actionId }) =>
    kind === "remediated" && actionId !== undefined ? [actionId] : [],
  );
  if (ids.length === 0) return [];
  return [
    section(
      "To take it back",
      ids.slice(0, listed).map(id => undoCommand(id, stack)),
    ),
  ];
}

/** A line for the stack config, ready but for the words that only a person can add. */
export function exempting({ id, stack }: Sender, occasion: Occasion, group: readonly Outcome[]): string {
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
