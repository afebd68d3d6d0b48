import { isIPv4, isIPv6 } from "node:net";

/** Consecutive addresses of one family, both ends included. */
export interface AddressRange {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

/**
 * Addresses nobody on the internet can have: private, shared, loopback, link-local, documentation, multicast, reserved.
 * https://www.iana.org/assignments/iana-ipv4-special-registry
 */
const notPublicIpv4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
];

/** The only block from which public IPv6 addresses are given out, and the documentation blocks in it. */
const publicIpv6 = "2000::/3";
const notPublicIpv6 = ["2001:db8::/32", "3fff::/20"];

const bitsOf = (family: 4 | 6): number => (family === 4 ? 32 : 128);

const numberFrom = (parts: readonly bigint[], width: bigint): bigint =>
  parts.reduce((sum, part) => (sum << width) | part, BigInt(0));

const ipv4Number = (text: string): bigint => numberFrom(text.split(".").map(BigInt), BigInt(8));

function ipv6Number(text: string): bigint {
  const tail = text.slice(text.lastIndexOf(":") + 1);
  if (isIPv4(tail)) {
    const words = ipv4Number(tail);
    const [high, low] = [words >> BigInt(16), words & BigInt(0xffff)].map(word => word.toString(16));
    return ipv6Number(`${text.slice(0, -tail.length)}${high}:${low}`);
  }
  const [before, after] = text.split("::").map(half => (half === "" ? [] : half.split(":")));
  const zeros = after === undefined ? [] : Array<string>(8 - before.length - after.length).fill("0");
  return numberFrom(
    [...before, ...zeros, ...(after ?? [])].map(word => BigInt(`0x${word}`)),
    BigInt(16),
  );
}

/**
 * The addresses of a CIDR block, host bits cleared as EC2 clears them; a bare address is a block of one. Undefined for
 * anything else, such as a prefix list's or a group's id.
 */
export function parseCidr(text: string): AddressRange | undefined {
  const [address, length, ...more] = text.trim().split("/");
  const family = isIPv4(address) ? 4 : isIPv6(address) && !address.includes("%") ? 6 : undefined;
  if (family === undefined || more.length > 0) return undefined;
  const bits = bitsOf(family);
  if (length !== undefined && !(/^\d{1,3}$/.test(length) && Number(length) <= bits)) return undefined;
  const hostBits = BigInt(bits - Number(length ?? bits));
  const value = family === 4 ? ipv4Number(address) : ipv6Number(address);
  const first = (value >> hostBits) << hostBits;
  return { family, first, last: first + (BigInt(1) << hostBits) - BigInt(1) };
}

/** How many addresses a block of this prefix length holds. */
export const blockSize = (family: 4 | 6, prefixLength: number): bigint =>
  BigInt(1) << BigInt(bitsOf(family) - prefixLength);

/** Whether two texts name the same source: equal blocks however they are written, or equal text. */
export function isSameSource(one: string, other: string): boolean {
  const [a, b] = [parseCidr(one), parseCidr(other)];
  if (a === undefined || b === undefined) return one === other;
  return a.family === b.family && a.first === b.first && a.last === b.last;
}

/** The ranges of one family, ascending, without overlap. */
function union(ranges: readonly AddressRange[]): AddressRange[] {
  const sorted = [...ranges].sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const joined: AddressRange[] = [];
  for (const range of sorted) {
    const previous = joined[joined.length - 1];
    if (previous === undefined || range.first > previous.last) joined.push(range);
    else if (range.last > previous.last) joined[joined.length - 1] = { ...previous, last: range.last };
  }
  return joined;
}

const addressesIn = (ranges: readonly AddressRange[]): bigint =>
  ranges.reduce((sum, { first, last }) => sum + last - first + BigInt(1), BigInt(0));

/** What `ranges` and `blocks` share. */
const overlap = (ranges: readonly AddressRange[], blocks: readonly AddressRange[]): AddressRange[] =>
  ranges.flatMap(range =>
    blocks
      .filter(block => block.first <= range.last && range.first <= block.last)
      .map(block => ({
        ...range,
        first: range.first > block.first ? range.first : block.first,
        last: range.last < block.last ? range.last : block.last,
      })),
  );

const parsed = (blocks: readonly string[]): AddressRange[] =>
  blocks.map(block => {
    const range = parseCidr(block);
    if (range === undefined) throw new Error(`"${block}" is no CIDR block`);
    return range;
  });

/**
 * How many public addresses of one family these blocks cover together; an address in several blocks counts once,
 * blocks of the other family count nothing.
 * @throws Error for a text that is no CIDR block.
 */
export function publicAddresses(cidrs: readonly string[], family: 4 | 6): bigint {
  const covered = union(parsed(cidrs).filter(range => range.family === family));
  const inside = family === 4 ? covered : overlap(covered, parsed([publicIpv6]));
  const reserved = parsed(family === 4 ? notPublicIpv4 : notPublicIpv6);
  return addressesIn(inside) - addressesIn(overlap(inside, reserved));
}
