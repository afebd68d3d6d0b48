import {
  CloudTrailClient,
  DescribeTrailsCommand,
  LookupEventsCommand,
  type LookupAttributeKey,
  type LookupEventsCommandInput,
} from "@aws-sdk/client-cloudtrail";
import {
  CreateSecurityGroupCommand,
  CreateVpcCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { PutObjectCommand, CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { createClock, type Clock } from "../../../sandbox/ground/clock";
import { cloudtrailHandlers } from "../../../sandbox/services/cloudtrail/handlers";
import { createEventHistory, type EventHistory } from "../../../sandbox/watch/history";
import { startWorld, type World } from "../support/account";
import { refusal } from "../support/refusal";

const minute = 60_000;

describe("CloudTrail's event history", function () {
  this.timeout(600_000);
  let world: World;
  let clock: Clock;
  let history: EventHistory;
  beforeEach(async () => {
    clock = createClock();
    history = createEventHistory(clock);
    const handlers = Object.fromEntries(
      Object.entries(cloudtrailHandlers({ watch: { history }, clock })).map(([name, handler]) => [
        `cloudtrail:${name}`,
        handler,
      ]),
    );
    world = await startWorld({ clock, handlers, keep: record => history.keep(record) });
  });
  afterEach(() => world.close());
  const client = <C>(make: new (config: never) => C, region = "us-east-1"): C =>
    world.gateway.client(make, { region });
  const createVpc = async (region?: string) => {
    await client(EC2Client, region).send(new CreateVpcCommand({ CidrBlock: "10.1.0.0/16" }));
    return (world.events.at(-1)?.detail ?? {}) as { eventID: string; eventTime: string };
  };
  const lookUp = async (input: LookupEventsCommandInput = {}, region?: string) => {
    // A second apart: more than two a second are refused.
    await clock.advance(1000);
    return client(CloudTrailClient, region).send(new LookupEventsCommand(input));
  };
  const byAttribute = async (AttributeKey: LookupAttributeKey, AttributeValue: string, region?: string) => {
    const { Events = [] } = await lookUp({ LookupAttributes: [{ AttributeKey, AttributeValue }] }, region);
    return Events;
  };

  it("knows the very record that rules heard of, by its id, once CloudTrail has got round to it", async () => {
    const { eventID } = await createVpc();

    await clock.advance(14 * minute);
    const early = await byAttribute("EventId", eventID);
    await clock.advance(minute);
    const found = await byAttribute("EventId", eventID);

    expect(early).to.deep.equal([]);
    expect(found).to.have.length(1);
    expect(JSON.parse(found[0]?.CloudTrailEvent ?? "")).to.deep.equal(world.events[0]?.detail);
    expect(found[0]).to.deep.include({
      EventName: "CreateVpc",
      EventSource: "ec2.amazonaws.com",
      ReadOnly: "false",
      Username: "root",
    });
    expect(await byAttribute("EventId", "0f6a1a9c-0000-4000-8000-000000000000")).to.deep.equal([]);
  });

  it("can be made to fall behind, and to catch up", async () => {
    history.delay = 4 * 60 * minute;
    const { eventID } = await createVpc();

    await clock.advance(3 * 60 * minute);
    const behind = await byAttribute("EventId", eventID);
    history.delay = 0;

    expect(behind).to.deep.equal([]);
    expect(await byAttribute("EventId", eventID)).to.have.length(1);
  });

  it("is each region's own; that of global services is in us-east-1", async () => {
    history.delay = 0;
    const { eventID } = await createVpc("eu-west-1");
    await client(IAMClient, "eu-west-1").send(new CreateUserCommand({ UserName: "ann" }));

    expect(await byAttribute("EventId", eventID, "us-east-1")).to.deep.equal([]);
    expect(await byAttribute("EventId", eventID, "eu-west-1")).to.have.length(1);
    expect(await byAttribute("EventName", "CreateUser", "eu-west-1")).to.deep.equal([]);
    expect(await byAttribute("EventName", "CreateUser", "us-east-1")).to.have.length(1);
  });

  it("has reads and refused calls too, and no operation on data", async () => {
    history.delay = 0;
    const [ec2, s3, iam] = [client(EC2Client), client(S3Client), client(IAMClient)];
    await ec2.send(new DescribeVpcsCommand({}));
    await s3.send(new CreateBucketCommand({ Bucket: "a-bucket" }));
    await s3.send(new PutObjectCommand({ Bucket: "a-bucket", Key: "k", Body: "text" }));
    await iam.send(new CreateUserCommand({ UserName: "eve" }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "eve" }));
    const keys = {
      accessKeyId: AccessKey?.AccessKeyId ?? "",
      secretAccessKey: AccessKey?.SecretAccessKey ?? "",
    };
    await refusal(
      world.gateway.client(EC2Client, {}, keys).send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" })),
    );

    const [read] = await byAttribute("EventName", "DescribeVpcs");
    const [denied] = await byAttribute("Username", "eve");
    expect(read?.ReadOnly).to.equal("true");
    expect(JSON.parse(read?.CloudTrailEvent ?? "")).to.deep.include({
      readOnly: true,
      responseElements: null,
    });
    expect(JSON.parse(denied?.CloudTrailEvent ?? "")).to.include({
      errorCode: "Client.UnauthorizedOperation",
    });
    expect(await byAttribute("EventName", "PutObject")).to.deep.equal([]);
    expect((await byAttribute("ResourceName", "a-bucket")).map(({ EventName }) => EventName)).to.deep.equal([
      "CreateBucket",
    ]);
  });

  it("tells the resources of an event by their types, a group's name not taken for an IAM group", async () => {
    history.delay = 0;
    const { GroupId = "" } = await client(EC2Client).send(
      new CreateSecurityGroupCommand({ GroupName: "web", Description: "a group" }),
    );

    const [event] = await byAttribute("ResourceName", GroupId);

    expect(event?.Resources).to.deep.include({
      ResourceType: "AWS::EC2::SecurityGroup",
      ResourceName: GroupId,
    });
    expect(event?.Resources?.map(({ ResourceType }) => ResourceType)).to.not.include("AWS::IAM::Group");
  });

  it("answers the latest first, in pages, within both ends of the time asked for", async () => {
    history.delay = 0;
    const times: Date[] = [];
    for (let count = 0; count < 5; count += 1) {
      times.push(new Date((await createVpc()).eventTime));
      await clock.advance(minute);
    }
    const LookupAttributes = [{ AttributeKey: "EventName" as const, AttributeValue: "CreateVpc" }];
    const range = { LookupAttributes, StartTime: times[1], EndTime: times[3] };

    const first = await lookUp({ ...range, MaxResults: 2 });
    const second = await lookUp({ ...range, MaxResults: 2, NextToken: first.NextToken });

    expect(first.Events?.map(({ EventTime }) => EventTime)).to.deep.equal([times[3], times[2]]);
    expect(second.Events?.map(({ EventTime }) => EventTime)).to.deep.equal([times[1]]);
    expect(second.NextToken).to.equal(undefined);
  });

  it("takes two lookups a second of an account and region", async () => {
    const here = client(CloudTrailClient);
    const there = client(CloudTrailClient, "eu-west-1");
    const ask = (from: CloudTrailClient) => from.send(new LookupEventsCommand({}));
    await ask(here);
    await ask(here);

    const error = await refusal(ask(here));
    await ask(there);
    await clock.advance(1000);
    await ask(here);

    expect(error.name).to.equal("ThrottlingException");
  });

  it("is read only by who may", async () => {
    const iam = client(IAMClient);
    await iam.send(new CreateUserCommand({ UserName: "ann" }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "ann" }));
    const keys = {
      accessKeyId: AccessKey?.AccessKeyId ?? "",
      secretAccessKey: AccessKey?.SecretAccessKey ?? "",
    };
    const ask = () => world.gateway.client(CloudTrailClient, {}, keys).send(new LookupEventsCommand({}));

    const before = await refusal(ask());
    const Statement = [{ Effect: "Allow", Action: "cloudtrail:LookupEvents", Resource: "*" }];
    await iam.send(
      new PutUserPolicyCommand({
        UserName: "ann",
        PolicyName: "own",
        PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement }),
      }),
    );

    expect(before.name).to.match(/^AccessDenied/);
    expect((await ask()).Events).to.deep.equal([]);
  });

  for (const [what, input, code] of [
    ["51 results", { MaxResults: 51 }, "InvalidMaxResultsException"],
    ["no results", { MaxResults: 0 }, "InvalidMaxResultsException"],
    ["two attributes", { LookupAttributes: [{}, {}] }, "InvalidLookupAttributesException"],
    [
      "an attribute that there is not",
      { LookupAttributes: [{ AttributeKey: "Region", AttributeValue: "x" }] },
      "InvalidLookupAttributesException",
    ],
    [
      "an empty value",
      { LookupAttributes: [{ AttributeKey: "EventId", AttributeValue: "" }] },
      "InvalidLookupAttributesException",
    ],
    [
      "an end before the start",
      { StartTime: new Date(2000), EndTime: new Date(1000) },
      "InvalidTimeRangeException",
    ],
    ["a token of no lookup", { NextToken: "bm8=" }, "InvalidNextTokenException"],
    ["a category that there is not", { EventCategory: "data" }, "InvalidEventCategoryException"],
  ] as const)
    it(`refuses ${what}`, async () => {
      const error = await refusal(lookUp(input as unknown as LookupEventsCommandInput));

      expect(error.name).to.equal(code);
    });

  it("refuses what is not the event history, by its name", async () => {
    const error = await refusal(client(CloudTrailClient).send(new DescribeTrailsCommand({})));

    expect(error.message).to.equal("The sandbox does not implement cloudtrail:DescribeTrails.");
  });
});
