import { survivesDouble, writtenNumber } from "./doubles";

/**
 * Reads JSON text as `JSON.parse` does, except that a number which a double would change becomes a symbol whose
 * description is the number's own text: `9007199254740993`, `0.12345678901234567890`, `1e309`. EventBridge compares
 * such numbers by their text and refuses them in numeric conditions. Throws a SyntaxError when the text is not JSON.
 *
 * Source: https://github.com/aws/event-ruler (ComparableNumber)
 */
export function parseJson(text: string): unknown {
  const parsed: unknown = JSON.parse(text);
  if (!mayLoseDigits(text)) return parsed;
  let mark = "number ";
  while (text.includes(mark)) mark += "!";
  const marked = text.replace(stringsAndNumbers, token =>
    token.startsWith('"') || survivesDouble(token) ? token : JSON.stringify(mark + token),
  );
  return marked === text ? parsed : JSON.parse(marked, (_key, value: unknown) => unmark(value, mark));
}

const stringsAndNumbers = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

/** Whether a text may hold a number that a double would change; 15 digits and a two-digit exponent never do. */
export const mayLoseDigits = (text: string): boolean =>
  /(?:^|[:,[])\s*-?(?:[\d.]{16}|[\d.]{1,15}[eE][+-]?\d{3})/.test(text);

const unmark = (value: unknown, mark: string): unknown =>
  typeof value === "string" && value.startsWith(mark) ? writtenNumber(value.slice(mark.length)) : value;
