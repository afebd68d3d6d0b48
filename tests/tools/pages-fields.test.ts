import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { memoryMegabytes, nodeVersion, timeoutSeconds } from "../../components/function";
import { s3BucketEncryption } from "../../components/guardrails/s3-bucket-encryption";
import { configText } from "../../components/remediator";
import { occasionOf, readEvent } from "../../runtime/events";
import { modes } from "../../runtime/modes";
import type { Outcome } from "../../runtime/pipeline/outcome";
import { auditLine } from "../../runtime/telling/audit";
import { units } from "../../runtime/telling/metrics";
import { readPage, sectionOf } from "../support/pages";

describe("docs/architecture.md", () => {
  const page = readFileSync(join(__dirname, "../../docs/architecture.md"), "utf8");
  const firstColumn = (heading: string): string[] =>
    [...sectionOf(page, heading).matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) =>
      [...cell.matchAll(/`([\w-]+)`/g)].map(([, name]) => name),
    );

  const event = readEvent({
    id: "11111111-2222-4333-8444-555555555555",
    "detail-type": "AWS API Call via CloudTrail",
    source: "aws.s3",
    account: "123456789012",
    time: "2026-11-20T12:00:00Z",
    region: "us-east-1",
    detail: { eventName: "CreateBucket" },
  });
  const finding = { fingerprint: "f", summary: "s", data: {} };
  const common = {
    resource: {
      arn: "arn:aws:s3:::demo",
      type: "AWS::S3::Bucket",
      id: "demo",
      region: "us-east-1",
      account: "123456789012",
      hints: {},
    },
    principal: { arn: "unknown", tool: "unknown" },
    occasionId: event.id,
    occasionKey: event.id,
    times: { event: 0, received: 1000, decided: 1000, verified: 2000 },
    calls: [],
    owner: "web",
    actionId: "0123456789abcdef0123",
  } as const;
  const before = { bucket: "demo" };
  const exemption = {
    guardrail: "s3-bucket-encryption",
    resource: common.resource.arn,
    reason: "public data",
    owner: "ada@example.com",
    expires: "2027-01-31",
  };
  const outcomes: Outcome[] = [
    { ...common, kind: "compliant" },
    { ...common, kind: "gone" },
    { ...common, kind: "observed", finding, before, code: "mode", because: "mode observe" },
    { ...common, kind: "notified", finding, before, code: "mode", because: "mode notify" },
    { ...common, kind: "remediated", finding, before, after: before, remaining: finding, recovered: true },
    { ...common, kind: "exempt", finding, before, exemption },
    { ...common, kind: "held", finding, before, code: "paused", because: "paused", tell: true },
    { ...common, kind: "duplicate" },
    { ...common, kind: "failed", finding, before, error: { code: "Denied", message: "no", final: false } },
  ];
  const enabled = {
    definition: s3BucketEncryption,
    mode: "notify",
    managed: "notify",
    sweep: "notify",
    budget: 50,
    settings: {},
    exemptions: [],
  } as const;
  const who = { trusted: { accounts: [] }, controllers: [], expected: [] };
  const config = configText(enabled, { who, recipients: 1, metrics: "stack", ticking: [] }, "0123456789ab");

  it("explains every field of an audit line, and no other", () => {
    const lines = outcomes.map(one =>
      auditLine("dev", "s3-bucket-encryption", JSON.parse(config), occasionOf(event), one),
    );

    const fields = new Set(lines.flatMap(line => Object.keys(JSON.parse(line) as object)));
    expect(firstColumn("## Audit lines").sort()).to.deep.equal([...fields].sort());
  });

  it("explains every metric, and no other", () => {
    expect(firstColumn("## Metrics").sort()).to.deep.equal(Object.keys(units).sort());
  });

  it("explains every field of config.json, and no other", () => {
    const fields = Object.keys(JSON.parse(config) as object);

    expect(firstColumn("## The archive").sort()).to.deep.equal(fields.sort());
    const named = modes.map(mode => `\`${mode}\``);
    expect(page).to.include(`| \`mode\` | ${named.slice(0, -1).join(", ")} or ${named.at(-1)} |`);
  });

  it("explains every chore of a tick in its order, and no other", () => {
    const [, listed = ""] = /const chores: .+ = \{ (.+) \};/.exec(readPage("runtime/tick/tick.ts")) ?? [];
    const chores = listed
      .split(", ")
      .map(name => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`));

    expect(firstColumn("### The tick")).to.deep.equal(chores);
  });

  it("says on what a function runs, as the sandbox's README does", () => {
    const runtime = `\`nodejs${nodeVersion}.x\``;

    expect(page).to.include(`arm64, ${runtime}, ${memoryMegabytes} MB, ${timeoutSeconds} s`);
    expect(readPage("sandbox/README.md")).to.include(`not on ${runtime} and arm64`);
  });
});
