import { expect } from "chai";
import * as pulumi from "@pulumi/pulumi";
import { defineDirect, succeeded, type Trigger } from "../../components/definition";
import { Guardrail } from "../../components/guardrail";
import { partsOf } from "../../components/parts";
import { regionsOf } from "../../components/regions";
import { deploy } from "../support/program";

const onUsers: Trigger = {
  scope: "global",
  pattern: {
    source: ["aws.iam"],
    "detail-type": ["AWS API Call via CloudTrail"],
    detail: { eventSource: ["iam.amazonaws.com"], eventName: ["CreateUser"], ...succeeded },
  },
};
const daily: Trigger = { scope: "regional", schedule: "rate(1 day)" };
const userCreated = defineDirect({
  id: "user-created",
  title: "Tell of every new user",
  why: "People sign in through the directory.",
  severity: "low",
  triggers: [onUsers, daily],
  notice: { paths: {}, lines: ["A user was created."] },
});

const placeIn = (home: string, ...others: string[]) => ({
  stack: "dev",
  partition: "aws",
  account: "123456789012",
  home,
  regions: [home, ...others],
});

const who = { trusted: { accounts: [] }, controllers: [], expected: [] };

/** Makes the guardrail alone, in a stack in this region. */
const deployIn = (home: string, ...others: string[]) =>
  deploy({}, () => {
    const text = pulumi.output("any");
    const shared = {
      place: pulumi.output(placeIn(home, ...others)),
      topicArn: text,
      ledgerArn: text,
      deadLetterQueueArn: text,
      logGroupName: text,
      logGroupArn: text,
      config: pulumi.output({ who, recipients: 1, metrics: "stack" as const, ticking: [] }),
    };
    const enabled = {
      definition: userCreated,
      mode: "notify",
      managed: "notify",
      sweep: "off",
      budget: 0,
      settings: {},
      exemptions: [],
    } as const;
    new Guardrail("user-created", { enabled, bundles: Promise.resolve({}), shared });
  });

describe("the sources of a guardrail", () => {
  it("are a rule for each trigger, named beforehand", () => {
    const { rules } = partsOf(userCreated, { stack: "dev" });

    expect(rules.map(({ name }) => name)).to.deep.equal([
      "guardrails-dev-user-created",
      "guardrails-dev-user-created-2",
    ]);
  });

  it("stand in every region that the stack covers, or in the home of global services", () => {
    const place = placeIn("eu-west-1", "us-east-1");

    expect(regionsOf("any", daily, place)).to.deep.equal(["eu-west-1", "us-east-1"]);
    expect(regionsOf("any", onUsers, place)).to.deep.equal(["us-east-1"]);
  });

  it("are refused where they would never hear of anything", async () => {
    const refused = await deployIn("eu-west-1").then(
      () => "",
      (error: Error) => error.message,
    );
    const { resources } = await deployIn("us-east-1");

    expect(resources.filter(({ type }) => type === "aws:cloudwatch/eventRule:EventRule")).to.have.length(2);
    expect(refused).to.match(
      /user-created hears of global services, which tell .* in us-east-1 only, and this stack covers eu-west-1: /,
    );
    expect(refused).to.include("pulumi config set --path guardrails.user-created off");
  });

  it("are refused beyond home, where no rule is made yet", async () => {
    const refused = await deployIn("us-east-1", "eu-west-1").then(
      () => "",
      (error: Error) => error.message,
    );

    expect(refused).to.include(
      "user-created needs a rule in eu-west-1 too, and components/sources.ts makes rules in us-east-1 only",
    );
  });
});
