/** What a command of the CLI came to. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What the engine did, or would do, with one resource. */
export interface Step {
  /** create, update, delete, replace, import, same … */
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** Names of the inputs that differ. */
  readonly diffs: readonly string[];
}

/** What an update, a preview, a refresh or a destroy came to, from the engine's own events. */
export interface Ran extends Ended {
  readonly steps: readonly Step[];
  /** Without those for debugging, and without the CLI's own about this project's language host. */
  readonly diagnostics: readonly Diagnostic[];
}

interface Diagnostic {
  readonly severity: string;
  readonly message: string;
}

/** One line of the CLI's event log, as far as it is read here. */
interface EngineEvent {
  readonly resourcePreEvent?: {
    readonly metadata: Omit<Step, "name" | "diffs"> & { readonly diffs?: string[] | null };
  };
  readonly diagnosticEvent?: Diagnostic;
}

/** Of `EngineEvent` in sdk/go/common/apitype/events.go of https://github.com/pulumi/pulumi, one JSON object a line. */
export function readEvents(text: string): Pick<Ran, "steps" | "diagnostics"> {
  const events = text
    .split("\n")
    .filter(line => line !== "")
    .map(line => JSON.parse(line) as EngineEvent);
  return {
    steps: events.flatMap(({ resourcePreEvent: event }) => {
      if (event === undefined) return [];
      const { op, urn, type, diffs } = event.metadata;
      return [{ op, urn, type, name: urn.split("::").slice(3).join("::"), diffs: diffs ?? [] }];
    }),
    diagnostics: events.flatMap(({ diagnosticEvent: said }) =>
      said === undefined ||
      said.severity === "debug" ||
      /^using pulumi-language-nodejs from/.test(said.message)
        ? []
        : [{ severity: said.severity, message: said.message.trim() }],
    ),
  };
}

/** How many resources it did what with. */
export const countOf = ({ steps }: Ran): Record<string, number> =>
  steps.reduce<Record<string, number>>((counts, { op }) => ({ ...counts, [op]: (counts[op] ?? 0) + 1 }), {});

/** What it changed, without components, e.g. `update Function security-group-open-ingress: code`. */
export const changesOf = ({ steps }: Ran): string[] =>
  steps
    .filter(({ op, type }) => op !== "same" && type.startsWith("aws:"))
    .map(({ op, type, name, diffs }) => {
      const what = `${op} ${type.split(":").pop()} ${name}`;
      return diffs.length === 0 ? what : `${what}: ${[...diffs].sort().join(", ")}`;
    })
    .sort();
