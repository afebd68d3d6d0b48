/** What an error is to an outcome. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  /** True when trying again cannot help, e.g. a full network interface: told, and not retried. */
  readonly final: boolean;
}

const named = (error: unknown): { name?: unknown; code?: unknown; message?: unknown; final?: unknown } =>
  typeof error === "object" && error !== null ? error : {};

/** The error's AWS code (`error.name` in SDK v3), or "Error". */
export function codeOf(error: unknown): string {
  const { name, code } = named(error);
  return typeof code === "string" ? code : typeof name === "string" ? name : "Error";
}

/** Whether AWS answered that it will not do what was asked. No answer, or an error of its own, may come after the deed. */
export const isRefusal = (error: unknown): boolean =>
  typeof error === "object" &&
  error !== null &&
  (error as { $fault?: unknown }).$fault === "client" &&
  !/Timeout|Aborted/.test(codeOf(error));

/** What an outcome says of an error. Text from AWS may quote text from outside: whoever shows it makes it plain first. */
export function failureOf(error: unknown): Failure {
  const { message, final } = named(error);
  return {
    code: codeOf(error),
    message: typeof message === "string" ? message : String(error),
    final: final === true,
  };
}
