import { assert } from "chai";
import fc from "fast-check";
import { blockSize, isSameSource, parseCidr, publicAddresses } from "../../../runtime/aws/cidr";
import { holds } from "../../support/random";

const block = (bits: number): bigint => BigInt(1) << BigInt(bits);

describe("cidr: reading a block", () => {
  const same: [string, string][] = [
    ["10.1.2.3/8", "10.0.0.0/8"],
    ["198.51.100.7", "198.51.100.7/32"],
    ["208.236.235.254/0", "0.0.0.0/0"],
    ["2001:DB8::/32", "2001:0db8:0:0:0:0:0:0/32"],
    ["::/0", "0:0:0:0:0:0:0:0/0"],
    ["2a00::1", "2a00:0:0:0:0:0:0:1/128"],
    ["::ffff:1.2.3.4/128", "::ffff:102:304/128"],
    ["pl-0a1b2c3d", "pl-0a1b2c3d"],
  ];
  for (const [one, other] of same)
    it(`${one} is the same source as ${other}`, () => {
      assert.isTrue(isSameSource(one, other));
    });

  const different: [string, string][] = [
    ["0.0.0.0/0", "::/0"],
    ["10.0.0.0/8", "10.0.0.0/9"],
    ["pl-0a1b2c3d", "pl-0a1b2c3e"],
    ["0.0.0.0/0", "pl-0a1b2c3d"],
  ];
  for (const [one, other] of different)
    it(`${one} is another source than ${other}`, () => {
      assert.isFalse(isSameSource(one, other));
    });

  for (const text of [
    "",
    "10.0.0.0/33",
    "::/129",
    "10.0.0/8",
    "0.0.0.0/",
    "1.2.3.4/8/9",
    "sg-0a1b2c3d",
    "fe80::1%eth0/64",
  ])
    it(`"${text}" is no block`, () => {
      assert.isUndefined(parseCidr(text));
    });
});

describe("cidr: how many public addresses blocks cover", () => {
  const cases: [string, string[], 4 | 6, bigint][] = [
    ["a single address counts one", ["8.8.8.8/32"], 4, BigInt(1)],
    ["a block counts its addresses", ["8.0.0.0/8"], 4, block(24)],
    ["the same block twice counts once", ["8.0.0.0/8", "8.0.0.0/8"], 4, block(24)],
    ["a block inside another counts once", ["8.0.0.0/8", "8.8.0.0/16"], 4, block(24)],
    ["an address at the end of another block counts once", ["8.8.8.0/31", "8.8.8.1/32"], 4, BigInt(2)],
    ["neighbours add up", ["8.0.0.0/9", "8.128.0.0/9"], 4, block(24)],
    ["private ranges count nothing", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"], 4, BigInt(0)],
    ["0.0.0.0/16 is not the internet", ["0.0.0.0/16"], 4, BigInt(0)],
    ["multicast and reserved addresses count nothing", ["224.0.0.0/3"], 4, BigInt(0)],
    ["a block around a private one counts the rest", ["172.0.0.0/8"], 4, block(24) - block(20)],
    ["IPv6 blocks count nothing for IPv4", ["::/0"], 4, BigInt(0)],
    ["IPv4 blocks count nothing for IPv6", ["0.0.0.0/0"], 6, BigInt(0)],
    ["unique local IPv6 addresses count nothing", ["fc00::/7", "fe80::/10"], 6, BigInt(0)],
    ["documentation addresses count nothing", ["2001:db8::/32"], 6, BigInt(0)],
    ["an IPv6 block counts its addresses", ["2a00::/12"], 6, block(116)],
    ["all of IPv6 is what is given out", ["::/0"], 6, block(125) - block(96) - block(108)],
    ["nothing covers nothing", [], 4, BigInt(0)],
  ];
  for (const [what, blocks, family, expected] of cases)
    it(what, () => {
      assert.equal(publicAddresses(blocks, family), expected);
    });

  it("two halves cover as much as the whole", () => {
    const halves = publicAddresses(["0.0.0.0/1", "128.0.0.0/1"], 4);

    assert.equal(halves, publicAddresses(["0.0.0.0/0"], 4));
    assert.isTrue(halves > BigInt(3_600_000_000) && halves < block(32));
  });

  it("a text that is no block is an error, never nothing", () => {
    assert.throws(() => publicAddresses(["8.8.8.8/99"], 4), /"8\.8\.8\.8\/99" is no CIDR block/);
  });

  it("counts like counting one by one", () => {
    const small = fc.tuple(fc.nat(255), fc.integer({ min: 24, max: 32 }));
    holds(
      fc.property(fc.array(small, { maxLength: 8 }), blocks => {
        const covered = new Set<number>();
        for (const [start, length] of blocks) {
          const size = 2 ** (32 - length);
          const first = Math.floor(start / size) * size;
          for (let at = first; at < first + size; at += 1) covered.add(at);
        }

        const counted = publicAddresses(
          blocks.map(([start, length]) => `8.8.8.${start}/${length}`),
          4,
        );

        assert.equal(counted, BigInt(covered.size));
      }),
      {},
    );
  });

  it("a shorter prefix is a larger block", () => {
    assert.equal(blockSize(4, 8), block(24));
    assert.equal(blockSize(6, 16), block(112));
  });
});
