import { expect } from "chai";
import {
  containsUnknown,
  decode,
  decodeProperties,
  encodeProperties,
  signatureKey,
  unknownValue,
} from "../../../sandbox/pulumi/values";
import { describeUrn, programError } from "../../../sandbox/pulumi/engine/diagnostics";
import { urnOf } from "../../../sandbox/pulumi/engine/registrations";

const secret = (value: unknown) => ({ [signatureKey]: "1b47061264138c4ac30d75fd1eb44270", value });
const reference = (parts: object) => ({ [signatureKey]: "5cf8f73096256a8f31e491e813e4eb8e", ...parts });
const output = (parts: object) => ({ [signatureKey]: "d0e6a833031e9bbcd3f4e8bde6ca49a4", ...parts });
const asset = { [signatureKey]: "c44067f5952c0a294b673a41bacd8c17", text: "x" };

describe("a property value of Pulumi's protocol", () => {
  it("is taken out of its secret wrapper wherever that is, and remembered as secret", () => {
    expect(decode({ list: [1, secret({ deep: secret("x") })] })).to.deep.equal({
      value: { list: [1, { deep: "x" }] },
      secret: true,
      unknown: false,
    });
  });

  it("stands for a resource's id, or for a component's URN", () => {
    expect(decode(reference({ urn: "urn:topic", id: "arn:topic" })).value).to.equal("arn:topic");
    expect(decode(reference({ urn: "urn:component" })).value).to.equal("urn:component");
  });

  it("may be an output, whose value may be missing", () => {
    expect(decode(output({ value: [1], secret: true }))).to.deep.equal({
      value: [1],
      secret: true,
      unknown: false,
    });
    expect(decode(output({ dependencies: [] }))).to.deep.equal({
      value: unknownValue,
      secret: false,
      unknown: true,
    });
  });

  it("is unknown if some part of it is", () => {
    expect(containsUnknown({ a: [{ b: secret(unknownValue) }] })).to.equal(true);
    expect(containsUnknown({ a: [{ b: secret("known") }] })).to.equal(false);
  });

  it("keeps assets as they are", () => {
    expect(decode({ file: asset }).value).to.deep.equal({ file: asset });
  });

  it("with a signature that nobody defined is refused", () => {
    expect(() => decode({ [signatureKey]: "1234" })).to.throw('unknown signature "1234"');
  });
});

describe("a resource's properties", () => {
  it("are told without those that are null, and with the names of the secret ones", () => {
    expect(decodeProperties({ a: secret(1), b: null, c: "c" })).to.deep.equal({
      values: { a: 1, c: "c" },
      secrets: ["a"],
    });
  });

  it("are answered without those that are undefined, the secret ones wrapped", () => {
    expect(encodeProperties({ a: 1, b: undefined, c: null }, ["a"])).to.deep.equal({ a: secret(1), c: null });
  });
});

describe("a URN", () => {
  const own = { stack: "dev", project: "p", type: "aws:sns/topic:Topic", name: "t" };

  it("lists the types of all ancestors but the stack", () => {
    const stack = "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev";
    const outer = urnOf({ ...own, type: "p:index:Outer", parent: stack });
    const inner = urnOf({ ...own, type: "p:index:Inner", parent: outer });

    expect(outer).to.equal("urn:pulumi:dev::p::p:index:Outer::t");
    expect(urnOf({ ...own, parent: inner })).to.equal(
      "urn:pulumi:dev::p::p:index:Outer$p:index:Inner$aws:sns/topic:Topic::t",
    );
  });

  it("is shown to people as type and name", () => {
    expect(describeUrn("urn:pulumi:dev::p::p:index:Outer$aws:sns/topic:Topic::a::b")).to.equal(
      'aws:sns/topic:Topic "a::b"',
    );
  });
});

describe("the error of a failed run", () => {
  it("says each error once and leaves out what was only told", () => {
    const error = { severity: "error", message: "wrong" } as const;

    const { message } = programError([error, { severity: "info", message: "hello" }, error], 1, ["hello"]);

    expect(message).to.equal("wrong");
  });

  it("shows the program's last lines when there is no error to show", () => {
    expect(programError([], 3, ["last words"]).message).to.equal(
      "the program ended with exit code 3 and no error message\nlast words",
    );
  });
});
