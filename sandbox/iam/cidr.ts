import { isIPv6 } from "node:net";
import { awsError } from "../ground/call";

/** `10.1.2.3/8` → `10.0.0.0/8`, `0:0::0/0` → `::/0`. @throws InvalidParameterValue */
export function canonicalCidr(text: string): string {
  const [address = "", length = "", ...rest] = text.split("/");
  const wide = isIPv6(address) ? 128 : 32;
  const size = Number(length);
  const bits = wide === 128 ? ipv6Bits(address) : ipv4Bits(address);
  if (bits === undefined || rest.length > 0 || !/^\d{1,3}$/.test(length) || size > wide)
    throw awsError("InvalidParameterValue", `CIDR block ${text} is malformed`);
  const kept = size === 0 ? 0n : (bits >> BigInt(wide - size)) << BigInt(wide - size);
  return `${wide === 32 ? ipv4Text(kept) : ipv6Text(kept)}/${size}`;
}

function ipv4Bits(text: string): bigint | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (!parts || parts.some(part => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

const ipv4Text = (bits: bigint): string => [24n, 16n, 8n, 0n].map(shift => (bits >> shift) & 255n).join(".");

function ipv6Bits(text: string): bigint {
  // The URL parser writes eight groups in the shortest way, an embedded IPv4 address included.
  const short = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const [head = "", tail] = short.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups =
    tail === undefined
      ? left
      : [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(parseInt(group, 16)), 0n);
}

function ipv6Text(bits: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((bits >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  );
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
