import { expect } from "chai";
import { compile, limits, validate } from "../../patterns";

const errors = (pattern: unknown): string[] => validate(pattern).errors.map(({ message }) => message);
const warnings = (pattern: unknown): string[] => validate(pattern).warnings.map(({ message }) => message);

describe("validating an event pattern", () => {
  it("finds nothing wrong with a sound one", () => {
    const pattern = {
      source: ["aws.s3"],
      detail: { eventName: [{ prefix: "Put" }, "CreateBucket"], size: [{ numeric: [">", 0, "<=", 5e9] }] },
    };
    expect(validate(pattern)).to.deep.equal({ valid: true, errors: [], warnings: [] });
  });

  it("lists every mistake with its place and what was expected", () => {
    const pattern = {
      source: "aws.s3",
      detail: {
        eventName: [],
        size: [1, { numeric: ["=>", 5] }],
        ip: [{ cidr: "10.0.0.0/33" }],
        name: [{ wildcard: "a**" }],
      },
    };
    expect(errors(pattern)).to.deep.equal([
      'source is "aws.s3", wanted a list such as ["aws.s3"]',
      "detail.eventName is an empty list, wanted at least one value",
      'detail.size[1]: numeric starts with "=>", wanted one of = < <= > >=',
      'detail.ip[0]: the block "10.0.0.0/33" is wrong: an IPv4 block has 0 to 31 bits; write a single address as a plain string',
      "detail.name[0]: the wildcard has two * in a row at character 2, wanted one",
    ]);
    expect(validate(pattern).errors.map(({ path }) => path)).to.deep.equal([
      "source",
      "detail.eventName",
      "detail.size[1]",
      "detail.ip[0]",
      "detail.name[0]",
    ]);
  });

  it("points into the alternatives of $or", () => {
    expect(errors({ detail: { $or: [{ a: ["x"] }, { b: { c: [{ regex: "x" }] } }] } })).to.deep.equal([
      'detail.$or[1].b.c[0] has the unknown operator "regex", wanted prefix, suffix, equals-ignore-case, wildcard, exactly, exists, cidr, numeric or anything-but',
    ]);
    expect(errors({ $or: [{ a: ["x"] }, { prefix: ["x"] }] })).to.deep.equal([
      "$or[1].prefix is a word that EventBridge reserves, it cannot be a field inside $or",
    ]);
  });

  it("throws all mistakes at once when an invalid one is compiled", () => {
    const mistaken = { a: [], b: 5 };
    expect(() => compile(mistaken))
      .to.throw("Invalid event pattern:\n- a is an empty list")
      .with.property("code", "invalid-pattern");
    expect(() => compile(mistaken))
      .to.throw()
      .with.property("mistakes")
      .with.lengthOf(2);
  });

  it("takes the spellings of a block that the engine takes", () => {
    for (const cidr of ["10.0.0.0/8", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.0/8/", "2001:DB8::/32", "::/0"]) {
      expect(errors({ ip: [{ cidr }] }), cidr).to.deep.equal([]);
    }
    for (const cidr of [
      "10.0.0.0",
      "10.0.0.0/",
      "10.0.0/8",
      "/8",
      "10.0.0.0/8/8",
      "fe80::1::2/64",
      "::ffff:0:0/96",
    ]) {
      expect(errors({ ip: [{ cidr }] }), cidr).to.have.lengthOf(1);
    }
  });

  it("refuses a pattern nested deeper than any event instead of failing on it", () => {
    let pattern: unknown = ["x"];
    for (let depth = 0; depth < 5000; depth++) pattern = { a: pattern };
    expect(errors(pattern)[0]).to.match(/is nested more than 1000 levels deep$/);
  });
});

describe("validating an event pattern against EventBridge's own limits", () => {
  it("warns of a pattern that is too long, and takes one that just fits", () => {
    const ofLength = (length: number) => ({ a: ["x".repeat(length - '{"a":[""]}'.length)] });
    expect(warnings(ofLength(limits.characters))).to.deep.equal([]);
    expect(warnings(ofLength(limits.characters + 1))).to.deep.equal([
      "pattern is 2049 characters long, EventBridge takes 2048",
    ]);
  });

  it("warns of more than 1,000 combinations of $or", () => {
    const alternatives = (name: string, count: number) => ({
      $or: Array.from({ length: count }, (_, index) => ({ [name]: [index] })),
    });
    const combined = (count: number) => ({ a: alternatives("x", 25), b: alternatives("y", count) });
    expect(warnings(combined(40)).filter(text => text.includes("combinations"))).to.deep.equal([]);
    expect(warnings(combined(41))).to.include(
      "pattern makes 1025 combinations of $or, EventBridge takes 1000",
    );
  });

  it("warns of numbers beyond its range or precision", () => {
    const numeric = (bound: number) => warnings({ a: [{ numeric: ["<", bound] }] });
    expect([...numeric(5e9), ...numeric(-5e9), ...numeric(0.123456), ...numeric(1e-6)]).to.deep.equal([]);
    expect(numeric(5e9 + 1)).to.deep.equal(["a[0] compares with 5000000001, EventBridge takes -5e9 to 5e9"]);
    expect(numeric(0.1234567)[0]).to.include("6 of them after the point");
    expect(numeric(1e-7)[0]).to.include("6 of them after the point");
  });

  it("warns of many wildcard characters on one field, not of escaped ones", () => {
    expect(
      warnings({ a: [{ wildcard: "*a*b*" }, { "anything-but": { wildcard: ["*c*", "*\\*\\*\\*"] } }] }),
    ).to.deep.equal([]);
    expect(warnings({ a: [{ wildcard: "*a*b*" }, { wildcard: "*a*b*c*" }] })[0]).to.include(
      "a has 7 wildcard characters",
    );
  });

  it("warns of an operator that its guide does not list", () => {
    expect(warnings({ a: [{ exactly: "x" }] })[0]).to.include("a[0] uses exactly");
  });

  it("leaves warnings out of compiling", () => {
    const long = { a: [...Array(1000).keys()] };
    expect(compile(long)({ a: 999 })).to.equal(true);
  });
});
