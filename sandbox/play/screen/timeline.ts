import { inspect, styleText } from "node:util";
import { partPrefix } from "../../../runtime/names";
import type { Happening } from "../../ground/journal";
import { createIntroductions } from "./cast";
import { createMailbox, type Mail } from "./mails";
import type { Skipped } from "../plan";
import type { Difference, Step, StepResult } from "../scenario";
import { fold, roughly, span } from "./text";

export interface TimelineOptions {
  readonly write: (line: string) => void;
  readonly colour: boolean;
  /** Of the terminal; absent: lines are as long as they are. */
  readonly columns?: number;
  /** The stack's name, which the names of its parts begin with. */
  readonly stack: string;
  /** Print whole mails, not only their subjects. */
  readonly mail: boolean;
  /** No steps: times are relative to the last call that somebody made. */
  readonly live: boolean;
  /** Nothing but how each step ended. */
  readonly quiet: boolean;
}

export interface Timeline {
  heading(text: string): void;
  /** The last heading, which is there in any case. */
  verdict(text: string): void;
  line(text: string): void;
  begin(step: Step): void;
  happen(happening: Happening): void;
  /** The clock was advanced by so many milliseconds, before whatever happens next. */
  advanced(ms: number): void;
  end(result: StepResult): void;
  skip(skipped: Skipped): void;
}

type Style = Parameters<typeof styleText>[0];
type Call = Extract<Happening, { kind: "call" }>;

/** Columns of time and who, before what. */
const [timeWidth, whoWidth] = [11, 28];
const margin = timeWidth + whoWidth;
/** What a line of a mail begins with: mails are as wide as a terminal by themselves. */
const quoted = "    │ ";

const isRead = (operation: string): boolean => /^(Get|List|Describe|Head)/.test(operation);
const indentOf = (text: string): number => text.length - text.trimStart().length;
const last = (arn: string): string => arn.split(/[/:]/).pop() ?? arn;
/** Colour when the terminal can show it and nobody asked for none: https://no-color.org */
export const canColour = (stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean =>
  stream.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";

/** Shows what happens, for people: one aligned line for each happening, times relative to the step's first call. */
export function createTimeline(options: TimelineOptions): Timeline {
  const { colour, mail, live, quiet, columns = Infinity } = options;
  const prefix = partPrefix(options.stack);
  const introduce = createIntroductions();
  const paint = (style: Style, text: string): string =>
    colour && text !== "" ? styleText(style, text, { validateStream: false }) : text;
  /** @param indent of what does not fit into the first line */
  const write = (text: string, style?: Style, indent = indentOf(text)): void =>
    fold(text, columns, indent).forEach(one => options.write(style === undefined ? one : paint(style, one)));
  /** Of the step, or of the last call that somebody made. */
  let zero: number | undefined;
  /** Of the last line: a call is known once it is answered, after what it set off. */
  let latest = 0;
  let jumped = 0;

  /** "s3-bucket-encryption": the guardrail that a part of the stack belongs to, whose name is "guardrails-dev-s3-bucket-encryption-tick". */
  const guardrailOf = (part: string): string =>
    part.startsWith(prefix) ? part.slice(prefix.length).replace(/-tick$/, "") : part;
  const isGuardrail = (principal: string): boolean => principal.includes(`:assumed-role/${prefix}`);
  /** "ada", "s3-bucket-encryption": who a principal is to a reader. */
  const nameOf = (principal: string): string => guardrailOf(last(principal));

  const row = (happenedAt: number, who: string, what: string, style?: Style): void => {
    mails.flush();
    if (quiet) return;
    if (jumped >= 1000) {
      const by = jumped;
      jumped = 0;
      write(`${" ".repeat(timeWidth)}${"clock".padEnd(whoWidth)}advanced by ${roughly(by)}`, "dim");
    }
    latest = Math.max(latest, happenedAt);
    zero ??= latest;
    const time = `+${span(latest - zero)}`.padStart(timeWidth - 2);
    const name = who.slice(0, whoWidth - 1).padEnd(whoWidth);
    const [first = "", ...others] = fold(`${time}  ${name}${what}`, columns, margin);
    const head = `${paint("dim", time)}  ${paint("dim", name)}`;
    const tail = (text: string): string => (style === undefined ? text : paint(style, text));
    options.write(head + tail(first.slice(margin)));
    others.forEach(other => options.write(tail(other)));
  };

  const mails = createMailbox((one: Mail, to) => {
    row(one.at, "mail", `${to.join(", ")}: ${one.subject}`, "cyan");
    if (!mail || quiet) return;
    for (const line of one.body.trimEnd().split("\n"))
      write(`${quoted}${line}`, "dim", quoted.length + indentOf(line));
  });

  function show(happening: Happening): void {
    const { at } = happening;
    switch (happening.kind) {
      case "call":
        return call(happening);
      case "event":
        if (eventName(happening.event) === "CreateLogStream") return;
        if (happening.event["detail-type"] === "Scheduled Event")
          return row(at, "timer", `tick of ${happening.rules.map(guardrailOf).join(", ")}`, "dim");
        if (happening.rules.length === 0)
          return row(at, "EventBridge", `${eventName(happening.event)}: no rule`, "dim");
        return row(
          at,
          "EventBridge",
          `${eventName(happening.event)} → ${happening.rules.map(rule => guardrailOf(last(rule))).join(", ")}`,
        );
      case "delivery":
        if (happening.error === undefined) return;
        return row(
          at,
          "EventBridge",
          `could not deliver to ${last(happening.target)}: ${happening.error}`,
          "red",
        );
      case "invocation":
        if (happening.error === undefined) return;
        return row(
          at,
          guardrailOf(happening.functionName),
          `attempt ${happening.attempt} failed: ${happening.error}`,
          "red",
        );
      case "log":
        return audit(at, happening.line);
      case "mail":
        return mails.receive(happening);
      case "dead-letter":
        return row(at, "dead-letter queue", happening.reason, "red");
      case "note":
        return row(at, "", happening.text, "dim");
    }
  }

  function call({ at, service, operation, principal, error }: Call): void {
    if (isRead(operation) && !isGuardrail(principal)) return;
    if (operation === "Publish" || ["logs", "dynamodb"].includes(service)) return;
    if (live && !isGuardrail(principal)) {
      mails.flush();
      if (zero !== undefined) write("");
      [zero, latest] = [at, at];
    }
    const style = error !== undefined ? "yellow" : isGuardrail(principal) ? "dim" : "bold";
    const isWrite = isGuardrail(principal) && !isRead(operation) && error === undefined;
    row(
      at,
      nameOf(principal),
      `${service} ${operation}${error ? `: ${error}` : ""}`,
      isWrite ? undefined : style,
    );
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

  const aside = " ".repeat(quiet ? 0 : timeWidth);

  return {
    heading: text => {
      mails.flush();
      if (quiet) return;
      write("");
      write(text, "bold");
    },
    verdict: text => {
      mails.flush();
      if (!quiet) write("");
      write(text, "bold");
    },
    line: text => {
      mails.flush();
      if (!quiet) write(text, undefined, indentOf(text) + 2);
    },
    begin: step => {
      mails.flush();
      [zero, latest, jumped] = [undefined, 0, 0];
      if (quiet) return;
      write("");
      write(step.title, ["bold", "underline"]);
      introduce(step.title).forEach(words => write(words, "dim"));
    },
    happen: show,
    advanced: ms => void (jumped += ms),
    end: ({ step, expected, differences, ms, jumped: by }) => {
      mails.flush();
      jumped = 0;
      const how = expected.notices === 0 ? "nothing happened, as it should" : "as it should be";
      const took = `(${(ms / 1000).toFixed(1)} s${!quiet && by >= 1000 ? `, and the clock was advanced by ${roughly(by)}` : ""})`;
      const isWrong = differences.length > 0;
      write(
        `${aside}${isWrong ? "✘" : "✔"} ${step.name}${isWrong ? "" : `: ${how} ${took}`}`,
        isWrong ? "red" : "green",
        aside.length + 2,
      );
      for (const line of differences.flatMap(explain)) write(`${aside}  ${line}`, "red");
    },
    skip: ({ step, skipped }) => {
      if (!quiet) {
        write("");
        write(step.title, "underline");
      }
      write(`${aside}- ${step.name}: skipped: ${skipped}`, "dim", aside.length + 2);
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
