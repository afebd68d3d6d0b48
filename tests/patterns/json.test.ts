import { expect } from "chai";
import fc from "fast-check";
import { parseJson } from "../../patterns";
import { holds } from "../support/random";

const textOf = (value: unknown): unknown => (typeof value === "symbol" ? value.description : value);

describe("reading JSON with its numbers as they are written", () => {
  it("gives what JSON.parse gives when every number fits", () => {
    holds(
      fc.property(fc.json(), text => void expect(parseJson(text)).to.deep.equal(JSON.parse(text))),
      { numRuns: 1000, examples: [["5e-324"], ["[-5e-324]"]] },
    );
    expect(parseJson('{"a":[1.10,1E2,-0.5e-3,123456789012345,0.1]}')).to.deep.equal({
      a: [1.1, 100, -0.0005, 123456789012345, 0.1],
    });
  });

  it("takes every double as JSON writes it for a number that fits", () => {
    const doubles = fc.oneof(fc.double(), fc.double({ min: -1e-305, max: 1e-305 }));
    holds(
      fc.property(doubles.filter(Number.isFinite), double => {
        const texts = [JSON.stringify(double), double.toExponential(), double.toExponential().toUpperCase()];
        expect(parseJson(`[${texts.join()}]`)).to.deep.equal(JSON.parse(`[${texts.join()}]`));
      }),
      { numRuns: 2000, examples: [5e-324, -5e-324, 1e-323, 2 ** -1022, -0, 1e21].map(double => [double]) },
    );
    const written = "[5E-324,0.5e-323,-0,-0.0,0e-400,0.000000000000000000000,1e21,10E+020,1e-0300]";
    expect(parseJson(written)).to.deep.equal(JSON.parse(written));
  });

  it("keeps the text of a number that a double would change", () => {
    for (const number of [
      "9007199254740993",
      "0.12345678901234567890",
      "1e309",
      "-1E+400",
      "1e-400",
      "5000000001.000000001",
      "4.9e-324",
      "-4.9e-324",
      "4.94e-324",
    ]) {
      const { a } = parseJson(`{"a":[${number}]}`) as { a: unknown[] };
      expect(textOf(a[0])).to.equal(number);
    }
  });

  it("keeps a number that is long but exact", () => {
    expect(parseJson("[9007199254740992,1000000000000000000000.00,1.7976931348623157e308]")).to.deep.equal([
      2 ** 53,
      1e21,
      Number.MAX_VALUE,
    ]);
  });

  it("leaves digits inside strings and names alone", () => {
    const text = '{"9007199254740993":"9007199254740993","a":"\\"1e400","b":1e400}';
    const read = parseJson(text) as Record<string, unknown>;
    expect(read).to.include({ "9007199254740993": "9007199254740993", a: '"1e400' });
    expect(textOf(read.b)).to.equal("1e400");
  });

  it("keeps strings that look like its own marks", () => {
    const read = parseJson('{"a":"number 5","b":"number !5","c":1e999}') as Record<string, unknown>;
    expect(read).to.include({ a: "number 5", b: "number !5" });
    expect(textOf(read.c)).to.equal("1e999");
  });

  it("refuses what JSON.parse refuses", () => {
    for (const text of ["", "{", "[01]", "[1e999e1]", "[--1e999]", "[1.2.3456789012345678]", "nope"]) {
      expect(() => parseJson(text), text).to.throw(SyntaxError);
    }
  });
});
