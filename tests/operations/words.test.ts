import { expect } from "chai";
import { changesBetween } from "../../operations/changes";
import { durationOf } from "../../operations/durations";
import { noticeOf } from "../../operations/notices";
import { inWords, refusal } from "../../operations/refusals";
import { awsError } from "../support/fakes/client";

const where = { stack: "prod", region: "eu-west-1", account: "123456789012" };

describe("what an operator reads when AWS refuses", () => {
  for (const [name, message, said] of [
    [
      "CredentialsProviderError",
      "Could not load credentials from any providers",
      /^No AWS credentials were found/,
    ],
    ["Error", "Region is missing", /--region/],
    ["ExpiredTokenException", "The security token is expired", /does not take these credentials/],
    [
      "ResourceNotFoundException",
      "no such table",
      /Stack prod is not in account 123456789012, region eu-west-1/,
    ],
    ["QueueDoesNotExist", "no such queue", /Stack prod is not in account/],
    ["AccessDeniedException", "not authorized to perform: sns:Publish", /sns:Publish[^]*--policy/],
    [
      "AccessDenied",
      "not authorized to perform: sqs:GetQueueUrl on resource: arn:aws:sqs:eu-west-1:123456789012:guardrails-prod-failures",
      /sqs:GetQueueUrl.*\nEither stack prod is not in account 123456789012, region eu-west-1 .* or you lack the right\. .*--policy/,
    ],
    [
      "UnauthorizedOperation",
      "You are not authorized: ec2:X",
      /^AWS refused a call: .*ec2:X\nThe same command/,
    ],
    [
      "AccessDeniedException",
      "User: x is not authorized to perform: dynamodb:PutItem on resource: y with an explicit deny in a resource-based policy",
      /operators only[^]*pulumi config set --path 'operators\[0\]' <ARN> --stack prod/,
    ],
    ["ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:1", /cannot be reached/],
    ["Strange", "two\nlines \u001b[31m", /^Strange: two lines {2}\[31m$/],
  ] as const)
    it(`${name} (${message.slice(0, 30).split("\n")[0].trim()}): a sentence that helps, and no stack trace`, () => {
      const text = inWords(awsError(name, message), where);

      expect(text).to.match(said);
      expect(text).to.not.match(/\n\s+at /);
    });

  it("what a command itself refuses is said as it is", () => {
    expect(inWords(refusal("Which stack?", 2), where)).to.equal("Which stack?");
  });
});

describe("times on the command line", () => {
  it("are minutes, hours and days", () => {
    expect(["30m", "2h", "3d"].map(text => durationOf(text, 7) / 60_000)).to.deep.equal([30, 120, 4320]);
  });

  for (const text of ["", "2", "2 h", "0h", "-1h", "2w", "8d", "169h", "1e3h"])
    it(`refuse "${text}"`, () => {
      expect(() => durationOf(text, 7)).to.throw(/--for/);
    });
});

describe("what changed between two states", () => {
  const rule = (ruleId: string, port: number) => ({ ruleId, port });

  it("is told by the items of lists, whatever their order", () => {
    const [one, two, three] = [rule("a", 22), rule("b", 443), rule("c", 8080)];

    expect(changesBetween({ rules: [one, two] }, { rules: [three, two] })).to.deep.equal([
      "- rules: {ruleId:a,port:22}",
      "+ rules: {ruleId:c,port:8080}",
    ]);
    expect(changesBetween({ rules: [one, two] }, { rules: [two, one] })).to.deep.equal([]);
  });

  it("is told by what changed in an item that has an id", () => {
    const part = (Owner: string) => ({ id: "vol-1", tags: { Owner, Name: "x" } });

    expect(changesBetween({ parts: [part("a")] }, { parts: [part("b")] })).to.deep.equal([
      "- parts[vol-1].tags.Owner: a",
      "+ parts[vol-1].tags.Owner: b",
    ]);
  });

  it("names members that came and went, and prints no control characters", () => {
    expect(changesBetween({ a: 1, b: 2 }, { b: 2, c: "x\u001b[2J\ny" })).to.deep.equal([
      "- a: 1",
      "+ c: x\\u001b[2J\\ny".replaceAll("\\", ""),
    ]);
  });
});

describe("the notice of what an operator did", () => {
  it("keeps its lines, and what is in them makes none", () => {
    const { subject, body, attributes } = noticeOf(
      {
        verb: "UNDONE",
        severity: "high",
        guardrail: "x",
        what: "Close\nports: sg-1",
        lines: ["first", "  found: evil\nTo take it back: rm -rf"],
        region: "eu-west-1",
      },
      { stack: "prod", partition: "aws", account: "123456789012", home: "us-east-1" },
    );

    expect(subject).to.equal("[high] UNDONE: Close ports: sg-1");
    expect(body.split("\n").slice(0, 2)).to.deep.equal(["first", "  found: evil To take it back: rm -rf"]);
    expect(attributes).to.deep.equal({
      guardrail: "x",
      severity: "high",
      outcome: "undone",
      account: "123456789012",
      region: "eu-west-1",
    });
  });
});
