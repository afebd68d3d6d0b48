import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { expect } from "chai";
import { z } from "zod";
import { defineDirect, type AnyInspecting } from "../../components/definition";
import { catalogue, defaultPack } from "../../components/guardrails";
import { s3BucketEncryption } from "../../components/guardrails/s3-bucket-encryption";
import { readSettings } from "../../components/settings";
import { readStackConfig } from "../../components/settings/file/stack-config";
import { pages, regenerate, remedy } from "../../tools/pages";
import { blocks } from "../../tools/pages/blocks";
import { catalogueTable, guardrailSections, guardrailTable } from "../../tools/pages/guardrails";
import { project, readPage, sectionOf } from "../support/pages";
import { inspecting } from "../support/inspecting";
import { scopeOf } from "../support/settings-variants";

describe("the generated parts of the pages", () => {
  for (const page of Object.keys(blocks))
    it(`of ${page} say what the code says`, () => {
      const { stale } = regenerate(page, readPage(page));

      expect(stale, `${page} is behind the code. Run: ${remedy}`).to.deep.equal([]);
    });

  it("have a row and a section for each guardrail, with every action that its function may take", () => {
    const text = readPage("docs/guardrails.md");

    for (const { id } of catalogue) {
      expect(text, id).to.include(`| [\`${id}\`](#${id}) |`);
      expect(readPage("README.md"), id).to.include(`| [\`${id}\`](docs/guardrails.md#${id}) |`);
    }
    for (const { id, permissions } of inspecting) {
      const section = sectionOf(text, `## ${id}`);
      const adminSecurityGroupId = "sg-0123456789abcdef0";
      const settings = {
        ...{ algorithm: "aws:kms", infer: ["vpc"], adminSecurityGroupId },
        ...{ requiredTags: { Owner: "?" }, protectedTags: [] },
      };
      const { read, write } = permissions(scopeOf(settings));
      for (const action of [...read, ...write].flatMap(({ actions }) => actions))
        expect(section, id).to.include(`\`${action}\``);
    }
  });
});

describe("the stack config that a page shows", () => {
  const shownIn = (page: string) => {
    const [, yaml] = /```yaml\n([^]*?)```/.exec(readPage(page)) ?? [];
    return readSettings(readStackConfig(yaml, "aws-event-guardrails"), catalogue, defaultPack);
  };
  const modesIn = (page: string) =>
    shownIn(page).guardrails.map(({ definition, mode }) => `${definition.id}: ${mode}`);

  it("is one that the program takes, and enables what it shows: docs/settings.md", () => {
    expect(modesIn("docs/settings.md")).to.deep.equal([
      "ec2-launch-baseline: notify",
      "s3-bucket-encryption: enforce",
      "security-group-open-ingress: enforce",
      "vpc-created: notify",
    ]);
    expect(shownIn("docs/settings.md").recipients).to.have.length(2);
    const warnings = shownIn("docs/settings.md").warnings.filter(({ path }) => path[0] !== "recipients");
    expect(warnings, "names that are no longer used").to.deep.equal([]);
  });

  it("is one that the program takes, and enables what it shows: README.md", () => {
    expect(modesIn("README.md")).to.deep.equal([
      "security-group-open-ingress: enforce",
      "vpc-created: notify",
    ]);
  });
});

describe("guardrails pages", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "pages-"));
    mkdirSync(join(folder, "docs"));
    for (const page of Object.keys(blocks)) cpSync(join(project, page), join(folder, page));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = (options: Parameters<typeof pages>[0]) => {
    const said = { out: "", err: "" };
    const into = (key: "out" | "err") =>
      new Writable({ write: (chunk: Buffer, _, done) => ((said[key] += chunk.toString()), done()) });
    const code = pages(options, { folder, stdout: into("out"), stderr: into("err") });
    return { code, ...said };
  };
  const copy = (page = "README.md"): string => readFileSync(join(folder, page), "utf8");
  const change = (from: string, to: string, page = "README.md"): void => {
    expect(copy(page)).to.include(from);
    writeFileSync(join(folder, page), copy(page).replace(from, to));
  };

  it("names each table that is behind the code, and the command that puts it right", () => {
    change("| medium |", "| low |");
    change("| free | $0 |", "| free | $1 |", "docs/cost.md");

    const { code, err } = run({ check: true });

    expect(code).to.equal(1);
    expect(err).to.equal(
      `README.md is behind the code in: guardrails. Run: ${remedy}\ndocs/cost.md is behind the code in: cost. Run: ${remedy}\n`,
    );
  });

  it("writes what is behind anew, and leaves what people wrote", () => {
    change("## Limits", "## Limits, by hand");
    const wanted = copy();
    change("| medium |", "| low |");

    expect(run({ write: true }).out).to.equal("README.md: wrote guardrails.\n");

    expect(copy()).to.equal(wanted);
    expect(run({ check: true })).to.deep.equal({
      code: 0,
      out: "The pages say what the code says.\n",
      err: "",
    });
  });

  it("does nothing without knowing what to do", () => {
    for (const options of [{}, { check: true, write: true }])
      expect(run(options)).to.deep.equal({ code: 2, out: "", err: "Give either --check or --write.\n" });
  });

  it("refuses a page in which a table's place is missing, unknown, there twice or without an end", () => {
    const text = copy();
    const without = (part: string) => () => regenerate("README.md", text.replace(part, ""));
    const start = "<!-- generated: guardrails -->";

    expect(without(start)).to.throw('needs the lines "<!-- generated: guardrails -->"');
    expect(without("<!-- end of guardrails -->")).to.throw('"<!-- end of guardrails -->", in this order');
    expect(() => regenerate("README.md", `${text}\n<!-- generated: costs -->\n`)).to.throw(
      'README.md has a block "costs" too many',
    );
    expect(() => regenerate("README.md", `${text}\n${start}\n`)).to.throw('a block "guardrails" too many');
  });
});

describe("the generated tables", () => {
  const words = { severity: "low", triggers: [], notice: { paths: {}, lines: [] } } as const;

  it("keep a bar in a text from breaking the row", () => {
    const notice = defineDirect({ id: "any", title: "This | that", why: "Why.", ...words });

    expect(guardrailTable([notice], []).split("\n")[2]).to.equal(
      "| [`any`](#any) | This \\| that | low | notify |  |  |",
    );
    expect(catalogueTable([notice], ["any"]).split("\n")[2]).to.equal(
      "| [`any`](docs/guardrails.md#any) | This \\| that | low | notify | yes |",
    );
  });

  it("tell the schedule of a guardrail that has one", () => {
    const triggers = [{ scope: "regional", schedule: "rate(1 day)" }] as const;
    const notice = defineDirect({ id: "any", title: "This", why: "Why.", ...words, triggers });

    expect(guardrailSections([notice])).to.include("Hears a schedule, `rate(1 day)`.");
  });

  it("tell which settings give a function more to call", () => {
    const text = guardrailSections([s3BucketEncryption]);

    expect(text).to.include("- `algorithm: aws:kms`: `s3:GetBucketAcl`, `s3:GetBucketPolicy`");
    expect(text).to.include("- `kmsKeyArn: …`: `s3:GetBucketAcl`, `s3:GetBucketPolicy`, `kms:DescribeKey`");
    expect(text).not.to.include("- `bucketKey");
  });

  it("are a sentence where there would be no row", () => {
    const none = { read: [], write: [], undo: [], inventory: [] };
    const bare = { ...s3BucketEncryption, settings: z.strictObject({}), permissions: () => none };

    const text = guardrailSections([bare as AnyInspecting]);

    expect(text).to.include("\n\nNo settings of its own");
    expect(text).to.include("\n\nIt calls nothing");
    expect(text).not.to.include("|");
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
