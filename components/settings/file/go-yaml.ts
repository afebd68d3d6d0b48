/**
 * What the YAML reader of Pulumi's CLI makes of one unquoted scalar.
 * Pulumi 3.248.0 decodes stack files with gopkg.in/yaml.v3 v3.0.1 into Go's `any`; the rules are `resolve` and
 * `parseTimestamp` of https://github.com/go-yaml/yaml/blob/v3.0.1/resolve.go. They are neither YAML 1.1 nor 1.2:
 * `off` and `yes` stay text, while `017` and `0x1F` are numbers and `2027-01-31` is a time.
 */
export type GoScalar = null | boolean | bigint | number | string;

const words: ReadonlyMap<string, GoScalar> = new Map<string, GoScalar>([
  ...["", "~", "null", "Null", "NULL"].map(word => [word, null] as const),
  ...["true", "True", "TRUE"].map(word => [word, true] as const),
  ...["false", "False", "FALSE"].map(word => [word, false] as const),
  ...[".nan", ".NaN", ".NAN"].map(word => [word, NaN] as const),
  ...[".inf", ".Inf", ".INF"].flatMap(word => [[word, Infinity] as const, [`+${word}`, Infinity] as const]),
  ...["-.inf", "-.Inf", "-.INF"].map(word => [word, -Infinity] as const),
]);

/** An unquoted scalar: null, boolean, integer (bigint), float (number), or text; a time comes back as Go prints it. */
export function goScalar(text: string): GoScalar {
  const word = words.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.0-9]/.test(text)) return text;
  // Where a point comes first, yaml.v3 leaves the underscores in, and then it is no number.
  const plain = text.startsWith(".") ? text : text.replaceAll("_", "");
  return goTime(text) ?? goInteger(plain) ?? goFloat(plain) ?? text;
}

const int64 = 2n ** 63n;
const uint64 = 2n ** 64n;

/** Prefixes 0x, 0b, 0o and a bare 0 choose the base; digits that do not fit it make it something else. */
function goInteger(text: string): bigint | undefined {
  const [, sign, digits] = /^([-+]?)(0x[0-9a-f]+|0b[01]+|0o[0-7]+|0[0-7]*|[1-9][0-9]*)$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const magnitude = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits}` : digits);
  if (sign === "-") return magnitude <= int64 ? -magnitude : undefined;
  return magnitude < (sign === "" ? uint64 : int64) ? magnitude : undefined;
}

function goFloat(text: string): number | undefined {
  if (!/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/**
 * The four time formats that yaml.v3 accepts, as Go's time.String prints them; undefined for all else.
 * A zone offset that is the machine's own zone is printed by Go with the zone's name; here it stays a number.
 */
function goTime(text: string): string | undefined {
  const found =
    /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt](?=.*(?:Z|[-+]\d\d:\d\d)$)| +(?=[\d:.,]*$))(\d\d?):(\d\d?):(\d\d?)(?:[.,](\d+))?(Z|[-+]\d\d:\d\d)?)?$/.exec(
      text,
    );
  if (!found) return undefined;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(part => Number(part ?? 0));
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const dateExists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!dateExists || hour > 23 || minute > 59 || second > 59) return undefined;

  const two = (value: number) => String(value).padStart(2, "0");
  const fraction = (found[7] ?? "").slice(0, 9).replace(/0+$/, "");
  const offset = (found[8] ?? "Z").replace("Z", "+00:00").replace(":", "");
  const zone = offset === "+0000" ? "UTC" : offset;
  const clock = [hour, minute, second].map(two).join(":") + (fraction && `.${fraction}`);
  return `${found[1]}-${two(month)}-${two(day)} ${clock} ${offset} ${zone}`;
}

/** A scalar as a map key, as Go's fmt prints it with %v. */
export function goKey(key: GoScalar): string {
  if (key === null) return "<nil>";
  if (typeof key !== "number" || (key !== 0 && Number.isInteger(key) && Math.abs(key) < 1e6))
    return String(key);
  const [mantissa, exponent] = key.toExponential().split("e");
  const size = Math.abs(Number(exponent));
  return Number(exponent) < -4 || Number(exponent) >= 6
    ? `${mantissa}e${exponent[0]}${String(size).padStart(2, "0")}`
    : String(key);
}
