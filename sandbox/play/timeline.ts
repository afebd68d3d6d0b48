import { inspect, styleText } from "node:util";
import type { Happening } from "../ground/journal";
import type { Skipped } from "./plan";
import type { Difference, Step, StepResult } from "./scenario";

export interface TimelineOptions {
  readonly write: (line: string) => void;
  readonly colour: boolean;
  /** Print whole mails, not only their subjects. */
  readonly mail: boolean;
  /** No steps: times are relative to the last call that somebody made. */
  readonly live: boolean;
}

export interface Timeline {
  heading(text: string): void;
  line(text: string): void;
  begin(step: Step): void;
  happen(happening: Happening): void;
  end(result: StepResult): void;
  skip(skipped: Skipped): void;
}

type Style = Parameters<typeof styleText>[0];

const isRead = (operation: string): boolean => /^(Get|List|Describe|Head)/.test(operation);
const last = (arn: string): string => arn.split(/[/:]/).pop() ?? arn;
/** "ada", "s3-bucket-encryption (its role)": who a principal is to a reader. */
const nameOf = (principal: string): string =>
  /assumed-role\/guardrails-[^-/]+-[a-z]+\d-([a-z0-9-]+)\//.exec(principal)?.[1] ?? last(principal);
/** "s3-bucket-encryption": the guardrail that a part of the stack belongs to, whose name is "guardrails-dev-s3-bucket-encryption-tick". */
const guardrailOf = (part: string): string => part.replace(/^guardrails-[^-]+-|-tick$/g, "");
/** "0.21 s", from two minutes on "5:00.21". */
const span = (ms: number): string => {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 120) return `${seconds.toFixed(2)} s`;
  return `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(2).padStart(5, "0")}`;
};
const isGuardrail = (principal: string): boolean => /assumed-role\/guardrails-/.test(principal);

/** Colour when the terminal can show it and nobody asked for none: https://no-color.org */
export const canColour = (stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean =>
  stream.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";

/** Shows what happens, for people: one aligned line for each happening, times relative to the step's first call. */
export function createTimeline({ write, colour, mail, live }: TimelineOptions): Timeline {
  const paint = (style: Style, text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  let zero: number | undefined;

  const row = (at: number, who: string, what: string, style?: Style): void => {
    zero ??= at;
    const time = `+${span(at - zero)}`.padStart(9);
    write(
      `${paint("dim", time)}  ${paint("dim", who.slice(0, 28).padEnd(28))}${style === undefined ? what : paint(style, what)}`,
    );
  };

  function show(happening: Happening): void {
    const { at } = happening;
    switch (happening.kind) {
      case "call":
        if (isRead(happening.operation) && !isGuardrail(happening.principal)) return;
        if (live && !isGuardrail(happening.principal)) zero = at;
        if (happening.operation === "Publish" || ["logs", "dynamodb"].includes(happening.service)) return;
        return row(
          at,
          nameOf(happening.principal),
          `${happening.service} ${happening.operation}${happening.error ? `: ${happening.error}` : ""}`,
          callStyle(happening),
        );
      case "event":
        if (eventName(happening.event) === "CreateLogStream") return;
        if (happening.event["detail-type"] === "Scheduled Event")
          return row(at, "timer", `tick of ${happening.rules.map(guardrailOf).join(", ")}`, "dim");
        if (happening.rules.length === 0)
          return row(at, "EventBridge", `${eventName(happening.event)}: no rule`, "dim");
        return row(
          at,
          "EventBridge",
          `${eventName(happening.event)} → ${happening.rules.map(last).join(", ")}`,
        );
      case "delivery":
        return happening.error === undefined
          ? undefined
          : row(
              at,
              "EventBridge",
              `could not deliver to ${last(happening.target)}: ${happening.error}`,
              "red",
            );
      case "invocation":
        return happening.error === undefined
          ? undefined
          : row(
              at,
              guardrailOf(happening.functionName),
              `attempt ${happening.attempt} failed: ${happening.error}`,
              "red",
            );
      case "log":
        return audit(at, happening.line);
      case "mail":
        row(at, "mail", `${happening.to}: ${happening.subject}`, "cyan");
        if (mail)
          happening.body
            .trimEnd()
            .split("\n")
            .forEach(line => write(`${" ".repeat(39)}${paint("dim", `│ ${line}`)}`));
        return;
      case "dead-letter":
        return row(at, "dead-letter queue", happening.reason, "red");
      case "note":
        return row(at, "", happening.text, "dim");
    }
  }

  function callStyle({
    principal,
    error,
    operation,
  }: {
    principal: string;
    error?: string;
    operation: string;
  }): Style | undefined {
    if (error !== undefined) return "yellow";
    if (!isGuardrail(principal)) return "bold";
    return isRead(operation) ? "dim" : undefined;
  }

  /** Of all that functions log, the audit lines are for people. */
  function audit(at: number, line: string): void {
    const said = parse(line);
    if (said?.audit !== 1) return;
    const style = { remediated: "green", failed: "red", notified: "yellow" }[String(said.outcome)] as
      Style | undefined;
    const because = said.because === undefined ? "" : ` (${String(said.because)})`;
    // What `guardrails undo` takes.
    const action = said.outcome === "remediated" ? `, action ${String(said.action)}` : "";
    row(
      at,
      String(said.guardrail),
      `${String(said.outcome)}: ${last(String(said.resource))}${action}${because}`,
      style ?? "dim",
    );
  }

  return {
    skip: ({ step, skipped }) => {
      write(`\n${paint("underline", step.title)}`);
      write(`${" ".repeat(11)}${paint("dim", `- ${step.name}: skipped: ${skipped}`)}`);
    },
    heading: text => write(`\n${paint("bold", text)}`),
    line: write,
    begin: step => {
      zero = undefined;
      write(`\n${paint(["bold", "underline"], step.title)}`);
    },
    happen: show,
    end: ({ step, expected, differences, ms }) => {
      if (differences.length === 0)
        return write(
          `${" ".repeat(11)}${paint("green", "✔")} ${step.name}: ${expected.notices === 0 ? "nothing happened, as it should" : "as it should be"} ${paint("dim", `(${ms < 120_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`})`)}`,
        );
      write(`${" ".repeat(11)}${paint("red", "✘")} ${step.name}`);
      differences.flatMap(explain).forEach(line => write(`${" ".repeat(13)}${paint("red", line)}`));
    },
  };
}

/** A difference that a person can read: what, then both sides under each other. */
export const explain = ({ what, wanted, got }: Difference): string[] => [
  `${what}`,
  ...text(wanted, "  wanted: "),
  ...text(got, "  got:    "),
];

const text = (value: unknown, label: string): string[] =>
  inspect(value, { depth: 8, breakLength: 100 })
    .split("\n")
    .map((line, at) => (at === 0 ? label : " ".repeat(label.length)) + line);

const eventName = (event: { [key: string]: unknown }): string => {
  const detail = event.detail as { eventName?: string } | undefined;
  return detail?.eventName ?? String(event["detail-type"]);
};

export function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
