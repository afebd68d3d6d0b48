import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Writable } from "node:stream";
import { expect } from "chai";
import { z } from "zod";
import { bodyOf } from "../../components/shared/dashboard";
import { defineNotice, type AnyInspecting } from "../../components/definition";
import { catalogue, defaultPack } from "../../components/guardrails";
import { s3BucketEncryption } from "../../components/guardrails/s3-bucket-encryption";
import { configText } from "../../components/remediator";
import { readSettings } from "../../components/settings";
import { auditLine } from "../../runtime/telling/audit";
import { readEvent } from "../../runtime/events";
import { stackMetrics, units } from "../../runtime/telling/metrics";
import type { Outcome } from "../../runtime/pipeline/outcome";
import { readStackConfig } from "../../components/settings/file/stack-config";
import { readme, regenerate, remedy } from "../../tools/readme";
import { guardrailSections, guardrailTable } from "../../tools/readme-tables";

const project = join(__dirname, "../..");
const read = (file: string): string => readFileSync(join(project, file), "utf8");
const inspecting = catalogue.flatMap((one): AnyInspecting[] => (one.kind === "inspecting" ? [one] : []));
const sectionOf = (text: string, heading: string): string =>
  text.split(/^(?=#{2,3} )/m).find(part => part.startsWith(`${heading}\n`)) ?? "";

describe("README.md", () => {
  it("says in its generated tables what the code says", () => {
    const { stale } = regenerate(read("README.md"));

    expect(stale, `README.md is behind the code. Run: ${remedy}`).to.deep.equal([]);
  });

  it("has a row and a section for each guardrail, with every action that its function may take", () => {
    const text = read("README.md");

    for (const { id } of catalogue) expect(text, id).to.include(`| [\`${id}\`](#${id}) |`);
    for (const { id, permissions } of inspecting) {
      const section = sectionOf(text, `### ${id}`);
      const settings = { algorithm: "aws:kms", infer: ["vpc"], requiredTags: { Owner: "?" } };
      const { read, write } = permissions({ partition: "aws", account: "1", region: "us-east-1", settings });
      for (const action of [...read, ...write].flatMap(({ actions }) => actions))
        expect(section, id).to.include(`\`${action}\``);
    }
  });

  it("shows a stack config that the program takes, and that enables what it shows", () => {
    const [, yaml] = /```yaml\n([^]*?)```/.exec(read("README.md")) ?? [];

    const { guardrails, recipients } = readSettings(
      readStackConfig(yaml, "aws-event-guardrails"),
      catalogue,
      defaultPack,
    );

    expect(guardrails.map(({ definition, mode }) => `${definition.id}: ${mode}`)).to.deep.equal([
      "ec2-launch-baseline: notify",
      "s3-bucket-encryption: enforce",
      "security-group-open-ingress: enforce",
      "vpc-created: notify",
    ]);
    expect(recipients).to.have.length(2);
  });

  it("counts for its costs the metrics and the alarms that the dev stack has", () => {
    const ids = inspecting.map(({ id }) => id);
    const rules = catalogue.flatMap(({ triggers }) => triggers).length;
    const region = "us-east-1";
    const shown = bodyOf({ stack: "dev", region, queueName: "q", alarmArns: [], guardrails: ids });
    const rows = shown.widgets.flatMap(({ properties }) => (properties.metrics ?? []) as unknown[][]);
    const named = rows.filter(([first]) => typeof first === "string");
    const referred = new Set(named.map(row => row.slice(0, -1).join(" ")));
    const sent = ids.length * Object.keys(units).length + stackMetrics.length;

    const costs = sectionOf(read("README.md"), "## Cost");

    expect(costs).to.include(`(${rules} rules, ${ids.length} functions)`);
    expect(costs).to.include(`at most ${Object.keys(units).length} for each function`);
    expect(costs).to.include(`${sent} at most: $${(sent * 0.3).toFixed(2)}`);
    expect(costs).to.include(`${referred.size} metrics: $0`);
    expect(costs).to.include(`${5 + rules + ids.length} metrics in 6 alarms`);
  });
});

describe("guardrails readme", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "readme-"));
    copyFileSync(join(project, "README.md"), join(folder, "README.md"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = (options: Parameters<typeof readme>[0]) => {
    const said = { out: "", err: "" };
    const into = (key: "out" | "err") =>
      new Writable({ write: (chunk: Buffer, _, done) => ((said[key] += chunk.toString()), done()) });
    const code = readme(options, {
      file: join(folder, "README.md"),
      stdout: into("out"),
      stderr: into("err"),
    });
    return { code, ...said };
  };
  const copy = (): string => readFileSync(join(folder, "README.md"), "utf8");
  const change = (from: string, to: string): void => {
    expect(copy()).to.include(from);
    writeFileSync(join(folder, "README.md"), copy().replace(from, to));
  };

  it("names the table that is behind the code, and the command that puts it right", () => {
    change("| medium |", "| low |");

    const { code, err } = run({ check: true });

    expect(code).to.equal(1);
    expect(err).to.equal(`README.md is behind the code in: guardrails. Run: ${remedy}\n`);
  });

  it("writes what is behind anew, and leaves what people wrote", () => {
    change("## Limits", "## Limits, by hand");
    const wanted = copy();
    change("| medium |", "| low |");

    expect(run({ write: true }).out).to.equal("README.md: wrote guardrails.\n");

    expect(copy()).to.equal(wanted);
    expect(run({ check: true }).code).to.equal(0);
  });

  it("does nothing without knowing what to do", () => {
    for (const options of [{}, { check: true, write: true }])
      expect(run(options)).to.deep.equal({ code: 2, out: "", err: "Give either --check or --write.\n" });
  });

  it("refuses a page in which a table's place is missing, unknown, there twice or without an end", () => {
    const text = copy();
    const without = (part: string) => () => regenerate(text.replace(part, ""));
    const start = "<!-- generated: guardrails -->";

    expect(without(start)).to.throw('needs the lines "<!-- generated: guardrails -->"');
    expect(without("<!-- end of guardrails -->")).to.throw('"<!-- end of guardrails -->", in this order');
    expect(() => regenerate(`${text}\n<!-- generated: costs -->\n`)).to.throw('a block "costs" too many');
    expect(() => regenerate(`${text}\n${start}\n`)).to.throw('a block "guardrails" too many');
  });
});

describe("the generated tables", () => {
  const words = { severity: "low", triggers: [], notice: { paths: {}, lines: [] } } as const;

  it("keep a bar in a text from breaking the row", () => {
    const notice = defineNotice({ id: "any", title: "This | that", why: "Why.", ...words });

    expect(guardrailTable([notice], []).split("\n")[2]).to.equal(
      "| [`any`](#any) | This \\| that | low | notify |  |  |",
    );
  });

  it("tell the schedule of a guardrail that has one", () => {
    const triggers = [{ scope: "regional", schedule: "rate(1 day)" }] as const;
    const notice = defineNotice({ id: "any", title: "This", why: "Why.", ...words, triggers });

    expect(guardrailSections([notice])).to.include("Hears a schedule, `rate(1 day)`.");
  });

  it("tell which settings give a function more to call", () => {
    const text = guardrailSections([s3BucketEncryption]);

    expect(text).to.include("- `algorithm: aws:kms`: `s3:GetBucketPolicy`");
    expect(text).to.include("- `kmsKeyArn: …`: `s3:GetBucketPolicy`");
    expect(text).not.to.include("- `bucketKey");
  });

  it("refuse a setting that nobody described, or whose type they have no words for", () => {
    const withSetting = (knob: z.ZodType) =>
      guardrailSections([{ ...s3BucketEncryption, settings: z.strictObject({ knob }) } as AnyInspecting]);

    expect(() => withSetting(z.string().default(""))).to.throw(
      "s3-bucket-encryption: the setting knob has no",
    );
    expect(() => withSetting(z.union([z.string(), z.boolean()]).describe("Any.").optional())).to.throw(
      "no words for the type of the setting knob",
    );
  });
});

describe("the documentation", () => {
  const pages = ["README.md", "docs/architecture.md", "docs/ledger.md", "docs/safety.md"];
  const anchorsIn = (text: string): string[] =>
    [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    );
  const firstColumn = (heading: string): string[] =>
    [...sectionOf(read("docs/architecture.md"), heading).matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    );

  for (const page of pages) {
    it(`${page} links to pages and headings that are there`, () => {
      const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];

      expect(links).not.to.have.length(0);
      for (const [, target, anchor] of links) {
        const file = target === "" ? page : join(dirname(page), target);
        expect(existsSync(join(project, file)), `${page} links to ${file}`).to.equal(true);
        if (anchor !== undefined) expect(anchorsIn(read(file)), `${file} has #${anchor}`).to.include(anchor);
      }
    });

    it(`${page} names files that are there`, () => {
      const names = [
        ...read(page).matchAll(
          /`((?:components|runtime|operations|patterns|sandbox|tools|tests|docs)\/[\w./-]*)`/g,
        ),
      ].map(([, name]) => name);

      expect(names).not.to.have.length(0);
      for (const name of names) expect(existsSync(join(project, name)), `${page}: ${name}`).to.equal(true);
    });
  }

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
    eventId: event.id,
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
    { ...common, kind: "observed", finding, before, because: "mode observe" },
    { ...common, kind: "notified", finding, before, because: "mode notify" },
    { ...common, kind: "remediated", finding, before, after: before, remaining: finding, recovered: true },
    { ...common, kind: "exempt", finding, before, exemption },
    { ...common, kind: "held", finding, before, because: "paused", tell: true },
    { ...common, kind: "duplicate" },
    { ...common, kind: "failed", finding, before, error: { code: "Denied", message: "no", final: false } },
  ];
  const enabled = {
    definition: s3BucketEncryption,
    mode: "notify",
    managed: "notify",
    budget: 50,
    settings: {},
    exemptions: [],
  } as const;
  const config = configText(enabled, "0123456789ab");

  it("explains every field of an audit line, and no other", () => {
    const lines = outcomes.map(one =>
      auditLine("dev", "s3-bucket-encryption", JSON.parse(config), event, one),
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
  });
});
