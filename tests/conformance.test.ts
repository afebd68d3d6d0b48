import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect } from "chai";
import { serializeRemediator } from "../components/bundle";
import type { AnyInspecting, Definition, Permissions, Statement } from "../components/definition";
import { renderPattern } from "../components/sources";
import { catalogue } from "../components/guardrails";
import { hasFunction, isPublishing, type Kind } from "../components/kinds";
import { reservedKeys } from "../components/settings/reserved";
import { policyDocument } from "../components/statements";
import { recordShapes, type RecordShape } from "../records";
import { isFailedCall } from "../runtime/events";
import { namedIn, severities } from "../runtime/guardrail";
import { longestName, roleArn, roleName } from "../runtime/names";
import { proofOf } from "./guardrails";
import { actingEvents, actsOn, isPassedOn } from "./support/events/acting";
import { inspecting, settingsOf } from "./support/inspecting";
import { withoutMocha } from "./support/invocation";
import { actionsFor, isReading, operationsIn, operationsOf } from "./support/operations";
import { lintPolicy } from "./support/policy-lint";
import { stageOf } from "./support/stages";
import { scopeOf, settingsVariants } from "./support/settings-variants";
import { writtenEvents } from "./support/events/written";

const load = createRequire(__filename);
const definitions: readonly Definition[] = catalogue;
const globalSources = Object.entries(recordShapes as Readonly<Record<string, RecordShape>>).flatMap(
  ([service, { global }]) => (global ? [`aws.${service}`] : []),
);
const folder = join(__dirname, "../components/guardrails");
const entries = readdirSync(folder, { withFileTypes: true });
const files = entries.flatMap(entry => (entry.isFile() && entry.name !== "index.ts" ? [entry.name] : []));

/** A verb that is missing here is welcome, if it commands. */
const verbs =
  /^(Add|Alert|Block|Close|Delete|Detach|Disable|Enable|Encrypt|Expire|Give|Isolate|Keep|Limit|Lock|Make|Protect|Put|Quarantine|Remove|Report|Require|Restore|Revoke|Rotate|Stop|Tell|Turn|Undo|Warn) /;

/** What a pattern may filter by. Where no function looks closer, what the call asked for too. */
const always = ["eventSource", "eventName", "errorCode", "userIdentity"];
const filters: Readonly<Record<Kind, readonly string[]>> = {
  inspecting: always,
  direct: [...always, "requestParameters", "$or"],
};

const actionsIn = (statements: readonly Statement[]): string[] =>
  [...new Set(statements.flatMap(({ actions }) => actions))].sort();

const permissionsOf = (definition: AnyInspecting): Permissions[] =>
  settingsVariants(definition).map(settings => definition.permissions(scopeOf(settings)) as Permissions);

/** The actions of one list, whatever the settings ask for. */
const declared = (definition: AnyInspecting, list: keyof Permissions): string[] =>
  actionsIn(permissionsOf(definition).flatMap(permissions => permissions[list]));

describe("every file in components/guardrails", () => {
  for (const file of files) {
    const id = file.replace(/\.ts$/, "");
    const exported = id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

    // Loaded now: other tests load the program anew later, and then it would be another object.
    const module = load(join(folder, file)) as Record<string, Definition | undefined>;

    it(`${file} is a guardrail of the catalogue under its own name`, () => {
      const found = definitions.find(definition => definition.id === id);

      expect(id, `${file}: a file's name is kebab-case, and nothing but guardrails is kept here`).to.match(
        /^[a-z0-9]+(-[a-z0-9]+)+$/,
      );
      expect(module[exported], `${file} exports no ${exported}`).to.be.an("object");
      expect(module[exported]?.id, `${file}: the id is the file's name`).to.equal(id);
      expect(
        found,
        `${file} is not in the catalogue: add one import and one entry to components/guardrails/index.ts`,
      ).to.equal(module[exported]);
    });

    it(`${file} has a test of its own`, () => {
      const test = `tests/guardrails/${id}/guardrail.test.ts`;
      expect(existsSync(join(__dirname, "..", test)), `write ${test}`).to.equal(true);
    });
  }

  it("has a folder beside it only where it needs nouns of its own, under its own name", () => {
    for (const { name } of entries.filter(entry => entry.isDirectory()))
      expect(files, `components/guardrails/${name}/ belongs to no guardrail`).to.include(`${name}.ts`);
  });

  it("is listed once, in alphabetical order", () => {
    expect(definitions.map(({ id }) => id)).to.deep.equal(
      files.map(file => file.replace(/\.ts$/, "")).sort(),
    );
  });
});

for (const definition of definitions)
  describe(`${definition.id} keeps to what holds for every guardrail`, () => {
    const events = () => Object.entries(writtenEvents(definition.id));
    const patterns = definition.triggers.flatMap(trigger => ("pattern" in trigger ? [trigger.pattern] : []));

    it("says in words what it does and why", () => {
      expect(definition.title).to.have.length.at.most(60).and.not.match(/\.$/);
      expect(definition.title, "a title commands: begin with a verb").to.match(verbs);
      expect(
        definition.why,
        `write why of components/guardrails/${definition.id}.ts: whole sentences`,
      ).to.match(/^[A-Z].{20,}\.$/);
      expect(severities).to.include(definition.severity);
    });

    it("hears of nothing that a stack in some region would never be told", () => {
      const global = definition.triggers.filter(({ scope }) => scope === "global");
      expect(
        global,
        "a stack covers its home region only, so a trigger on global services would be refused nearly everywhere: wait until stacks cover more regions",
      ).to.deep.equal([]);
      const ofGlobal = patterns.flatMap(({ source }) => source).filter(name => globalSources.includes(name));
      expect(
        ofGlobal,
        'their events come to one region of the partition only: a trigger on them has the scope "global"',
      ).to.deep.equal([]);
    });

    it("hears of nothing that its function would refuse", () => {
      const scheduled = definition.triggers.filter(trigger => "schedule" in trigger);
      expect(
        scheduled,
        "a schedule's event is in no pattern, so runtime/handler.ts refuses it: make an occasion of it there first",
      ).to.deep.equal([]);
    });

    it("has an event that it must act on, one that it must not, and a failed call", () => {
      const acting = events().filter(([, event]) => actsOn(definition, event));
      const silent = events().filter(([, event]) => !actsOn(definition, event));
      const isDryRun = (code: unknown) => /DryRun/.test(String(code));
      const failed = silent.filter(
        ([, { detail }]) => detail.errorCode !== undefined && !isDryRun(detail.errorCode),
      );
      const unconcerned = silent.filter(
        ([, { detail }]) => detail.errorCode === undefined || isDryRun(detail.errorCode),
      );
      const missing = Object.entries({
        "must act": acting,
        "must not act": unconcerned,
        "failed call": failed,
      });

      for (const [kind, found] of missing)
        expect(found, `add an event to tests/guardrails/${definition.id}/events: ${kind}`).to.not.be.empty;
      for (const [name, event] of failed) expect(isFailedCall(event), name).to.equal(true);
      const acted = acting.map(([name, { detail }]) => (detail.errorCode === undefined ? "" : name));
      expect(acted.filter(Boolean), "it acts on calls that failed").to.deep.equal([]);
    });

    it("has an event that its rules pass on for every event name of theirs", () => {
      const names = patterns.flatMap(pattern => pattern.detail?.eventName ?? []);
      const passed = events()
        .filter(([, event]) => isPassedOn(definition, event))
        .map(([, event]) => event.detail.eventName);

      for (const name of names)
        expect(passed, `add an event to tests/guardrails/${definition.id}/events: ${name}`).to.include(name);
    });

    it("has patterns that fit, drop failed calls, and filter by nothing that a record may lack", () => {
      const place = { stack: "", partition: "aws-us-gov", account: "123456789012", home: "" };
      const longestRole = roleArn(place, "x".repeat(longestName - roleName(place, "").length));
      for (const pattern of patterns) {
        const isCall = pattern["detail-type"].includes("AWS API Call via CloudTrail");
        const role = hasFunction(definition) ? longestRole : undefined;
        const rendered = renderPattern(definition.id, pattern, "123456789012", role);

        expect(rendered.length).to.be.at.most(2048);
        expect(Object.keys(pattern)).to.have.members(["source", "detail-type", "detail"]);
        if (!isCall) continue;
        const { detail } = JSON.parse(rendered);
        expect(pattern.detail, "spread ...succeeded into detail")
          .to.have.property("errorCode")
          .that.deep.equals([{ exists: false }]);
        expect(
          filters[definition.kind],
          "a record may lack the rest, and an event that is dropped here is never looked at: let `resources` decide",
        ).to.include.members(Object.keys(detail));
        if (hasFunction(definition))
          expect(detail.userIdentity.sessionContext.sessionIssuer.arn).to.deep.equal([
            { exists: false },
            { "anything-but": longestRole },
          ]);
      }
    });
  });

for (const definition of inspecting)
  describe(`${definition.id} keeps to what holds for every guardrail with a function`, () => {
    it("explains each of its settings, and works without any", () => {
      const fields = definition.settings.shape as Record<string, { description?: string }>;
      for (const [knob, { description = "" }] of Object.entries(fields)) {
        expect(description, `${knob} needs .describe("…")`).to.match(/^[A-Z].{10,}[.]$/);
        expect([...reservedKeys, ...definition.needs], `${knob} means something else already`).to.not.include(
          knob,
        );
      }
      for (const [old, knob] of Object.entries(definition.formerly ?? {})) {
        expect(fields, `formerly: ${old} was renamed to a setting that there is not`).to.have.property(knob);
        expect(
          [...Object.keys(fields), ...reservedKeys],
          `formerly: ${old} is a name of today`,
        ).to.not.include(old);
      }
      expect(() => definition.settings.parse({})).to.not.throw();
      expect(() => definition.settings.parse({ surelyNoKnob: 1 })).to.throw("surelyNoKnob");
    });

    it("may do exactly what its deployed text can ask for, neither more nor less", async () => {
      const own = ["clients", "resources", "look", "inspect", "assess", "ownership", "remediate"] as const;
      const used = await operationsOf(definition, ...own);
      const deployed = operationsIn(definition.id, await withoutMocha(() => serializeRemediator(definition)));
      const listing = await operationsOf(definition, "inventory");
      const ofTheHandler = deployed.filter(name => !used.includes(name) && !listing.includes(name));
      const actions = actionsFor(used);
      const reading = await Promise.all(actions.map(isReading));

      expect(ofTheHandler, "what every function calls besides").to.deep.equal(handlerOperations);
      expect(declared(definition, "read"), "read").to.deep.equal(actions.filter((_, at) => reading[at]));
      expect(declared(definition, "write"), "write").to.deep.equal(actions.filter((_, at) => !reading[at]));
    });

    it("names resources by their ARNs", () => {
      const settings = settingsOf(definition, stageOf(definition.id).settings);
      const arns = actingEvents(definition)
        .flatMap(event => namedIn(definition.resources(event, settings)))
        .map(({ arn }) => arn);

      for (const arn of arns)
        expect(arn).to.match(/^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12})?:[^\s\[]+$/);
    });

    it("writes nothing while it looks", async () => {
      const looking = actionsFor(
        await operationsOf(definition, "inspect", "look", "assess", "ownership", "resources"),
      );
      for (const action of looking) expect(await isReading(action), action).to.equal(true);
      expect(declared(definition, "read")).to.include.members(looking);
    });

    it("may write only what takes access away or adds protection", () => {
      const proof = proofOf(definition.id);
      const writes = proof.kind === "writing" ? proof.writes : {};
      const file = `tests/guardrails/${definition.id}/proof.ts`;

      expect(
        declared(definition, "write"),
        `${file}: does each of these only take access away or add protection? Then \`writes\` names it, with the reason, and with the conditions that keep it to that where it could also widen`,
      ).to.deep.equal(Object.keys(writes).sort());
      for (const { write } of permissionsOf(definition))
        for (const { actions, conditions = {} } of write)
          for (const action of actions)
            for (const [operator, keys] of Object.entries(writes[action].conditions ?? {}))
              expect(
                Object.keys(conditions[operator] ?? {}),
                `${definition.id}.ts: ${action} needs the condition ${operator} that ${file} asks for`,
              ).to.include.members(keys);
    });

    it("lets an operator undo and take stock with exactly what these call", async () => {
      const undoing = actionsFor(await operationsOf(definition, "undo"));
      const listing = actionsFor(await operationsOf(definition, "inventory"));
      // Tags that are given with a call need an action of their own, which no command names.
      const isTagging = ({ actions, conditions }: Statement) =>
        actions.join() === "ec2:CreateTags" && conditions?.StringEquals?.["ec2:CreateAction"] !== undefined;
      const undo = permissionsOf(definition).flatMap(permissions => permissions.undo);
      const ofCalls = undo.filter(statement => !isTagging(statement));
      const withCalls = undo
        .filter(isTagging)
        .flatMap(({ conditions }) => `ec2:${String(conditions?.StringEquals["ec2:CreateAction"])}`);
      const read = declared(definition, "read");

      expect(actionsIn(ofCalls), "undo").to.deep.equal(undoing);
      expect(undoing, "tags are given with these").to.include.members(withCalls);
      expect(declared(definition, "inventory"), "inventory").to.deep.equal(
        listing.filter(action => !read.includes(action)),
      );
    });

    it("gives a reason for every resource that is everything", () => {
      for (const permissions of permissionsOf(definition))
        for (const { actions, resources, reason } of Object.values(permissions).flat() as Statement[])
          if (resources.includes("*")) expect(reason ?? "", actions.join()).to.match(/.{15,}/);
    });

    it("asks for nothing that IAM would take without ever granting it", async () => {
      const policies = new Set(
        permissionsOf(definition)
          .flatMap(permissions => Object.values(permissions) as Statement[][])
          .filter(statements => statements.length > 0)
          .map(statements => JSON.stringify(policyDocument(statements))),
      );

      expect(policies).to.not.be.empty;
      const problems = await Promise.all([...policies].map(lintPolicy));
      expect([...new Set(problems.flat())]).to.deep.equal([]);
    });

    it("may do in every region that a stack covers what it may do at home", () => {
      const [home, other] = ["us-east-1", "eu-west-1"];
      for (const settings of settingsVariants(definition)) {
        const lists = definition.permissions(scopeOf(settings, "aws", [home, other]));
        for (const { actions, resources } of Object.values(lists).flat() as Statement[])
          for (const resource of resources.filter(arn => arn.includes(`:${home}:`)))
            expect(resources, actions.join()).to.include(resource.replace(`:${home}:`, `:${other}:`));
      }
    });

    it("stays in the partition where it is deployed", () => {
      for (const settings of settingsVariants(definition)) {
        const statements = Object.values(
          definition.permissions(scopeOf(settings, "aws-cn")) as Permissions,
        ).flat() as Statement[];
        for (const resource of statements.flatMap(({ resources }) => resources))
          expect(resource).to.match(/^(\*$|arn:aws-cn:)/);
      }
    });
  });

for (const { id, notice } of definitions.filter(isPublishing))
  describe(`${id} keeps to what holds for every guardrail without a function`, () => {
    const { paths, lines } = notice;

    it("keeps to what EventBridge accepts of an input transformer", () => {
      const template = lines.map(line => JSON.stringify(line)).join("\n");
      const used = [...template.matchAll(/<([^>]*)>/g)].map(([, name]) => name);

      expect(Object.keys(paths)).to.have.length.at.most(100);
      expect(template.length).to.be.at.most(8192);
      expect([...new Set(used)], "the variables of the lines are those of the paths").to.have.members(
        Object.keys(paths),
      );
      for (const [name, path] of Object.entries(paths)) {
        expect(name).to.match(/^[A-Za-z0-9_-]+$/);
        expect(name).to.not.match(/^aws\./);
        expect(path).to.match(/^\$(\.[A-Za-z0-9_-]+)+$/);
      }
      for (const line of lines) expect(line).to.not.match(/["\\\n]/);
    });
  });

/** The ledger, CloudTrail's word for what caused a write, and publishing notices. The role gets what these need beside the guardrail's own permissions. */
const handlerOperations = [
  "dynamodb:BatchGetItem",
  "dynamodb:BatchWriteItem",
  "dynamodb:GetItem",
  "dynamodb:PutItem",
  "dynamodb:Query",
  "dynamodb:TransactWriteItems",
  "dynamodb:UpdateItem",
  "cloudtrail:LookupEvents",
  "sns:GetTopicAttributes",
  "sns:Publish",
];
