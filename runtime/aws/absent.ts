import { codeOf } from "./errors";

/**
 * The answer of a read, or the value given for its error's code: AWS reports some things that are merely absent (a
 * policy, tags, the resource itself) as errors. Every other error is thrown on.
 */
export async function unlessAbsent<T>(
  absent: Readonly<Record<string, T>>,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const code = codeOf(error);
    if (Object.keys(absent).includes(code)) return absent[code];
    throw error;
  }
}
