import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  TagResourceCommand,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DescribeLogGroupsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { EventBridgeClient, ListRulesCommand } from "@aws-sdk/client-eventbridge";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { SNSClient, ListTopicsCommand } from "@aws-sdk/client-sns";
import { SQSClient, ListQueuesCommand } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { startWorld, type World } from "./support/account";
import { changesOf, countOf } from "./support/events";

const TableName = "guardrails-dev-ledger";

// One story of one stack, in this order.
describe("what a destroyed stack leaves behind, under Pulumi's CLI", function () {
  this.bail(true);
  let world: World;
  before(async () => {
    world = await startWorld();
    const { workspace } = world;
    await workspace.pulumi("config", "rm", "guardrails");
    await workspace.pulumi("config", "set", "--path", "guardrails.security-group-open-ingress", "enforce");
    await workspace.pulumi("config", "set", "--path", "guardrails.vpc-created", "notify");
    await workspace.pulumi("up", "--yes", "--skip-preview");
  });
  after(() => world?.stop());

  const table = async () =>
    (await world.client(DynamoDBClient).send(new DescribeTableCommand({ TableName }))).Table;

  it("is the ledger, protected, and the audit log, and nothing else", async () => {
    const destroyed = await world.workspace.run("destroy");

    expect(destroyed.code, destroyed.out).to.equal(0);
    expect(countOf(destroyed)).to.have.all.keys("delete");
    const { client } = world;
    const logs = await client(CloudWatchLogsClient).send(new DescribeLogGroupsCommand({}));
    const left = {
      tables: (await client(DynamoDBClient).send(new ListTablesCommand({}))).TableNames,
      logGroups: logs.logGroups?.map(({ logGroupName }) => logGroupName),
      rules: (await client(EventBridgeClient).send(new ListRulesCommand({}))).Rules,
      roles: (await client(IAMClient).send(new ListRolesCommand({}))).Roles,
      functions: (await client(LambdaClient).send(new ListFunctionsCommand({}))).Functions,
      topics: (await client(SNSClient).send(new ListTopicsCommand({}))).Topics,
      queues: (await client(SQSClient).send(new ListQueuesCommand({}))).QueueUrls ?? [],
    };
    expect(left).to.deep.equal({
      ...{ tables: [TableName], logGroups: ["/guardrails/dev"] },
      ...{ rules: [], roles: [], functions: [], topics: [], queues: [] },
    });
    expect(await table()).to.include({ DeletionProtectionEnabled: true });
  });

  it("is in the way of a stack that would make it anew, which AWS says and nobody has to guess from a trace", async () => {
    const { code, out } = await world.workspace.run("up");

    expect(code).to.not.equal(0);
    expect(out)
      .to.match(/ResourceInUseException|ResourceAlreadyExistsException/)
      .and.not.match(/^\s+at /m);
  });

  it("is taken over with `ledger: adopt`, and brought to what this version makes of it", async () => {
    const dynamo = world.client(DynamoDBClient);
    await dynamo.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
    const ResourceArn = (await table())?.TableArn;
    await dynamo.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: "by", Value: "hand" }] }));
    await world.workspace.pulumi("config", "set", "ledger", "adopt");

    const adopted = await world.workspace.run("up");

    expect(adopted.code, adopted.out).to.equal(0);
    const changes = changesOf(adopted).filter(change => / (Table|LogGroup) /.test(change));
    expect(changes.filter(change => change.startsWith("import"))).to.have.length(2);
    expect(changes.filter(change => change.startsWith("create"))).to.deep.equal([]);
    expect(await table()).to.include({ DeletionProtectionEnabled: true });
  });

  it("is as if it had been made once it is taken over, with the setting or without it", async () => {
    const kept = await world.workspace.run("up", "--expect-no-changes");
    expect(countOf(kept), kept.out).to.have.all.keys("same");

    await world.workspace.pulumi("config", "rm", "ledger");
    const removed = await world.workspace.run("up", "--expect-no-changes");
    expect(countOf(removed), removed.out).to.have.all.keys("same");
  });
});

describe("`ledger: adopt` under Pulumi's CLI", () => {
  let world: World;
  before(async () => {
    world = await startWorld();
    await world.workspace.pulumi("config", "rm", "guardrails");
    await world.workspace.pulumi("config", "set", "--path", "guardrails[0]", "vpc-created");
    await world.workspace.pulumi("config", "set", "ledger", "adopt");
  });
  after(() => world?.stop());

  it("fails where there is nothing to take over, with its name", async () => {
    const { code, out } = await world.workspace.run("preview");

    expect(code).to.not.equal(0);
    expect(out).to.match(/'(guardrails-dev-ledger|\/guardrails\/dev)' does not exist/);
  });

  it("refuses a table with other keys", async () => {
    await world
      .client(CloudWatchLogsClient)
      .send(new CreateLogGroupCommand({ logGroupName: "/guardrails/dev" }));
    await world.client(DynamoDBClient).send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      }),
    );

    const { code, out } = await world.workspace.run("up");

    expect(code).to.not.equal(0);
    expect(out).to.match(/may not be replaced/);
  });
});
