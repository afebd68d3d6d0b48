import { expect } from "chai";
import type { Happening } from "../../../sandbox/ground/journal";
import { steps } from "../../../sandbox/play/scenario";
import { canColour, createTimeline, explain } from "../../../sandbox/play/timeline";

const guardrail =
  "arn:aws:sts::123456789012:assumed-role/guardrails-dev-use1-vpc-created/guardrails-dev-vpc-created";
const call = (at: number, principal: string, operation: string): Happening => ({
  at,
  kind: "call",
  id: "1",
  service: "ec2",
  operation,
  region: "us-east-1",
  principal,
  ms: 5,
});
const mail: Happening = {
  at: 2_000,
  kind: "mail",
  to: "ada@example.com",
  subject: "[high] Fixed",
  body: "What happened\n  Something\n",
  topicArn: "arn:aws:sns:us-east-1:123456789012:notices",
  attributes: {},
};

function shown(
  happenings: readonly Happening[],
  options: { colour?: boolean; mail?: boolean; live?: boolean } = {},
): string[] {
  const lines: string[] = [];
  const timeline = createTimeline({
    write: line => lines.push(line),
    colour: false,
    mail: false,
    live: false,
    ...options,
  });
  happenings.forEach(timeline.happen);
  return lines;
}

describe("the timeline", () => {
  it("shows times relative to the first call, in columns", () => {
    const lines = shown([
      call(1_000, "arn:aws:iam::123456789012:user/ada", "CreateVpc"),
      call(1_250, guardrail, "DescribeVpcs"),
    ]);
    expect(lines).to.deep.equal([
      "  +0.00 s  ada                         ec2 CreateVpc",
      "  +0.25 s  vpc-created                 ec2 DescribeVpcs",
    ]);
  });

  it("hides what people only read, and shows what guardrails read", () => {
    expect(shown([call(1_000, "arn:aws:iam::123456789012:user/ada", "DescribeVpcs")])).to.deep.equal([]);
    expect(shown([call(1_000, guardrail, "DescribeVpcs")])).to.have.length(1);
  });

  it("shows an audit line as its outcome, and no other log line", () => {
    const log = (line: string): Happening => ({
      at: 1_000,
      kind: "log",
      functionName: "f",
      requestId: "1",
      line,
    });
    const audit = JSON.stringify({
      audit: 1,
      guardrail: "vpc-created",
      outcome: "held",
      resource: "arn:aws:ec2:us-east-1:1:vpc/vpc-1",
      because: "it is paused",
    });
    expect(shown([log(audit), log('{"_aws":{}}'), log("no JSON")])).to.deep.equal([
      "  +0.00 s  vpc-created                 held: vpc-1 (it is paused)",
    ]);
  });

  it("names the action of what was put right, as undo takes it", () => {
    const audit = {
      audit: 1,
      guardrail: "vpc-created",
      outcome: "remediated",
      resource: "arn:aws:ec2:us-east-1:1:vpc/vpc-1",
      action: "6204a434f0ef27f80f19",
    };
    const line = JSON.stringify(audit);
    expect(shown([{ at: 1_000, kind: "log", functionName: "f", requestId: "1", line }])).to.deep.equal([
      "  +0.00 s  vpc-created                 remediated: vpc-1, action 6204a434f0ef27f80f19",
    ]);
  });

  it("shows a tick as one of a guardrail's timer, and times from two minutes on as minutes and seconds", () => {
    const tick = (at: number): Happening => ({
      at,
      kind: "event",
      eventId: "1",
      event: { "detail-type": "Scheduled Event" },
      rules: ["guardrails-dev-vpc-created-tick"],
    });
    expect(shown([tick(1_000), tick(301_250)])).to.deep.equal([
      "  +0.00 s  timer                       tick of vpc-created",
      " +5:00.25  timer                       tick of vpc-created",
    ]);
  });

  it("prints a whole mail only on request", () => {
    expect(shown([mail])).to.have.length(1);
    expect(shown([mail], { mail: true }).map(line => line.trim())).to.include.members([
      "│ What happened",
      "│   Something",
    ]);
  });

  it("starts anew with each call of a person when it only watches", () => {
    const ada = "arn:aws:iam::123456789012:user/ada";
    const lines = shown([call(1_000, ada, "CreateVpc"), call(9_000, ada, "DeleteVpc")], { live: true });
    expect(lines.map(line => line.slice(0, 9))).to.deep.equal(["  +0.00 s", "  +0.00 s"]);
  });

  it("colours for a terminal, never into a pipe, for a dumb terminal, or against NO_COLOR", () => {
    expect(canColour({ isTTY: true }, {})).to.equal(true);
    expect(canColour({ isTTY: false }, {})).to.equal(false);
    expect(canColour({ isTTY: true }, { NO_COLOR: "1" })).to.equal(false);
    expect(canColour({ isTTY: true }, { TERM: "dumb" })).to.equal(false);
    expect(shown([mail], { colour: true })[0]).to.contain("\u001b[");
    expect(shown([mail])[0]).not.to.contain("\u001b[");
  });

  it("says of a wrong end what was looked at, what was wanted and what is there, each on its own line", () => {
    expect(explain({ what: "the group's rules", wanted: [], got: ["22 from 0.0.0.0/0"] })).to.deep.equal([
      "the group's rules",
      "  wanted: []",
      "  got:    [ '22 from 0.0.0.0/0' ]",
    ]);
  });
});

describe("the scenario", () => {
  it("has a name of its own for each step, which scripts can use", () => {
    const names = steps.map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
    for (const name of names) expect(name).to.match(/^[a-z]+(-[a-z]+)*$/);
  });
});
