/** Addresses as the engine sees them: 8 upper-case hex digits for IPv4, 32 for IPv6, compared digit by digit. */
export interface AddressRange {
  first: string;
  last: string;
}

/**
 * The hex digits of an IP address, or undefined for any other text. Leading zeros are decimal (`10.0.0.01` is
 * `10.0.0.1`), and an IPv4-mapped IPv6 address is its IPv4 one; dotted quads inside IPv6 are not addresses.
 *
 * Source: https://github.com/aws/event-ruler (CIDR, on java.net.InetAddress)
 */
export function addressDigits(text: string): string | undefined {
  return /^[\d.]{7,15}$/.test(text) ? digitsOfV4(text) : text.includes(":") ? digitsOfV6(text) : undefined;
}

const digitsOfV4 = (text: string): string | undefined => {
  const parts = text.split(".");
  return parts.length === 4 && parts.every(part => part !== "" && Number(part) <= 255)
    ? parts.map(part => hex(Number(part), 2)).join("")
    : undefined;
};

const digitsOfV6 = (text: string): string | undefined => {
  const [left, right, ...more] = text.split("::").map(half => (half === "" ? [] : half.split(":")));
  const groups = [...left, ...(right ?? [])];
  const missing = 8 - groups.length;
  if (more.length > 0 || (right ? missing < 1 : missing !== 0)) return undefined;
  if (!groups.every(group => /^[\da-f]+$/i.test(group) && parseInt(group, 16) <= 0xffff)) return undefined;
  const digits = [...left, ...Array<string>(missing).fill("0"), ...(right ?? [])]
    .map(group => hex(parseInt(group, 16), 4))
    .join("");
  return digits.startsWith("00000000000000000000FFFF") ? digits.slice(24) : digits;
};

const hex = (value: number, width: number): string => value.toString(16).toUpperCase().padStart(width, "0");

/** The range of a CIDR block such as `10.0.0.0/8`, or what is wrong with the block, in words. */
export function blockRange(block: string): AddressRange | string {
  const [address, bits, ...more] = block.replace(/\/+$/, "").split("/");
  if (bits === undefined || more.length > 0 || !/^[+-]?\d+$/.test(bits)) {
    return "wanted an address and a number of bits with one slash between";
  }
  const digits = addressDigits(address);
  if (digits === undefined) return `${JSON.stringify(address)} is no IPv4 or IPv6 address`;
  const width = digits.length * 4;
  const fixed = Number(bits);
  if (fixed < 0 || fixed >= width) {
    return `an ${width === 32 ? "IPv4" : "IPv6"} block has 0 to ${width - 1} bits; write a single address as a plain string`;
  }
  const free = (1n << BigInt(width - fixed)) - 1n;
  const value = BigInt(`0x${digits}`);
  const text = (number: bigint) => number.toString(16).toUpperCase().padStart(digits.length, "0");
  return { first: text(value & ~free), last: text(value | free) };
}

/**
 * Whether a range holds an address. Digits are compared from the left and only as far as both sides have them, so
 * an IPv4 block holds the IPv6 addresses that begin with its digits (`10.0.0.0/8` holds `a00::1`), as in the engine.
 */
export function isInRange(digits: string, range: AddressRange): boolean {
  const { first, last } = range;
  if (digits.length < first.length) {
    return first.slice(0, digits.length) < digits && digits < last.slice(0, digits.length);
  }
  const head = digits.slice(0, first.length);
  return first <= head && head <= last;
}
