/** A test of a string value. The engine sees strings in their quotation marks, which matters only at an edge. */
export type StringTest = (value: string) => boolean;

/** `{"prefix": …}`; a prefix that ends in a quotation mark also matches the whole string before that mark. */
export const startsWith = (prefix: string): StringTest =>
  prefix.endsWith('"') ? value => `${value}"`.startsWith(prefix) : value => value.startsWith(prefix);

/** `{"suffix": …}`; a suffix that starts with a quotation mark also matches the whole string after that mark. */
export const endsWith = (suffix: string): StringTest =>
  suffix.startsWith('"') ? value => `"${value}`.endsWith(suffix) : value => value.endsWith(suffix);

/** `{"equals-ignore-case": …}`, and the same inside `prefix` and `suffix`. */
export const equalsFolded = (text: string): StringTest => matches(new RegExp(`^${folded(text)}$`));
export const startsWithFolded = (prefix: string): StringTest => {
  const expression = new RegExp(`^${folded(prefix)}`);
  return value => expression.test(`${value}"`);
};
export const endsWithFolded = (suffix: string): StringTest => {
  const expression = new RegExp(`${folded(suffix)}$`);
  return value => expression.test(`"${value}`);
};

/**
 * `{"wildcard": …}`: `*` stands for any number of characters, `\*` and `\\` for themselves. Returns what is wrong
 * with the text, in words, where it cannot be a wildcard.
 *
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function wildcard(text: string): StringTest | string {
  const pieces = [""];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    const next = text[at + 1];
    if (character === "*") {
      if (next === "*") return `has two * in a row at character ${at + 1}, wanted one`;
      pieces.push("");
    } else if (character === "\\") {
      if (next !== "*" && next !== "\\")
        return `has a \\ at character ${at + 1} that is not followed by * or \\`;
      pieces[pieces.length - 1] += next;
      at++;
    } else {
      pieces[pieces.length - 1] += character;
    }
  }
  return inOrder(pieces);
}

const inOrder = ([first, ...others]: string[]): StringTest => {
  const last = others.pop();
  if (last === undefined) return value => value === first;
  return value => {
    if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last))
      return false;
    const end = value.length - last.length;
    let at = first.length;
    for (const piece of others) {
      const found = value.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return true;
  };
};

const matches =
  (expression: RegExp): StringTest =>
  value =>
    expression.test(value);

// Every UTF-16 unit of the pattern's text stands for its lower-case or its upper-case form, and nothing else. Half of
// a surrogate pair has neither and becomes a question mark, so no character beyond U+FFFF ever matches.
const folded = (text: string): string =>
  text
    .split("")
    .map(unit => {
      if (unit >= "\ud800" && unit <= "\udfff") return "\\?";
      const lower = literal(unit.toLowerCase());
      const upper = literal(unit.toUpperCase());
      return lower === upper ? lower : `(?:${lower}|${upper})`;
    })
    .join("");

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
