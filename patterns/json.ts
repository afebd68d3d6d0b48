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
  typeof value === "string" && value.startsWith(mark) ? Symbol(value.slice(mark.length)) : value;

/** Whether the shortest decimal of the literal's double has the literal's exact value. */
const survivesDouble = (literal: string): boolean => {
  const double = Number(literal);
  // The engine spells the smallest double with two digits, as Java does.
  const shortest = String(double).replace(/^(-?)5e-324$/, "$14.9e-324");
  return Number.isFinite(double) && decimal(literal) === decimal(shortest);
};

const decimal = (literal: string): string => {
  const [, sign, whole, fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  const scale = Number(exponent) - fraction.length + digits.length - significant.length;
  return significant === "" ? "0" : `${sign}${significant}e${scale}`;
};
