import { expect } from "chai";
import * as pulumi from "@pulumi/pulumi";
import { stackNameInWords } from "../../../components/admission/stack-name";
import { catalogue } from "../../../components/guardrails";
import { roleName } from "../../../runtime/names";
import { everything } from "../../support/everything";
import { deploy } from "../../support/program";

const all = catalogue.map(definition => ({ definition, mode: "enforce" as const }));
const deployed = (stack: string, preview = false) =>
  deploy(
    { ...everything(), "aws-event-guardrails:adminSecurityGroupId": "sg-0123456789abcdef0" },
    undefined,
    stack,
    { preview },
  );

describe("a stack's name", () => {
  it("may be as long as the longest name that is made of it, a role's in a region such as Singapore", async () => {
    const longest = "x".repeat(19);

    const { resources } = await deployed(longest);
    const names = resources.map(({ inputs }) => String(inputs.name ?? ""));

    // The role of us-east-1, and a timer.
    expect(Math.max(...names.map(name => name.length))).to.equal(63);
    expect(stackNameInWords(longest, all)).to.equal(undefined);
    for (const { definition } of all) {
      const name = roleName({ stack: longest, home: "ap-southeast-1" }, definition.id);
      expect(name.length).to.be.at.most(64);
    }
    expect(() =>
      roleName({ stack: `${longest}x`, home: "ap-southeast-1" }, "security-group-open-ingress"),
    ).to.throw("65 characters long, AWS allows 64");
  });

  it("leaves room for a stack of thirteen characters, whatever of the catalogue is on", () => {
    expect(stackNameInWords("x".repeat(13), all)).to.equal(undefined);
  });

  it("is refused when it is longer, with the most that it may have and a name that does", () => {
    expect(stackNameInWords("production-of-europe1", all)).to.equal(
      'stack "production-of-europe1": its name has 21 characters, and 19 is the most, since AWS allows 64 for names such as guardrails-production-of-europe1-apse1-security-group-open-ingress. Make the stack under a shorter name: pulumi stack init production-of-europ',
    );
  });

  it("may be longer where what is enabled has shorter names", () => {
    const some = all.filter(({ definition }) => definition.id !== "security-group-open-ingress");
    expect(stackNameInWords("production-of-europe1", some)).to.equal(undefined);
  });

  it("is refused with a period in it, which Pulumi takes and AWS does not", () => {
    expect(stackNameInWords("prod.eu", [])).to.equal(
      'stack "prod.eu": AWS takes letters, digits, - and _ in the names that are made of it, and no ".". Make the stack under another name: pulumi stack init prod-eu',
    );
  });

  for (const preview of [true, false])
    it(`is refused before anything is made, as a sentence without a trace, at ${preview ? "a preview" : "an up"}`, async () => {
      const error = await deployed("prod.eu", preview).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).to.satisfy((one: Error) => pulumi.RunError.isInstance(one));
      expect((error as Error).message).to.match(/^stack "prod\.eu": /);
    });
});
