import { expect } from "chai";
import { compile, parseJson, validate } from "../../patterns";

const matches = (conditions: unknown[], value: unknown): boolean =>
  compile({ field: conditions })({ field: value });
const matchesText = (pattern: string, event: string): boolean =>
  compile(parseJson(pattern))(parseJson(event));
const warnings = (pattern: unknown): string =>
  validate(pattern)
    .warnings.map(({ message }) => message)
    .join("\n");

// Each is told with its reason in docs/patterns.md, "Where the engine is odd".
describe("where AWS's engine is odd, an event pattern", () => {
  it("ignores case letter by letter, from the pattern's side", () => {
    const straße = [{ "equals-ignore-case": "straße" }];
    expect(matches(straße, "STRASSE")).to.equal(true);
    expect(matches([{ "equals-ignore-case": "strasse" }], "straße")).to.equal(false);
    expect(matches([{ "equals-ignore-case": "ǅ" }], "ǅ")).to.equal(false);
  });

  it("never finds an emoji while it ignores case, and warns of that", () => {
    const pattern = { field: [{ "equals-ignore-case": "launch🚀" }] };
    expect(compile(pattern)({ field: "launch🚀" })).to.equal(false);
    expect(compile({ field: [{ prefix: "launch🚀" }] })({ field: "launch🚀" })).to.equal(true);
    expect(warnings(pattern)).to.include("field[0]").and.include("emoji");
    expect(warnings({ field: [{ "anything-but": { "equals-ignore-case": ["x", "🚀"] } }] })).to.include(
      "emoji",
    );
    expect(warnings({ field: [{ prefix: "launch🚀" }] })).to.equal("");
  });

  it("compares a plain string that is an address as an address", () => {
    expect(matches(["::1"], "0:0:0:0:0:0:0:1")).to.equal(true);
    expect(matches(["10.0.0.1"], "10.0.0.01")).to.equal(true);
    expect(matches(["10.0.0.1"], "::ffff:a00:1")).to.equal(true);
    expect(matches([{ exactly: "::1" }], "0:0:0:0:0:0:0:1")).to.equal(false);
    expect(matches(["999.1.1.1"], "999.1.1.1")).to.equal(true);
  });

  it("holds in a block of one family the addresses of the other that begin with the same digits", () => {
    expect(matches([{ cidr: "10.0.0.0/8" }], "a00::1")).to.equal(true);
    expect(matches([{ cidr: "10.0.0.0/8" }], "b00::1")).to.equal(false);
    expect(matches([{ cidr: "0.0.0.0/0" }], "2001:db8::1")).to.equal(true);
    expect(matches([{ cidr: "2000::/3" }], "33.0.0.1")).to.equal(true);
  });

  it("takes no bare number for an address, where the engine does", () => {
    expect(matches([{ cidr: "0.0.0.0/0" }], 160)).to.equal(false);
    expect(matches([{ cidr: "0.0.0.0/0" }], "160.0.0.1")).to.equal(true);
  });

  it("sees strings in their quotation marks", () => {
    expect(matches([{ prefix: 'ab"' }], "ab")).to.equal(true);
    expect(matches([{ prefix: 'ab"' }], "abc")).to.equal(false);
    expect(matches([{ suffix: '"ab' }], "ab")).to.equal(true);
    expect(matches([{ "anything-but": { suffix: '"ab' } }], "ab")).to.equal(false);
    expect(matches([{ prefix: { "equals-ignore-case": 'AB"' } }], "ab")).to.equal(true);
    expect(matches([{ suffix: { "equals-ignore-case": '"AB' } }], "ab")).to.equal(true);
  });

  it("never finds a field behind an empty name at the end of a path, and warns of that", () => {
    expect(compile({ detail: { "": ["x"] } })({ detail: { "": "x" } })).to.equal(false);
    expect(compile({ "": ["x"] })({ "": "x" })).to.equal(true);
    expect(warnings({ detail: { "": ["x"] } })).to.include("empty name");
  });

  it("reads $or as a field's name when it is no list of alternatives, and warns of that", () => {
    const pattern = { detail: { $or: ["x", { prefix: "y" }] } };
    expect(compile(pattern)({ detail: { $or: "yes" } })).to.equal(true);
    expect(compile(pattern)({ detail: { $or: "no" } })).to.equal(false);
    expect(warnings(pattern)).to.include("detail.$or");
    // The engine's plainer reading, which it falls back to, does not know this one.
    expect(validate({ $or: ["x", { "anything-but": { wildcard: "y*" } }] }).valid).to.equal(false);
    expect(validate({ $or: [{ a: ["x"] }] }).errors[0].message).to.include("$or is a list of 1");
  });

  it("lets the later of two conditions on one path win, and warns of that", () => {
    expect(compile({ a: { b: ["x"] }, "a.b": ["y"] })({ a: { b: "y" } })).to.equal(true);
    expect(compile({ a: ["x"], $or: [{ a: ["y"] }, { b: ["z"] }] })({ a: "y" })).to.equal(true);
    expect(warnings({ a: { b: ["x"] }, "a.b": ["y"] })).to.include("a.b is given twice");
    expect(warnings({ $or: [{ a: ["x"] }, { a: ["y"] }] })).to.equal("");
  });

  it("compares numbers that no double holds by their text, when it has the text", () => {
    expect(matchesText('{"n":[1e400]}', '{"n":1e400}')).to.equal(true);
    expect(matchesText('{"n":[1e400]}', '{"n":10e399}')).to.equal(false);
    expect(matchesText('{"n":[9007199254740992]}', '{"n":9007199254740993}')).to.equal(false);
    expect(matchesText('{"n":[{"numeric":[">",5]}]}', '{"n":9007199254740993}')).to.equal(false);
    expect(matchesText('{"n":[{"anything-but":5}]}', '{"n":9007199254740993}')).to.equal(true);
    expect(matchesText('{"n":[4.9e-324]}', '{"n":4.9E-324}')).to.equal(true);
  });

  it("knows the smallest double by the spelling of Java, 4.9e-324, not by that of JavaScript", () => {
    const below = '{"n":[{"numeric":["<",5]}]}';
    expect(matchesText(below, '{"n":4.9e-324}')).to.equal(true);
    expect(matchesText(below, '{"n":-4.9E-324}')).to.equal(true);
    expect(matchesText(below, '{"n":5e-324}')).to.equal(false);
    expect(matches([{ numeric: ["<", 5] }], -5e-324)).to.equal(false);
    expect(matchesText('{"n":[5e-324]}', '{"n":0.5E-323}')).to.equal(true);
    expect(matchesText('{"n":[5e-324]}', '{"n":4.9e-324}')).to.equal(false);
    expect(matchesText('{"n":[{"numeric":["=",4.9e-324]}]}', '{"n":49e-325}')).to.equal(true);
    expect(matchesText('{"n":[{"anything-but":[4.9e-324]}]}', '{"n":4.9e-324}')).to.equal(false);
  });

  it("has only the double of such a number when the event was parsed before", () => {
    expect(compile({ n: [9007199254740992] })(JSON.parse('{"n":9007199254740993}'))).to.equal(true);
    expect(compile({ n: [{ numeric: [">", 5] }] })(JSON.parse('{"n":1e400}'))).to.equal(false);
  });
});
