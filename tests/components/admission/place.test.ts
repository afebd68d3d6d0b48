import { expect } from "chai";
import * as pulumi from "@pulumi/pulumi";
import { everything } from "../../support/everything";
import { deploy } from "../../support/program";

describe("an account that cannot be looked up", () => {
  for (const preview of [true, false])
    it(`is one sentence without a trace, and nothing is made, at ${preview ? "a preview" : "an up"}`, async () => {
      const unanswered = "no valid credential sources for AWS Provider found";

      const error = await deploy(
        { ...everything(), "aws-event-guardrails:adminSecurityGroupId": "sg-0123456789abcdef0" },
        undefined,
        "dev",
        { preview, unanswered },
      ).then(
        () => undefined,
        (reason: unknown) => reason,
      );

      expect(error).to.satisfy((one: Error) => pulumi.RunError.isInstance(one));
      const { message } = error as Error;
      expect(message.split(unanswered)).to.have.length(2);
      expect(message).to.match(/^The account and region cannot be looked up: /);
      expect(message).to.include("pulumi config set aws:region <region>");
    });
});
