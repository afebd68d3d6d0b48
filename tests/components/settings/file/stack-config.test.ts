import { expect } from "chai";
import * as pulumi from "@pulumi/pulumi";
import { readStackConfig } from "../../../../components/settings/file/stack-config";

/*
 * Every expectation was checked against Pulumi 3.248.0's own reader, `workspace.LoadProjectStackBytes` and
 * `config.Map.Decrypt` of github.com/pulumi/pulumi/sdk/v3, compiled and fed the same text:
 * sdk/go/common/workspace/loaders.go, sdk/go/common/resource/config/object.go, and gopkg.in/yaml.v3 v3.0.1.
 */
const read = (text: string) => readStackConfig(text, "proj");
const readValue = (value: string) => read(`config:\n  key: ${value}\n`)["proj:key"];
const readTable = (rows: readonly (readonly [written: string, arrives: string])[]) => {
  for (const [written, arrives] of rows) expect(readValue(written), written).to.equal(arrives);
};

describe("reading Pulumi.<stack>.yaml as Pulumi does", () => {
  describe("one unquoted value (yaml.v3 resolve.go)", () => {
    it("turns a date into Go's way of printing a time", () =>
      readTable([
        ["2027-01-31", "2027-01-31 00:00:00 +0000 UTC"],
        ["2027-1-3", "2027-01-03 00:00:00 +0000 UTC"],
        ["2027-01-31T10:00:00Z", "2027-01-31 10:00:00 +0000 UTC"],
        ["2027-01-31T1:2:3Z", "2027-01-31 01:02:03 +0000 UTC"],
        ["2027-01-31 10:00:00.5", "2027-01-31 10:00:00.5 +0000 UTC"],
        ["2027-01-31t10:00:00.120+02:00", "2027-01-31 10:00:00.12 +0200 +0200"],
        ["2027-01-31T10:00:00.1234567891Z", "2027-01-31 10:00:00.123456789 +0000 UTC"],
      ]));

    it("leaves what only looks like a date as it is", () =>
      readTable([
        ["2027-02-30", "2027-02-30"],
        ["2027-13-01", "2027-13-01"],
        ["2027-01-31T24:00:00Z", "2027-01-31T24:00:00Z"],
        ["2027-01-31T10:00Z", "2027-01-31T10:00Z"],
        ["2027-01-31 10:00:00Z", "2027-01-31 10:00:00Z"],
        ["'2027-01-31'", "2027-01-31"],
      ]));

    it("keeps off, on, yes and no as text: only true and false are booleans", () =>
      readTable([
        ["off", "off"],
        ["Off", "Off"],
        ["on", "on"],
        ["yes", "yes"],
        ["n", "n"],
        ["false", "false"],
        ["FALSE", "false"],
        ["fAlse", "fAlse"],
      ]));

    it("loses the leading zeros of an account number, and reads one of octal digits as octal", () =>
      readTable([
        ["123456789012", "123456789012"],
        ["012345678901", "12345678901"],
        ["000123456789", "123456789"],
        ["012345670123", "1402433619"],
        ['"012345678901"', "012345678901"],
      ]));

    it("reads numbers in Go's notations", () =>
      readTable([
        ["017", "15"],
        ["0o17", "15"],
        ["08", "8"],
        ["0x1F", "31"],
        ["-0b11", "-3"],
        ["1_000", "1000"],
        ["+12", "12"],
        ["-0", "0"],
        ["1.50", "1.5"],
        ["1.0", "1"],
        [".5", "0.5"],
        ["1e3", "1000"],
        ["0o8", "0o8"],
        ["12:30", "12:30"],
        ["1,000", "1,000"],
        ["1e400", "1e400"],
      ]));

    it("leaves what begins with a point and has an underscore as text", () =>
      readTable([
        ["[._5, .1_, .5]", '["._5",".1_",0.5]'],
        ["._5", "._5"],
      ]));

    it("keeps integers beyond JavaScript's exact", () =>
      readTable([
        ["9007199254740993", "9007199254740993"],
        ["9223372036854775808", "9223372036854775808"],
        ["123456789012345678901234567890", "1.2345678901234568e+29"],
        ["18446744073709551615", "18446744073709551615"],
        ["[9223372036854775807, 18446744073709551615]", "[9223372036854775807,18446744073709552000]"],
        ["[9007199254740993, 1e20, 1e21, 1e-7]", "[9007199254740993,100000000000000000000,1e+21,1e-7]"],
      ]));

    it("reads nothing, null and ~ as the empty text at the top level and as null inside a list", () => {
      readTable([
        ["", ""],
        ["null", ""],
        ["~", ""],
        ["nUll", "nUll"],
      ]);
      expect(read("config:\n  key:\n    a:\n    - b\n    -\n")).to.deep.equal({
        "proj:key": '{"a":["b",null]}',
      });
    });

    it("keeps quoted, block and !!str values as they are written", () =>
      readTable([
        ['"off"', "off"],
        ["'22'", "22"],
        ["[ '22', 22 ]", '["22",22]'],
        ["|\n    off\n", "off\n"],
        ["{ x: !!str 012 }", '{"x":"012"}'],
      ]));
  });

  describe("maps and lists (object.go MarshalString)", () => {
    it("arrive as JSON text with sorted keys, in Go's escapes", () =>
      readTable([
        ["{ b: 1, a: off, B: 2027-01-31 }", '{"B":"2027-01-31 00:00:00 +0000 UTC","a":"off","b":1}'],
        ["{ a: <b>&c }", '{"a":"\\u003cb\\u003e\\u0026c"}'],
        ["[]", "[]"],
        ["{}", "{}"],
      ]));

    it("print keys that are not text as Go prints them", () =>
      readTable([
        [
          "{ 22: x, true: y, ~: z, 1.5: w, off: v }",
          '{"1.5":"w","22":"x","\\u003cnil\\u003e":"z","off":"v","true":"y"}',
        ],
        ["{ 012345678901: a }", '{"1.2345678901e+10":"a"}'],
      ]));

    it("follow anchors and merges, where a map's own keys win and then the earliest", () =>
      expect(
        read("config:\n  k: &x { a: 1, c: 3 }\n  l: { a: 2, <<: [*x, { c: 9, d: 4 }] }\n"),
      ).to.deep.equal({ "proj:k": '{"a":1,"c":3}', "proj:l": '{"a":2,"c":3,"d":4}' }));
  });

  describe("keys (key.go ParseKey, loaders.go stackConfigNamespacedWithProject)", () => {
    it("get the project's namespace when they are bare", () =>
      expect(
        read("config:\n  aws:region: us-east-1\n  bare: x\n  proj:full: y\n  other:config:old: z\n"),
      ).to.deep.equal({ "aws:region": "us-east-1", "proj:bare": "x", "proj:full": "y", "other:old": "z" }));

    it("with too many colons, or that are numbers or booleans, are refused", () => {
      expect(() => read("config:\n  a:b:c: x\n")).to.throw("could not parse a:b:c as a configuration key");
      expect(() => read("config:\n  22: x\n")).to.throw("could not parse 22 as a configuration key");
      expect(() => read("config:\n  true: x\n")).to.throw("could not parse true as a configuration key");
    });
  });

  describe("the file", () => {
    it("without config has none", () => {
      for (const text of ["", "# only a comment\n", "config:\n", "config: {}\n", "encryptionsalt: v1:abc\n"])
        expect(read(text), JSON.stringify(text)).to.deep.equal({});
    });

    it("may start with a byte-order mark, name an older YAML, or hold further documents", () => {
      expect(read("\ufeffconfig:\n  k: 1\n")).to.deep.equal({ "proj:k": "1" });
      expect(read("%YAML 1.1\n---\nconfig:\n  k: off\n")).to.deep.equal({ "proj:k": "off" });
      expect(read("config:\n  k: 1\n---\nconfig:\n  k: 2\n")).to.deep.equal({ "proj:k": "1" });
    });

    it("is refused when it is not YAML, repeats a key or has another shape", () => {
      expect(() => read("config:\n  k: [1\n")).to.throw("not YAML");
      expect(() => read("config:\n  k: 1\n  k: 2\n")).to.throw("Map keys must be unique");
      expect(() => read("config:\n  k: *x\n")).to.throw("*x: there is no anchor of this name");
      expect(() => read("config:\n  k: &x [*x]\n")).to.throw("an anchor contains itself");
      expect(() => read("config: 5\n")).to.throw("`config` is not a map");
      expect(() => read("5\n")).to.throw("the stack file is not a map");
      expect(() => read("config:\n  k: .inf\n")).to.throw(".inf has no place in config");
      expect(() => read("config:\n  k: { <<: 5 }\n")).to.throw("`<<` merges a map");
    });

    it("is refused for what only Pulumi's own services can answer, naming the place", () => {
      expect(() => read("config:\n  a:\n    secure: abc\n  b: { list: [x, { secure: d }] }\n")).to.throw(
        "proj:a, proj:b.list[1]: a secret that only its stack's key can decrypt",
      );
      expect(() => read("environment: [dev]\nconfig:\n  k: 1\n")).to.throw("Pulumi ESC");
      expect(() => read("config:\n  k: !!binary aGk=\n")).to.throw("YAML tag");
      expect(readValue("{ secure: 1 }"), "not a secret: its value is no text").to.equal('{"secure":1}');
    });
  });

  after(() => pulumi.runtime.setAllConfig({}));

  it("gives what pulumi.Config answers from", () => {
    const config = read("config:\n  list: [a, b]\n  count: 017\n  on: FALSE\n  aws:region: us-east-1\n");

    pulumi.runtime.setAllConfig(config);

    const stack = new pulumi.Config("proj");
    expect(stack.getObject("list")).to.deep.equal(["a", "b"]);
    expect(stack.getNumber("count")).to.equal(15);
    expect(stack.getBoolean("on")).to.equal(false);
    expect(new pulumi.Config("aws").get("region")).to.equal("us-east-1");
  });
});
