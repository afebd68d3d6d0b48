import { expect } from "chai";
import { requiredBy } from "../../components/bundle";

const line = (alias: string, name: string): string => `const ${alias} = require(${JSON.stringify(name)});`;
const s3 = "@aws-sdk/client-s3/dist-cjs/index.js";

describe("what a function's text may require", () => {
  for (const [what, name] of [
    ["a Pulumi package", "@pulumi/pulumi"],
    ["a part of a Pulumi package", "@pulumi/aws/s3/index.js"],
    ["a package that is no SDK client", "zod"],
    ["an SDK package that is no client", "@aws-sdk/credential-providers"],
    ["a file inside an SDK client", "@aws-sdk/client-s3/dist-cjs/commands/index.js"],
    ["a path of this machine", "./runtime/events"],
    ["a path upwards", "../runtime/events"],
  ] as const)
    it(`${what} is refused, naming the guardrail and the module`, () => {
      expect(() => requiredBy("some-guardrail", line("found", name)))
        .to.throw(Error)
        .with.property("message")
        .that.contains("some-guardrail")
        .and.contains(name);
    });

  for (const [what, text] of [
    ["a variable", "require(name)"],
    ["an expression", 'require("@aws-sdk/client-" + service)'],
    ["a template", "require(`@aws-sdk/client-s3`)"],
    ["nothing", "require()"],
  ] as const)
    it(`${what} as module name is refused, naming the guardrail`, () => {
      expect(() => requiredBy("some-guardrail", text)).to.throw(
        /some-guardrail.*only a literal module name can be bundled/,
      );
    });

  it("an SDK client is needed only for the members that are named, sorted and each once", () => {
    const text = `${line("c", s3)}\nnew c.S3Client({}); new c.GetObjectCommand(); new c.S3Client({});`;

    expect([...requiredBy("x", text)]).to.deep.equal([[s3, ["GetObjectCommand", "S3Client"]]]);
  });

  it("two names for one module are one need", () => {
    const text = `${line("client_s3_1", s3)}\n${line("client_s3_2", s3)}\nclient_s3_1.S3Client; client_s3_2.PutObjectCommand;`;

    expect([...requiredBy("x", text)]).to.deep.equal([[s3, ["PutObjectCommand", "S3Client"]]]);
  });

  it("a name is not mistaken for one that it begins", () => {
    const text = `${line("c1", s3)}\n${line("c11", "@aws-sdk/client-sns")}\nc1.S3Client; c11.SNSClient;`;

    expect(Object.fromEntries(requiredBy("x", text))).to.deep.equal({
      [s3]: ["S3Client"],
      "@aws-sdk/client-sns": ["SNSClient"],
    });
  });

  for (const [what, use] of [
    ["is passed on", "list(c);"],
    ["is indexed", 'c["S3Client"];'],
    ["is taken apart", "const { S3Client } = c;"],
  ] as const)
    it(`everything of a client is needed when it ${what}`, () => {
      expect([...requiredBy("x", `${line("c", s3)}\nc.S3Client;\n${use}`)]).to.deep.equal([
        [s3, "everything"],
      ]);
    });

  it("everything stays needed when a second name needs little", () => {
    const text = `${line("c", s3)}\n${line("d", s3)}\nlist(c); d.S3Client;`;

    expect([...requiredBy("x", text)]).to.deep.equal([[s3, "everything"]]);
  });

  it("a require inside the text counts, and a built-in is whole with and without its prefix", () => {
    const text = '{default: require("crypto")}; require("node:fs").readFileSync;';

    expect(Object.fromEntries(requiredBy("x", text))).to.deep.equal({
      crypto: "everything",
      "node:fs": "everything",
    });
  });
});
