import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import {
  transactionReadings,
  type TransactionReading,
} from "../../../sandbox/services/dynamodb/leading-keys";
import { startWorld, type World } from "../support/account";
import { allow, person } from "../support/person";

const TableName = "orders";
/** The partition key is neither the only key nor called pk. */
const order = (customer: string, id = "1") => ({ customer: { S: customer }, id: { S: id } });
const item = (customer: string) => ({ ...order(customer), pk: { S: "other" }, state: { S: "open" } });

for (const transactions of transactionReadings)
  describe(`DynamoDB in the sandbox, to a policy on leading keys, with the keys of transactions by "${transactions}"`, function () {
    this.timeout(600_000);
    let world: World;
    /** May do everything with keys that begin with own#. */
    let own: DynamoDBClient;
    before(async () => {
      world = await startWorld({ transactions });
      await createTable(world);
      own = await ownClient(world);
    });
    after(() => world?.close());

    const may = async (answer: Promise<unknown>): Promise<boolean> => {
      try {
        await answer;
        return true;
      } catch (error) {
        if ((error as Error).name === "AccessDeniedException") return false;
        throw error;
      }
    };

    const single: Readonly<Record<string, (customer: string) => Promise<unknown>>> = {
      PutItem: customer => own.send(new PutItemCommand({ TableName, Item: item(customer) })),
      GetItem: customer => own.send(new GetItemCommand({ TableName, Key: order(customer) })),
      DeleteItem: customer => own.send(new DeleteItemCommand({ TableName, Key: order(customer) })),
      UpdateItem: customer =>
        own.send(
          new UpdateItemCommand({
            TableName,
            Key: order(customer),
            UpdateExpression: "SET amount = :one",
            ExpressionAttributeValues: { ":one": { N: "1" } },
          }),
        ),
      Query: customer => own.send(new QueryCommand(queryOf(customer))),
      "Query with the names written out": customer =>
        own.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: "id = :id AND customer = :customer",
            ExpressionAttributeValues: { ":id": { S: "own#" }, ":customer": { S: customer } },
          }),
        ),
      "Query in the old form": customer =>
        own.send(
          new QueryCommand({
            TableName,
            KeyConditions: { customer: { ComparisonOperator: "EQ", AttributeValueList: [{ S: customer }] } },
          }),
        ),
      "Query of an index": customer =>
        own.send(
          new QueryCommand({
            TableName,
            IndexName: "by-state",
            KeyConditionExpression: "#state = :state",
            ExpressionAttributeNames: { "#state": "state" },
            ExpressionAttributeValues: { ":state": { S: customer } },
          }),
        ),
      BatchGetItem: customer =>
        own.send(
          new BatchGetItemCommand({
            RequestItems: { [TableName]: { Keys: [order("own#1"), order(customer)] } },
          }),
        ),
      BatchWriteItem: customer =>
        own.send(
          new BatchWriteItemCommand({
            RequestItems: {
              [TableName]: [
                { PutRequest: { Item: item("own#1") } },
                { DeleteRequest: { Key: order(customer) } },
              ],
            },
          }),
        ),
    };
    for (const [call, send] of Object.entries(single))
      it(`${call} is judged by the table's own partition key`, async () => {
        expect([await may(send("own#2")), await may(send("other#2"))]).to.deep.equal([true, false]);
      });

    it("Scan names no key, so that ForAllValues does not hold it", async () => {
      expect(await may(own.send(new ScanCommand({ TableName })))).to.equal(true);
    });

    const write = (put: string, checked: string) =>
      own.send(
        new TransactWriteItemsCommand({
          TransactItems: [
            { Put: { TableName, Item: item(put) } },
            {
              ConditionCheck: {
                TableName,
                Key: order(checked, "2"),
                ConditionExpression: "attribute_not_exists(customer)",
              },
            },
          ],
        }),
      );
    const expected: Readonly<Record<TransactionReading, readonly boolean[]>> = {
      item: [true, true, false, false],
      request: [true, false, false, false],
      none: [true, true, true, true],
    };
    it("a transaction that puts own#… and checks shared#…, which only a check may, or puts it, or another's", async () => {
      const tried = [
        await may(write("own#3", "own#4")),
        await may(write("own#3", "shared#1")),
        await may(write("shared#2", "own#4")),
        await may(write("other#1", "own#4")),
      ];
      expect(tried).to.deep.equal(expected[transactions]);
    });

    it("a transaction that reads another's item among own ones", async () => {
      const Get = (customer: string) => ({ Get: { TableName, Key: order(customer) } });
      const read = (...customers: string[]) =>
        may(own.send(new TransactGetItemsCommand({ TransactItems: customers.map(Get) })));

      expect(await read("own#1", "own#2")).to.equal(true);
      expect(await read("own#1", "other#1")).to.equal(transactions === "none");
    });
  });

const queryOf = (customer: string): QueryCommandInput => ({
  TableName,
  KeyConditionExpression: "#customer = :customer AND begins_with(id, :id)",
  ExpressionAttributeNames: { "#customer": "customer" },
  ExpressionAttributeValues: { ":customer": { S: customer }, ":id": { S: "own#" } },
});

async function createTable(world: World): Promise<void> {
  const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });
  await world.gateway.client(DynamoDBClient).send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [attribute("customer"), attribute("id"), attribute("state")],
      KeySchema: [
        { AttributeName: "customer", KeyType: "HASH" },
        { AttributeName: "id", KeyType: "RANGE" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-state",
          KeySchema: [
            { AttributeName: "state", KeyType: "HASH" },
            { AttributeName: "customer", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "ALL" },
        },
      ],
    }),
  );
}

async function ownClient(world: World): Promise<DynamoDBClient> {
  const keys = (...patterns: string[]) => ({
    "ForAllValues:StringLike": { "dynamodb:LeadingKeys": patterns },
  });
  const credentials = await person(
    world,
    allow("dynamodb:*", "*", keys("own#*")),
    allow("dynamodb:ConditionCheckItem", "*", keys("own#*", "shared#*")),
  );
  return world.gateway.client(DynamoDBClient, {}, credentials);
}

describe("a transaction in the sandbox", function () {
  this.timeout(600_000);
  let world: World;
  let client: DynamoDBClient;
  before(async () => {
    world = await startWorld();
    await createTable(world);
    client = world.gateway.client(DynamoDBClient);
  });
  after(() => world?.close());

  const all = async () => (await client.send(new ScanCommand({ TableName }))).Items ?? [];
  /** Puts one, changes one, deletes one, and last asks for an item. */
  const transact = (wanted: string) =>
    client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName, Item: item("new") } },
          {
            Update: {
              TableName,
              Key: order("changed"),
              UpdateExpression: "SET amount = :one",
              ExpressionAttributeValues: { ":one": { N: "1" } },
            },
          },
          {
            Update: {
              TableName,
              Key: order("made"),
              UpdateExpression: "SET amount = :one",
              ExpressionAttributeValues: { ":one": { N: "1" } },
            },
          },
          { Delete: { TableName, Key: order("deleted") } },
          {
            ConditionCheck: {
              TableName,
              Key: order(wanted),
              ConditionExpression: "attribute_exists(customer)",
            },
          },
        ],
      }),
    );

  it("changes nothing when one of its conditions does not hold, and all of it when they do", async () => {
    for (const customer of ["changed", "deleted", "there"])
      await client.send(new PutItemCommand({ TableName, Item: item(customer) }));
    const before = await all();

    const { name } = await transact("absent").then(
      () => new Error("It was done"),
      (error: Error) => error,
    );
    expect(name).to.equal("TransactionCanceledException");
    expect(await all()).to.have.deep.members(before);

    await transact("there");
    const amounts = (await all()).map(one => [one.customer.S, one.amount?.N]);
    expect(amounts).to.have.deep.members([
      ["new", undefined],
      ["changed", "1"],
      ["made", "1"],
      ["there", undefined],
    ]);
  });
});
