import {
  CreateTableCommand,
  DeleteResourcePolicyCommand,
  DynamoDBClient,
  PutResourcePolicyCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import {
  CreateQueueCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { serviceMay } from "../../../sandbox/iam/decide";
import { parsePolicy } from "../../../sandbox/iam/policies";
import { startWorld, type World } from "../support/account";
import { allow, person } from "../support/person";

const account = "123456789012";
const user = (name: string) => `arn:aws:iam::${account}:user/${name}`;
const deny = (Action: string[], Resource: string, Condition: object) => ({
  Effect: "Deny",
  Principal: "*",
  Action,
  Resource,
  Condition,
});
const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });

describe("a Deny in a resource's own policy holds everybody of the account", function () {
  this.timeout(600_000);
  let world: World;
  before(async () => {
    world = await startWorld();
  });
  after(() => world?.close());

  const may = async (answer: Promise<unknown>): Promise<boolean> => {
    try {
      await answer;
      return true;
    } catch (error) {
      if (/^AccessDenied/.test((error as Error).name)) return false;
      throw error;
    }
  };
  /** An administrator, and the name that policies may spare. */
  const administrator = async () => {
    const credentials = await person(world, allow("*"));
    const { identity } = { identity: world.identities.find(credentials.accessKeyId) };
    return { credentials, name: identity.userName ?? "" };
  };

  it("of a queue: nobody but the senders that it names puts a message into it", async () => {
    const root = world.gateway.client(SQSClient);
    const { QueueUrl } = await root.send(new CreateQueueCommand({ QueueName: "failures" }));
    const [named, other] = [await administrator(), await administrator()];
    const queue = `arn:aws:sqs:us-east-1:${account}:failures`;
    const Policy = document(
      deny(["sqs:SendMessage"], queue, {
        ArnNotEquals: { "aws:PrincipalArn": [user(named.name)] },
        Bool: { "aws:PrincipalIsAWSService": "false" },
      }),
    );
    await root.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
    const send = ({ credentials }: { credentials: typeof named.credentials }) =>
      may(
        world.gateway
          .client(SQSClient, {}, credentials)
          .send(new SendMessageCommand({ QueueUrl, MessageBody: "forged" })),
      );

    expect([await send(named), await send(other)]).to.deep.equal([true, false]);
    const asked = { action: "sqs:SendMessage", resource: queue, policy: parsePolicy(Policy) };
    // It admits no service by itself, and denies none.
    expect(serviceMay({ ...asked, service: "events.amazonaws.com" })).to.include({ explicit: false });
  });

  it("of a table: only who is named changes its policy, its expiry and its indexes", async () => {
    const TableName = "ledger";
    const arn = `arn:aws:dynamodb:us-east-1:${account}:table/${TableName}`;
    await world.gateway.client(DynamoDBClient).send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      }),
    );
    const [deployer, other] = [await administrator(), await administrator()];
    const managing = ["PutResourcePolicy", "DeleteResourcePolicy", "UpdateTimeToLive", "UpdateTable"];
    const Policy = document(
      deny(
        managing.map(name => `dynamodb:${name}`),
        arn,
        { ArnNotEquals: { "aws:PrincipalArn": [user(deployer.name), `arn:aws:iam::${account}:root`] } },
      ),
    );
    const change = (client: DynamoDBClient): (() => Promise<unknown>)[] => [
      () => client.send(new PutResourcePolicyCommand({ ResourceArn: arn, Policy })),
      () =>
        client.send(
          new UpdateTimeToLiveCommand({
            TableName,
            TimeToLiveSpecification: { AttributeName: "expires", Enabled: true },
          }),
        ),
      () => client.send(new UpdateTableCommand({ TableName, BillingMode: "PAY_PER_REQUEST" })),
      () => client.send(new DeleteResourcePolicyCommand({ ResourceArn: arn })),
    ];
    const tries = async ({ credentials }: { credentials: typeof deployer.credentials }) => {
      const done: boolean[] = [];
      for (const one of change(world.gateway.client(DynamoDBClient, {}, credentials)))
        done.push(await may(one()));
      return done;
    };
    const command = new PutResourcePolicyCommand({ ResourceArn: arn, Policy });
    await world.gateway.client(DynamoDBClient, {}, deployer.credentials).send(command);

    expect(await tries(other)).to.deep.equal([false, false, false, false]);
    expect(await tries(deployer)).to.deep.equal([true, true, true, true]);
    expect((await tries(other))[0], "after the policy is gone").to.equal(true);
  });
});

describe("a topic that admits exactly some alarms", () => {
  const topic = `arn:aws:sns:us-east-1:${account}:alerts`;
  const alarm = (name: string) => `arn:aws:cloudwatch:us-east-1:${account}:alarm:${name}`;
  const policy = parsePolicy({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Resource: topic,
        Condition: { ArnEquals: { "aws:SourceArn": [alarm("guardrails-dev-held")] } },
      },
    ],
  });
  const publish = (sourceArn: string) =>
    serviceMay({
      service: "cloudwatch.amazonaws.com",
      action: "sns:Publish",
      resource: topic,
      policy,
      sourceArn,
      sourceAccount: account,
    }).allowed;

  it("admits no other alarm of the account, however it is named", () => {
    expect(publish(alarm("guardrails-dev-held"))).to.equal(true);
    expect(publish(alarm("guardrails-dev-held-by-mallory"))).to.equal(false);
    expect(publish(alarm("guardrails-dev-*"))).to.equal(false);
  });
});
