import { expect } from "chai";
import { resourceTypes } from "../../../../sandbox/pulumi/provider";
import type { Properties } from "../../../../sandbox/pulumi/values";
import { engineOn, startPlugin, type Engine, type Kept, type Plugged } from "./asking";
import { codeOf, lambdaTrust, livesOn, type Ground, type Life } from "./lives";

const tagged = { stack: "dev" };

/** Outputs that AWS chooses anew, or that tell of the past. */
const passing = ["lastModified", "createDate", "uniqueId", "revisionId", "warmThroughput"];

/** All other outputs; a subscription's name in the account is chosen anew, too. */
const lasting = ({ type, outputs }: Kept): Properties =>
  Object.fromEntries(
    Object.entries(outputs).filter(
      ([name]) => !passing.includes(name) && !(name === "arn" && type.endsWith("Subscription")),
    ),
  );

const laidOver = (inputs: Properties, change: Properties): Properties =>
  Object.fromEntries(Object.entries({ ...inputs, ...change }).filter(([, value]) => value !== undefined));

describe("the AWS provider as a plugin of Pulumi's engine", function () {
  this.timeout(600_000);
  let plugged: Plugged;
  let engine: Engine;
  let lives: Readonly<Record<string, Life>>;

  before(async () => {
    plugged = await startPlugin();
    engine = engineOn(plugged.port);
    await engine.configure({ region: "us-east-1", defaultTags: { tags: tagged } });
    lives = livesOn(await makeGround(engine));
  });
  after(async () => {
    engine?.close();
    await plugged?.stop();
  });

  const types = resourceTypes(__dirname).map(({ type }) => type);
  const living = async (type: string): Promise<{ kept: Kept; life: Life }> => {
    const life = lives[type];
    expect(life, `tests/sandbox/pulumi/plugin/lives.ts does not say how ${type} lives`).not.to.equal(
      undefined,
    );
    expect(await engine.check(type, life.made)).to.deep.equal([]);
    return { kept: await engine.create(type, "subject", life.made), life };
  };

  for (const type of types)
    it(`makes, finds, changes and removes ${type}`, async () => {
      const { kept: made, life } = await living(type);
      let kept = made;
      try {
        expect(await engine.diff(kept, life.made)).to.deep.include({ changed: {}, replaces: [] });
        const found = await engine.read(kept);
        expect(found?.inputs, "inputs as they were given").to.deep.equal(kept.inputs);
        expect(found?.outputs, "outputs as creation told them").to.deep.equal(kept.outputs);

        for (const change of life.changes) {
          const inputs = laidOver(kept.inputs, change);
          expect(await engine.check(type, inputs)).to.deep.equal([]);
          const { changed, replaces } = await engine.diff(kept, inputs);
          expect(Object.keys(changed)).to.have.members(Object.keys(change));
          expect(replaces).to.deep.equal([]);

          kept = await engine.update(kept, inputs);

          const after = await engine.read(kept);
          expect(after?.inputs, `inputs after ${JSON.stringify(change)}`).to.deep.equal(inputs);
          expect(after?.outputs, `outputs after ${JSON.stringify(change)}`).to.deep.equal(kept.outputs);
          expect(await engine.diff({ ...kept, ...after }, inputs)).to.deep.include({ changed: {} });
        }

        const { replaces } = await engine.diff(kept, laidOver(kept.inputs, life.replacing ?? {}));
        expect(replaces).to.have.members(Object.keys(life.replacing ?? {}));
      } finally {
        await engine.remove(kept);
      }
      expect(await engine.read(kept), "gone").to.equal(undefined);
      await engine.remove(kept);
    });

  it("makes the same of the last inputs whether they came one by one or at once", async () => {
    for (const type of types.filter(one => lives[one].changes.length > 0)) {
      const { kept: made, life } = await living(type);
      let grown = made;
      for (const change of life.changes) grown = await engine.update(grown, laidOver(grown.inputs, change));
      await engine.remove(grown);
      const atOnce = await engine.create(type, "subject", grown.inputs);
      await engine.remove(atOnce);

      expect(lasting(grown), type).to.deep.equal(lasting(atOnce));
    }
  });
});

/** What the resources need: made by the plugin itself, as the program's own are. */
async function makeGround(engine: Engine): Promise<Ground> {
  const topic = await engine.create("aws:sns/topic:Topic", "ground", { name: "ground" });
  const queue = await engine.create("aws:sqs/queue:Queue", "ground", { name: "ground" });
  const role = await engine.create("aws:iam/role:Role", "ground", {
    name: "ground",
    assumeRolePolicy: lambdaTrust,
  });
  const fn = await engine.create("aws:lambda/function:Function", "ground", {
    name: "ground",
    code: codeOf("exports.handler = async () => 0;\n"),
    handler: "index.handler",
    runtime: "nodejs22.x",
    role: role.outputs.arn,
  });
  const rule = await engine.create("aws:cloudwatch/eventRule:EventRule", "ground", {
    name: "ground",
    eventPattern: '{"source":["aws.sts"]}',
  });
  const table = await engine.create("aws:dynamodb/table:Table", "ground", {
    name: "ground",
    billingMode: "PAY_PER_REQUEST",
    hashKey: "pk",
    attributes: [{ name: "pk", type: "S" }],
  });
  return {
    topicArn: topic.id,
    queueArn: String(queue.outputs.arn),
    queueUrl: queue.id,
    roleArn: String(role.outputs.arn),
    roleName: role.id,
    functionArn: String(fn.outputs.arn),
    functionName: fn.id,
    ruleName: rule.id,
    tableArn: String(table.outputs.arn),
  };
}
