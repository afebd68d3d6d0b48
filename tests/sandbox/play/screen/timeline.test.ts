import { expect } from "chai";
import type { Happening } from "../../../../sandbox/ground/journal";
import { chosen } from "../../../../sandbox/play/plan";
import { steps } from "../../../../sandbox/play/scenario";
import { canColour, createTimeline, explain } from "../../../../sandbox/play/screen/timeline";

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
  options: { colour?: boolean; mail?: boolean; live?: boolean; columns?: number; stack?: string } = {},
): string[] {
  const lines: string[] = [];
  const timeline = createTimeline({
    write: line => lines.push(line),
    colour: false,
    mail: false,
    live: false,
    quiet: false,
    stack: "dev",
    ...options,
  });
  happenings.forEach(timeline.happen);
  timeline.line("");
  return lines.slice(0, -1);
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
    expect(lines.map(line => line.slice(0, 9))).to.deep.equal(["  +0.00 s", "", "  +0.00 s"]);
  });

  it("never goes back: a call is known after what it set off", () => {
    const ada = "arn:aws:iam::123456789012:user/ada";
    const lines = shown([
      call(1_000, ada, "CreateVpc"),
      call(4_060, guardrail, "DescribeVpcs"),
      call(3_980, ada, "DeleteVpc"),
    ]);
    expect(lines.map(line => line.slice(0, 9))).to.deep.equal(["  +0.00 s", "  +3.06 s", "  +3.06 s"]);
  });

  it("names a stack's parts by their guardrail, whatever the stack is called", () => {
    const role = "arn:aws:sts::123456789012:assumed-role/guardrails-prod-eu-security-group-open-ingress/x";
    const own = `${role.slice(0, -1)}guardrails-prod-eu-security-group-open-ingress`;
    const failed: Happening = {
      at: 1_000,
      kind: "invocation",
      requestId: "1",
      functionName: "guardrails-prod-eu-security-group-open-ingress",
      attempt: 1,
      cold: false,
      ms: 1,
      error: "it died",
    };
    expect(shown([call(1_000, own, "DescribeVpcs"), failed], { stack: "prod-eu" })).to.deep.equal([
      "  +0.00 s  security-group-open-ingress ec2 DescribeVpcs",
      "  +0.00 s  security-group-open-ingress attempt 1 failed: it died",
    ]);
  });

  it("tells of a mail once, with everybody who got it", () => {
    const body = (to: string) => `What happened\n\n--\nhttps://sns.example.com/unsubscribe?${to}`;
    const of = (to: string, subject = "Fixed"): Happening => ({ ...mail, to, subject, body: body(to) });
    expect(shown([of("a@example.com"), of("b@example.com"), of("a@example.com", "Held")])).to.deep.equal([
      "  +0.00 s  mail                        a@example.com, b@example.com: Fixed",
      "  +0.00 s  mail                        a@example.com: Held",
    ]);
  });

  it("goes on under the text where a line is longer than the terminal is wide", () => {
    const note = { at: 1_000, kind: "note", text: "one two three four five six seven eight nine" } as const;
    expect(shown([note], { columns: 64 })).to.deep.equal([
      "  +0.00 s                              one two three four five",
      "                                       six seven eight nine",
    ]);
  });

  it("never breaks a command of a mail, which is to be pasted", () => {
    const command = 'npm run guardrails -- undo 0123456789abcdef0123 --stack dev --reason "..."';
    const body = `To take it back\n  ${command}\n`;
    expect(
      shown([{ ...mail, to: "a@example.com", subject: "Fixed", body }], { mail: true, columns: 64 }).at(-1),
    ).to.equal(`    │   ${command}`);
  });

  it("says where the clock was advanced, and counts that into no step", () => {
    const lines: string[] = [];
    const options = { colour: false, mail: false, live: false, quiet: false, stack: "dev" };
    const timeline = createTimeline({ ...options, write: line => lines.push(line) });
    const step = steps[0];
    timeline.begin(step);
    timeline.happen(call(1_000, guardrail, "DescribeVpcs"));
    timeline.advanced(900_000);
    timeline.happen(call(901_000, guardrail, "DescribeVpcs"));
    const expected = { outcomes: [], notices: 1 };
    const observed = { outcomes: [], mails: [] };
    timeline.end({ step, expected, observed, differences: [], ms: 600, jumped: 910_000 });
    expect(lines.slice(-3)).to.deep.equal([
      "           clock                       advanced by 15 min",
      "+15:00.00  vpc-created                 ec2 DescribeVpcs",
      `           ✔ ${step.name}: as it should be (0.6 s, and the clock was advanced by 15 min)`,
    ]);
  });

  it("says of everybody who they are, once", () => {
    const lines: string[] = [];
    const options = { colour: false, mail: false, live: false, quiet: false, stack: "dev" };
    const timeline = createTimeline({ ...options, write: line => lines.push(line) });
    const [step] = steps.filter(({ title }) => title.startsWith("Ada"));
    timeline.begin(step);
    timeline.begin(step);
    expect(lines).to.deep.equal([
      "",
      step.title,
      "Ada works with EC2 and S3, and may do everything there.",
      "",
      step.title,
    ]);
  });

  it("shows a line for each step and the verdict, where that is all that is asked for", () => {
    const lines: string[] = [];
    const options = { colour: false, mail: true, live: false, quiet: true, stack: "dev" };
    const timeline = createTimeline({ ...options, write: line => lines.push(line) });
    const [step, other] = steps;
    timeline.heading("Stack dev");
    timeline.line("  vpc-created notify");
    timeline.begin(step);
    timeline.happen(mail);
    const result = { step, expected: { outcomes: [], notices: 1 }, observed: { outcomes: [], mails: [] } };
    timeline.end({ ...result, differences: [], ms: 600, jumped: 0 });
    timeline.skip({ step: other, skipped: "it is off" });
    timeline.verdict("All ended well.");
    expect(lines).to.deep.equal([
      `✔ ${step.name}: as it should be (0.6 s)`,
      `- ${other.name}: skipped: it is off`,
      "All ended well.",
    ]);
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
  it("plays the steps that are asked for, after those that they go on from", () => {
    const names = (...asked: string[]) => chosen(steps, asked).map(({ name }) => name);
    expect(names("held-finding-taken-up")).to.deep.equal(["fight-over-a-group", "held-finding-taken-up"]);
    expect(names("denied-call", "ssh-opened-flat")).to.deep.equal(["ssh-opened-flat", "denied-call"]);
    expect(names()).to.have.length(steps.length);
  });

  it("has a name of its own for each step, which scripts can use", () => {
    const names = steps.map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
    for (const name of names) expect(name).to.match(/^[a-z]+(-[a-z]+)*$/);
  });
});
