import { expect } from "chai";
import { compile, explain, parseJson, ruleSet, validate } from "../../patterns";
import type { Line } from "../oracle/lines";
import { hasRecordedLines, invalidLines, madeUpLines, recordedLines } from "../oracle/lines";

const disagreements = (lines: Line[], judge: (line: Line) => boolean): string[] =>
  lines.filter(line => judge(line) !== line.match).map(line => line.text.slice(0, 500));

const fromParsed = ({ pattern, event }: Line): boolean => compile(pattern)(event);
const fromText = ({ text }: Line): boolean => {
  const line = parseJson(text) as Line;
  return compile(line.pattern)(line.event);
};

const strataOf = (lines: Line[]): Map<string, Line[]> => {
  const strata = new Map<string, Line[]>();
  for (const line of lines) strata.set(line.stratum, [...(strata.get(line.stratum) ?? []), line]);
  return strata;
};

const agreesEverywhere = (lines: Line[]): void => {
  for (const [stratum, inStratum] of strataOf(lines)) {
    it(`agrees with AWS's engine on every ordinary line of ${stratum}`, () => {
      const ordinary = inStratum.filter(line => line.marks.length === 0);
      expect(ordinary.length + inStratum.filter(line => line.marks.length > 0).length).to.be.greaterThan(40);
      expect(disagreements(ordinary, fromParsed)).to.deep.equal([]);
    });
  }
};

describe("event patterns beside AWS's engine", () => {
  const lines = madeUpLines();
  agreesEverywhere(lines);

  it("agrees on lines whose numbers no double holds, given the text", () => {
    const raw = lines.filter(line => line.marks.includes("rawNumbers") || line.marks.includes("jsonNode"));
    expect(raw).to.have.lengthOf.above(200);
    expect(disagreements(raw, fromText)).to.deep.equal([]);
  });

  it("agrees on lines that look like the engine's oddities, but for numbers in a block of addresses", () => {
    const odd = lines.filter(line => /fold|address|quote|key/.test(line.marks.join()));
    const differing = disagreements(odd, fromText);
    expect(odd).to.have.lengthOf.above(900);
    expect(differing.filter(text => !text.includes('{"cidr":'))).to.deep.equal([]);
    expect(differing).to.have.lengthOf.below(20);
  });

  it("finds with all patterns of a stratum in one rule set what each finds alone", () => {
    for (const inStratum of strataOf(lines).values()) {
      const rules = inStratum.map(line => [line.id, line.pattern] as const);
      const alone = rules.map(([id, pattern]) => [id, compile(pattern)] as const);
      const { match } = ruleSet(rules);
      for (const { event } of inStratum.filter((_line, index) => index % 20 === 0)) {
        expect(match(event)).to.deep.equal(alone.flatMap(([id, matches]) => (matches(event) ? [id] : [])));
      }
    }
  });

  it("explains what it decides", () => {
    for (const { pattern, event, text } of lines.filter((_line, index) => index % 5 === 0)) {
      const { matches, reasons } = explain(pattern, event);
      expect(matches, text).to.equal(compile(pattern)(event));
      expect(reasons, text).to.not.be.empty;
    }
  });
});

describe("event patterns on recorded events beside AWS's engine", () => {
  if (hasRecordedLines) agreesEverywhere(recordedLines());
  else it.skip("skipped: no recorded events beside the project (GUARDRAILS_SHARED names their folder)");
});

describe("patterns that AWS's engine refuses", () => {
  const kinds = new Map<string, string[]>();
  for (const { id, text } of invalidLines()) {
    const kind = id.replace(/\/.*/, "");
    kinds.set(kind, [...(kinds.get(kind) ?? []), text]);
  }
  for (const [kind, texts] of kinds) {
    it(`are refused with their place: ${kind}`, () => {
      for (const text of texts) {
        const { pattern } = parseJson(text) as Line;
        const { valid, errors } = validate(pattern);
        expect(valid, text).to.equal(false);
        for (const { path, message } of errors)
          expect(message.startsWith(path) && path !== "", message).to.equal(true);
        expect(() => compile(pattern)).to.throw(errors[0].message);
      }
    });
  }
});
