import {
  CloudWatchLogsClient,
  PutRetentionPolicyCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { expect } from "chai";
import { resourceTypes } from "../../../../sandbox/pulumi/provider";
import { unknownValue, type Properties } from "../../../../sandbox/pulumi/values";
import { engineOn, startPlugin, type Engine, type Kept, type Plugged } from "./asking";
import { lambdaTrust } from "./lives";

const logGroup = "aws:cloudwatch/logGroup:LogGroup";
const table = "aws:dynamodb/table:Table";

const failureOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "nothing failed",
    (error: Error) => error.message,
  );

describe("Pulumi's engine hears from the AWS provider", function () {
  this.timeout(600_000);
  let plugged: Plugged;
  let engine: Engine;
  const kept: Kept[] = [];
  const make = async (type: string, inputs: Properties): Promise<Kept> => {
    const made = await engine.create(type, "subject", inputs);
    kept.push(made);
    return made;
  };

  before(async () => {
    plugged = await startPlugin();
    engine = engineOn(plugged.port);
    await engine.configure({ region: "us-east-1", defaultTags: '{"tags":{"stack":"dev"}}' });
  });
  afterEach(async () => {
    for (const one of kept.splice(0)) await engine.remove(one);
  });
  after(async () => {
    engine?.close();
    await plugged?.stop();
  });

  it("the name of a type that it does not provide, whatever it asks", async () => {
    const type = "aws:s3/bucket:Bucket";
    const strange: Kept = { type, name: "strange", id: "x", inputs: {}, outputs: {} };
    const said = /^the sandbox does not provide aws:s3\/bucket:Bucket; it provides aws:sns/;

    expect(await failureOf(engine.check(type, {}))).to.match(said);
    expect(await failureOf(engine.create(type, "strange", {}))).to.match(said);
    expect(await failureOf(engine.diff(strange, {}))).to.match(said);
    expect(await failureOf(engine.update(strange, {}))).to.match(said);
    expect(await failureOf(engine.read(strange))).to.match(said);
    expect(await failureOf(engine.remove(strange))).to.match(said);
    expect(await failureOf(engine.invoke("aws:s3/getBucket:getBucket", {}))).to.match(
      /^the sandbox does not provide aws:s3\/getBucket:getBucket/,
    );
  });

  it("the name of a property that it does not know, and what is wrong with others", async () => {
    const problems = await engine.check(logGroup, { name: "/x", retention: 5, retentionInDays: 6 });

    expect(problems.join("\n")).to.match(
      /does not know the property "retention" of aws:cloudwatch\/logGroup/,
    );
    expect(problems.join("\n")).to.match(/"retentionInDays" is 6: expected one of/);
  });

  it("the name of an input that cannot be changed, at the preview and when it is changed after all", async () => {
    const made = await make(logGroup, { name: "/guardrails/x" });
    const inputs = {
      ...made.inputs,
      kmsKeyId: "arn:aws:kms:us-east-1:123456789012:key/x",
      retentionInDays: 30,
    };
    const said = `the sandbox cannot update the property "kmsKeyId" of ${logGroup}`;

    expect(await failureOf(engine.diff(made, inputs))).to.equal(said);
    expect(await failureOf(engine.update(made, inputs))).to.equal(said);
    expect(
      await failureOf(engine.update(made, { name: "/guardrails/y", retentionInDays: 30 })),
      "what replaces is no change",
    ).to.equal(`the sandbox cannot update the property "name" of ${logGroup}`);
    expect((await engine.read(made))?.outputs.retentionInDays, "nothing was done").to.equal(0);
  });

  it("which inputs changed, how, and that a name that stays must be free before there is a replacement", async () => {
    const made = await make(logGroup, { name: "/guardrails/x", retentionInDays: 30 });

    expect(
      await engine.diff(made, { name: "/guardrails/x", tags: { a: "b" }, skipDestroy: true }),
    ).to.deep.equal({
      changed: { tags: "ADD", skipDestroy: "ADD", retentionInDays: "DELETE" },
      replaces: [],
      deleteBeforeReplace: false,
    });
    expect(await engine.diff(made, { name: "/guardrails/y", retentionInDays: 60 })).to.deep.equal({
      changed: { name: "UPDATE_REPLACE", retentionInDays: "UPDATE" },
      replaces: ["name"],
      deleteBeforeReplace: false,
    });
    expect(await engine.diff(made, { ...made.inputs, logGroupClass: "INFREQUENT_ACCESS" })).to.deep.equal({
      changed: { logGroupClass: "ADD_REPLACE" },
      replaces: ["logGroupClass"],
      deleteBeforeReplace: true,
    });
  });

  it("no difference between JSON of the same meaning, lists without an order, and what AWS has anyway", async () => {
    const attributes = ["pk", "sk"].map(name => ({ name, type: "S" }));
    const inputs = {
      name: "ledger",
      billingMode: "PAY_PER_REQUEST",
      hashKey: "pk",
      rangeKey: "sk",
      attributes,
    };
    const made = await make(table, inputs);
    const policy = { Version: "2012-10-17", Statement: JSON.parse(lambdaTrust).Statement };
    const role = await make("aws:iam/role:Role", { name: "r", assumeRolePolicy: JSON.stringify(policy) });

    const other = {
      ...inputs,
      attributes: [...attributes].reverse(),
      ttl: { enabled: false, attributeName: "" },
    };
    expect((await engine.diff(made, other)).changed).to.deep.equal({});
    const spaced = JSON.stringify({ Statement: policy.Statement, Version: policy.Version }, undefined, 2);
    expect(
      (await engine.diff(role, { name: "r", assumeRolePolicy: spaced, path: "/" })).changed,
    ).to.deep.equal({});
    expect((await engine.diff(role, { name: "r", assumeRolePolicy: unknownValue })).changed).to.deep.equal({
      assumeRolePolicy: "UPDATE",
    });
  });

  it("what it can foretell in a preview, which makes and changes nothing", async () => {
    const foretold = await engine.create(logGroup, "subject", { name: "/guardrails/x" }, true);
    expect(foretold).to.deep.include({ id: "", outputs: { name: "/guardrails/x" } });
    expect(await engine.read({ ...foretold, id: "/guardrails/x" })).to.equal(undefined);

    const made = await make(logGroup, { name: "/guardrails/x" });
    const changed = await engine.update(made, { name: "/guardrails/x", retentionInDays: 30 }, true);
    expect(changed.outputs.retentionInDays).to.equal(30);
    expect((await engine.read(made))?.outputs.retentionInDays).to.equal(0);
  });

  it("what somebody changed by hand, and puts it back", async () => {
    const inputs = { name: "/guardrails/x", retentionInDays: 30 };
    const made = await make(logGroup, inputs);
    const logs = plugged.sandbox.gateway.client(CloudWatchLogsClient, { region: "us-east-1" });
    await logs.send(new PutRetentionPolicyCommand({ logGroupName: "/guardrails/x", retentionInDays: 1 }));
    await logs.send(new UntagResourceCommand({ resourceArn: String(made.outputs.arn), tagKeys: ["stack"] }));

    const found = await engine.read(made);
    expect(found?.inputs).to.deep.equal({ name: "/guardrails/x", retentionInDays: 1 });
    expect(found?.outputs).to.deep.equal({ ...made.outputs, retentionInDays: 1, tagsAll: {} });
    const drifted = { ...made, ...found };
    expect(Object.keys((await engine.diff(drifted, inputs)).changed)).to.have.members([
      "retentionInDays",
      "tags",
    ]);

    const mended = await engine.update(drifted, inputs);
    expect(mended.outputs).to.deep.equal(made.outputs);
    expect((await engine.read(mended))?.outputs).to.deep.equal(made.outputs);
  });

  it("that a role with policies of somebody else's stays, unless it was made to let go of them", async () => {
    const inputs = { name: "worker", assumeRolePolicy: lambdaTrust };
    const role = await make("aws:iam/role:Role", inputs);
    const iam = plugged.sandbox.gateway.client(IAMClient, { region: "us-east-1" });
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: "worker",
        PolicyName: "own",
        PolicyDocument:
          '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}',
      }),
    );

    expect(await failureOf(engine.remove(role))).to.match(/^DeleteConflictException: /);
    const letting = await engine.update(role, { ...inputs, forceDetachPolicies: true });
    await engine.remove(letting);
    expect(await engine.read(letting)).to.equal(undefined);
  });

  it("the state and the inputs of what it imports, so that the same inputs change nothing", async () => {
    const inputs = {
      name: "guardrails-dev-ledger",
      billingMode: "PAY_PER_REQUEST",
      hashKey: "pk",
      attributes: ["id", "pk"].map(name => ({ name, type: "S" })),
      globalSecondaryIndexes: [{ name: "id", hashKey: "id", projectionType: "KEYS_ONLY" }],
      ttl: { attributeName: "ttl", enabled: true },
      pointInTimeRecovery: { enabled: true },
      tags: { team: "blue" },
    };
    const made = await make(table, inputs);

    const imported = await engine.import(table, "subject", "guardrails-dev-ledger");

    expect(imported?.id).to.equal("guardrails-dev-ledger");
    expect(imported?.outputs.arn).to.equal(made.outputs.arn);
    expect(imported?.inputs).to.deep.equal(inputs);
    expect((await engine.diff({ ...made, ...imported }, inputs)).changed).to.deep.equal({});
    expect(await engine.import(table, "subject", "no-such-table")).to.equal(undefined);
  });

  it("a sentence when something cannot be imported by its id alone", async () => {
    for (const type of ["aws:lambda/permission:Permission", "aws:cloudwatch/eventTarget:EventTarget"])
      expect(await failureOf(engine.import(type, "subject", "x"))).to.equal(
        `the sandbox cannot import ${type}`,
      );
  });

  it("AWS's own words, with their code, when AWS refuses", async () => {
    const inputs = { name: "/guardrails/x" };
    await make(logGroup, inputs);

    expect(await failureOf(engine.create(logGroup, "other", inputs))).to.match(
      /^ResourceAlreadyExistsException: /,
    );
  });

  it("that its configuration has a mistake, and how to mend it", async () => {
    const fresh = engineOn(plugged.port);

    expect(await fresh.checkConfig({ region: "us-east-1" })).to.deep.equal([]);
    expect((await fresh.checkConfig({})).join()).to.match(/pulumi config set aws:region us-east-1/);
    expect(await failureOf(fresh.configure({ region: "us-east-1", profile: "own" }))).to.match(/profile/);
    expect(await failureOf(fresh.check(logGroup, {}))).to.match(/not configured on this connection/);
    expect(await failureOf(fresh.schema())).to.equal("the AWS provider of the sandbox lacks a schema");
    fresh.close();
  });

  it("of each stack's own region, when two are deployed at once", async () => {
    const other = engineOn(plugged.port);
    await other.configure({ region: "eu-west-1" });

    const [here, there] = await Promise.all([
      engine.create(logGroup, "subject", { name: "/x" }),
      other.create(logGroup, "subject", { name: "/x" }),
    ]);

    expect([here, there].map(({ outputs }) => outputs.region)).to.deep.equal(["us-east-1", "eu-west-1"]);
    expect(await engine.diff(there, { name: "/x" }), "a stack that moves").to.deep.include({
      changed: { region: "UPDATE_REPLACE", tags: "UPDATE" },
      replaces: ["region"],
      deleteBeforeReplace: false,
    });
    await engine.remove(here);
    expect((await other.read(there))?.id).to.equal("/x");
    await other.remove(there);
    other.close();
  });

  it("of every type how each of its inputs changes, but for these, which it refuses to change", () => {
    const unchangeable = resourceTypes(__dirname).flatMap(({ type, properties, changes }) =>
      properties
        .filter(name => !changes.replaces.includes(name) && !changes.updates.includes(name))
        .map(name => `${type} ${name}`),
    );
    const twice = resourceTypes(__dirname).flatMap(({ type, changes }) =>
      changes.replaces.filter(name => changes.updates.includes(name)).map(name => `${type} ${name}`),
    );

    expect(twice).to.deep.equal([]);
    expect(unchangeable).to.have.members([
      ...["description", "kmsKeyIdentifier", "deadLetterConfig"].map(
        name => `aws:cloudwatch/eventBus:EventBus ${name}`,
      ),
      ...["kmsKeyId", "deletionProtectionEnabled"].map(name => `${logGroup} ${name}`),
      ...[
        "attributes",
        "globalSecondaryIndexes",
        "serverSideEncryption",
        "streamEnabled",
        "streamViewType",
      ].map(name => `${table} ${name}`),
    ]);
  });
});
