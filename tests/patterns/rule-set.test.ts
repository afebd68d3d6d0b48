import { expect } from "chai";
import fc from "fast-check";
import { compile, ruleSet } from "../../patterns";
import { holds } from "../support/random";

const rules = ruleSet<string>([
  ["creates", { source: ["aws.s3"], detail: { eventName: ["CreateBucket"] } }],
  ["puts", { source: ["aws.s3"], detail: { eventName: [{ prefix: "Put" }, "DeleteBucket"] } }],
  [
    "big",
    {
      source: ["aws.ec2"],
      detail: { eventName: ["RunInstances"], count: [{ numeric: [">=", 9007199254740992] }] },
    },
  ],
  ["small", { source: ["aws.ec2"], detail: { eventName: ["RunInstances"], count: [{ numeric: ["<", 5] }] } }],
  [
    "any of two",
    { $or: [{ source: ["aws.ec2"] }, { source: ["aws.s3"], detail: { eventName: ["PutBucketAcl"] } }] },
  ],
  ["odd", { source: ["aws.s3"], detail: { eventName: ['Quoted "name"'] } }],
]);
const call = (source: string, eventName: unknown, more = {}): object => ({
  source,
  detail: { eventName, ...more },
});

describe("a rule set", () => {
  it("finds all rules that match, in their order, each once", () => {
    expect(rules.match(call("aws.s3", "PutBucketAcl"))).to.deep.equal(["puts", "any of two"]);
    expect(rules.match(call("aws.ec2", "RunInstances", { count: 1 }))).to.deep.equal(["small", "any of two"]);
    expect(rules.match(call("aws.s3", ["CreateBucket", "CreateBucket", "DeleteBucket"]))).to.deep.equal([
      "creates",
      "puts",
    ]);
    expect(rules.match(call("aws.iam", "CreateUser"))).to.deep.equal([]);
    expect(rules.match("no object")).to.deep.equal([]);
  });

  it("finds the same from text however the JSON is written", () => {
    const texts = [
      '{"source":"aws.s3","detail":{"eventName":"CreateBucket"}}',
      '\n { "source" : "aws.s3" , "detail" : { "eventName"\t:\r\n"CreateBucket" } } \n',
      '{"source":"aws.s3","detail.eventName":"CreateBucket"}',
      '{"source":"aws.s3","detail":{"\\u0065ventName":"CreateBucket"}}',
      '{"source":"aws.s3","detail":{"eventName":"Create\\u0042ucket"}}',
      '{"source":["aws.s3"],"detail":[{"eventName":["x",["CreateBucket"]]}]}',
      '{"x":{"eventName":"Other"},"source":"aws.s3","detail":{"eventName":"CreateBucket"}}',
    ];
    for (const text of texts) expect(rules.matchText(text), text).to.deep.equal(["creates"]);
    expect(rules.matchText(JSON.stringify(call("aws.s3", 'Quoted "name"')))).to.deep.equal(["odd"]);
    expect(rules.matchText('{"source":"aws.s3","detail":{"eventname":"CreateBucket"}}')).to.deep.equal([]);
  });

  it("finds a rule behind names and strings that are written with escapes", () => {
    const one = ruleSet([["only", { detail: { eventName: ["CreateBucket"] } }]]);
    for (const text of [
      '{"detail":{"event\\u004eame":"CreateBucket"}}',
      '{"detail":{"eventName":"Create\\u0042ucket"}}',
    ]) {
      expect(one.matchText(text), text).to.deep.equal(["only"]);
    }
    expect(one.matchText('{"detail":{"eventName":"DeleteBucket"}}')).to.deep.equal([]);
  });

  it("finds from text what asks for the start of a string, and parses no event without one", () => {
    const { matchText } = ruleSet([
      ["only", { detail: { eventName: [{ prefix: "Put" }, { wildcard: "Delete*Policy" }, "Tag"] } }],
    ]);
    for (const name of ['"PutUser"', '"Put"', '"DeleteRolePolicy"', '"Tag"', '["x","Put"]', '"\\u0050ut"']) {
      expect(matchText(`{"detail":{"eventName":${name}}}`), name).to.deep.equal(["only"]);
    }
    expect(matchText('{"detail":{"eventName":"DeleteRole"}}')).to.deep.equal([]);
    expect(matchText('{"detail":{"eventName":"Tags"},no JSON}')).to.deep.equal([]);
    expect(() => matchText('{"detail":{"eventName":"Puts"},no JSON}')).to.throw(SyntaxError);
  });

  it("compares numbers by their text where it has the text", () => {
    const text = '{"source":"aws.ec2","detail":{"eventName":"RunInstances","count":9007199254740993}}';
    expect(rules.matchText(text)).to.deep.equal(["any of two"]);
    expect(rules.match(JSON.parse(text))).to.deep.equal(["big", "any of two"]);
  });

  it("throws on text that is no JSON object, also when no rule could match", () => {
    for (const text of [
      "",
      "nonsense",
      '{"source":"aws.iam"',
      '{"source":"aws.s3","detail":{"eventName":"CreateBucket"}}}',
    ]) {
      expect(() => rules.matchText(text), text).to.throw(SyntaxError);
    }
  });

  it("throws on an invalid pattern", () => {
    expect(() => ruleSet([["bad", { source: [] }]])).to.throw("source is an empty list");
  });

  it("finds each of a thousand rules among the others", () => {
    const many = ruleSet(
      Array.from({ length: 1000 }, (_, index) => {
        const own = [
          [`name-${index}`],
          [{ prefix: `name-${index}!` }],
          [{ wildcard: `name-${index}?*` }],
          [{ suffix: `-${index}` }],
        ][index % 4];
        return [index, { source: ["aws.s3"], detail: { region: [`r${index % 7}`], name: own } }] as const;
      }),
    );
    const tails = ["", "!", "?x", ""];
    for (let index = 0; index < 1000; index++) {
      const found = many.match({
        source: "aws.s3",
        detail: { region: `r${index % 7}`, name: `name-${index}${tails[index % 4]}` },
      });
      expect(found, String(index)).to.deep.equal([index]);
    }
  });

  it("keeps rules with a field in common apart where only one ties it to another field of the same list", () => {
    const alone = { items: { key: ["x"] } };
    const tied = { items: { key: ["x"], value: ["y"] } };
    const event = { items: [{ key: "x" }, { value: "y" }] };
    for (const [first, second] of [
      [alone, tied],
      [tied, alone],
    ]) {
      const { match } = ruleSet([first, second].map(pattern => [pattern, pattern] as const));
      expect(match(event)).to.deep.equal([alone]);
      expect(match({ items: [{ key: "x", value: "y" }] })).to.deep.equal([first, second]);
    }
  });

  it("finds of many rules those with the same part, and those that ask for the whole string by its mark", () => {
    const other = Array.from({ length: 50 }, (_, index) => [index, [{ suffix: `-other-${index}` }]] as const);
    const { match } = ruleSet(
      [
        ...other,
        ["part", [{ wildcard: "*/admin*" }]] as const,
        ["same part", [{ wildcard: "*/admin*" }, { suffix: "-admin" }]] as const,
        ["whole", [{ suffix: '"arn/admin' }]] as const,
      ].map(([name, arn]) => [name, { arn }] as const),
    );
    expect(match({ arn: "arn/admin" })).to.deep.equal(["part", "same part", "whole"]);
    expect(match({ arn: ["an/arn/admin-other-7", "x"] })).to.deep.equal([7, "part", "same part"]);
    expect(match({ arn: ["-admin", "adm", 5, null] })).to.deep.equal(["same part"]);
  });

  it("finds of many rules by parts of a string those that match alone", () => {
    const text = (minLength: number) =>
      fc.string({ unit: fc.constantFrom("a", "b", "-", '"', "é", "漢", "🚀"), minLength, maxLength: 8 });
    const condition = fc.oneof(
      text(3).map(part => ({ wildcard: `*${part}*` })),
      fc.tuple(text(1), text(4)).map(([head, part]) => ({ wildcard: `*${head}*${part}\\*` })),
      text(4).map(suffix => ({ suffix })),
      text(4).map(prefix => ({ prefix })),
      text(4),
    );
    const rules = fc.array(fc.tuple(fc.array(condition, { minLength: 1, maxLength: 2 }), text(0)), {
      minLength: 36,
      maxLength: 40,
    });
    let matched = 0;
    holds(
      fc.property(rules, fc.nat(), ([...each], at) => {
        const patterns = each.map(([conditions]) => ({ name: [{ wildcard: "*漢漢漢漢*" }, ...conditions] }));
        const [[first], before] = each[at % each.length];
        const own = typeof first === "string" ? first : Object.values(first)[0].replace(/\\?\*/g, "*");
        const event = { name: [5, `${before}${own}${before}`, own] };
        const alone = patterns.flatMap((pattern, index) => (compile(pattern)(event) ? [index] : []));
        matched += alone.length;
        expect(ruleSet(patterns.map((pattern, index) => [index, pattern])).match(event)).to.deep.equal(alone);
      }),
      { numRuns: 100 },
    );
    expect(matched).to.be.greaterThan(100);
  });
});
