export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export type Given = Readonly<Record<string, unknown>>;

export const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/** Where the records' writer sees only text it guesses: also tag values of digits or true and false change their type. */
export function typed(text: string): Json {
  if (text === "true" || text === "false") return text === "true";
  return /^(0|-?[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}

/** ISO 8601 in whole seconds, as records have their own times. */
export const secondsOf = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;
