import type { Happening } from "../../ground/journal";
import type { Options } from "../options";
import type { Step, StepResult } from "../scenario";
import { canColour, createTimeline, type Timeline } from "./timeline";

/** What standard output gets: lines for people, or one JSON object a line for scripts. */
export interface Screen {
  readonly timeline: Timeline;
  begin(step: Step): void;
  happen(happening: Happening): void;
  end(result: StepResult): void;
  /** One line for scripts, nothing for people. */
  json(value: { readonly kind: string; readonly [member: string]: unknown }): void;
  progress(text: string): void;
  /** Shows nothing more: what ends in a hurry looks like failures. */
  silence(): void;
}

export function createScreen({ stack, json: isJson, mail, quiet, stay: live }: Options): Screen {
  let isSilent = false;
  let step: string | undefined;
  const write = (line: string): void => void (isSilent || process.stdout.write(`${line}\n`));
  const json: Screen["json"] = value => void (isJson && write(JSON.stringify(value)));
  const timeline = createTimeline({
    write: isJson ? () => undefined : write,
    colour: canColour(process.stdout, process.env),
    columns: process.stdout.isTTY ? process.stdout.columns : undefined,
    stack,
    mail,
    live,
    quiet,
  });
  return {
    timeline,
    json,
    begin: begun => {
      step = begun.name;
      timeline.begin(begun);
    },
    happen: happening => {
      timeline.happen(happening);
      if (!quiet) json({ ...happening, ...(step !== undefined && { step }) });
    },
    end: result => {
      step = undefined;
      timeline.end(result);
    },
    progress: text => {
      if (quiet || isSilent) return;
      if (isJson) process.stderr.write(`${text}\n`);
      else timeline.line(`  ${text} ...`);
    },
    silence: () => void (isSilent = true),
  };
}
