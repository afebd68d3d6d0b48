/** What the program or the engine has to say to its user. */
export interface Diagnostic {
  readonly severity: "info" | "warning" | "error";
  readonly message: string;
  /** The resource it is about. */
  readonly urn?: string;
}

/** Thrown by `runProgram`: `diagnostics` has everything that was said, the message only the errors. */
export interface ProgramError extends Error {
  readonly name: "ProgramError";
  readonly diagnostics: readonly Diagnostic[];
  readonly exitCode: number;
}

const colours = /\u001b\[[0-9;]*m/g;

/** The runner colours its stack traces, whoever reads them. */
export const plainText = (message: string): string => message.replace(colours, "").trimEnd();

/** `<type> "<name>"`: how a user knows a resource. */
export const describeUrn = (urn: string): string => {
  const [, , types = "", ...name] = urn.split("::");
  return `${types.slice(types.lastIndexOf("$") + 1)} "${name.join("::")}"`;
};

/** One readable error for a failed run: each error once, the resource in front of its reason. */
export function programError(
  diagnostics: readonly Diagnostic[],
  exitCode: number,
  lastLines: readonly string[],
): ProgramError {
  const errors = diagnostics
    .filter(({ severity }) => severity === "error")
    .map(({ message, urn }) => (urn === undefined ? message : `${describeUrn(urn)}: ${message}`));
  const text =
    errors.length > 0
      ? [...new Set(errors)].join("\n")
      : [`the program ended with exit code ${exitCode} and no error message`, ...lastLines].join("\n");
  return Object.assign(new Error(text), { name: "ProgramError" as const, diagnostics, exitCode });
}
