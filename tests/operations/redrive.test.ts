import type { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import type { Failure } from "../../operations/failures";
import type { Operator } from "../../operations/operator";
import { redrive } from "../../operations/redrive";
import { securityGroupOpenIngress } from "../../components/guardrails/security-group-open-ingress";
import { awsError, fakeClient } from "../support/fakes/client";
import { writtenEvents } from "../support/events/written";

const event = writtenEvents("security-group-open-ingress")["AuthorizeSecurityGroupIngress-permissions"];
const failureOf = (body: object): Failure => ({
  id: "m-1",
  receipt: "r-1",
  since: 0,
  kind: "function",
  target: `arn:aws:lambda:eu-west-1:123456789012:function:guardrails-dev-${securityGroupOpenIngress.id}`,
  why: "gave up",
  event: body as Record<string, unknown>,
  body: JSON.stringify(body),
});

/** @param known what CloudTrail's record of that id says; undefined: it has none */
function desk(known: object | undefined, down?: Error) {
  const lambda = fakeClient<LambdaClient>({ Invoke: () => ({}) });
  const sqs = fakeClient<SQSClient>({ DeleteMessage: () => ({}) });
  const regions: string[] = [];
  const trail = fakeClient<CloudTrailClient>({
    LookupEvents: ({ LookupAttributes }) => {
      if (down !== undefined) throw down;
      const [{ AttributeValue }] = LookupAttributes as { AttributeValue: string }[];
      return { Events: known && [{ EventId: AttributeValue, CloudTrailEvent: JSON.stringify(known) }] };
    },
  });
  const operator = {
    place: { stack: "dev", partition: "aws", account: "123456789012", home: "eu-west-1" },
    lambda,
    sqs,
    pause: async () => undefined,
    trail: (region: string) => (regions.push(region), trail),
  } as unknown as Operator;
  const send = (body: object = event, believes = false) =>
    redrive(operator, "queue", failureOf(body), { believes });
  return { send, regions, sent: () => lambda.calls.length, deleted: () => sqs.calls.length };
}

describe("redrive", () => {
  it("sends an event again whose call CloudTrail knows, in the event's own region", async () => {
    const { send, sent, deleted, regions } = desk(event.detail);

    expect(await send()).to.deep.include({ sent: true });
    expect([sent(), deleted()]).to.deep.equal([1, 1]);
    expect(regions).to.deep.equal(["eu-west-1"]);
  });

  it("leaves an event whose call CloudTrail does not know, and says what would send it all the same", async () => {
    const { send, sent, deleted } = desk(undefined);
    const { sent: isSent, said } = await send();

    expect(isSent).to.equal(false);
    expect(said).to.match(/CloudTrail has no such call .*forged.*redrive --id <message> --unconfirmed/);
    expect([sent(), deleted()]).to.deep.equal([0, 0]);
  });

  it("leaves an event that took the id of another call", async () => {
    const other = JSON.stringify(event.detail).replaceAll("sg-0a1b2c3d4e5f60718", "sg-0fffffffffffffff0");
    expect(await desk(JSON.parse(other) as object).send()).to.deep.include({ sent: false });
  });

  it("leaves an event whose texts another call only says somewhere, or that puts the call on another caller", async () => {
    const texts = JSON.stringify(event.detail);
    const asTag = { eventName: "CreateTags", requestParameters: { tag: texts }, userAgent: texts };
    expect(await desk(asTag).send()).to.deep.include({ sent: false });
    const byOther = {
      ...event.detail,
      userIdentity: { type: "IAMUser", arn: "arn:aws:iam::123456789012:user/x" },
    };
    expect(await desk(byOther).send()).to.deep.include({ sent: false });
    expect(await desk({ ...event.detail, errorCode: "Client.Denied" }).send()).to.deep.include({
      sent: false,
    });
  });

  it("leaves an event that names no record of CloudTrail's, although it claims to come from there", async () => {
    const { eventID: _, ...detail } = event.detail;
    expect(await desk(undefined).send({ ...event, detail })).to.deep.include({ sent: false });
  });

  it("sends what an operator believes without asking", async () => {
    const { send, sent, regions } = desk(undefined);

    expect(await send(event, true)).to.deep.include({ sent: true });
    expect([sent(), regions.length]).to.deep.equal([1, 0]);
  });

  it("does not call unconfirmed what CloudTrail does not log: a tick", async () => {
    const tick = { ...event, source: "aws.events", "detail-type": "Scheduled Event", detail: {} };
    expect(await desk(undefined).send(tick)).to.deep.include({ sent: true });
  });

  it("leaves the message when CloudTrail cannot be asked", async () => {
    const { send, sent } = desk(undefined, awsError("AccessDeniedException"));

    expect((await send()).said).to.match(/^AccessDeniedException: .*stays in the queue$/);
    expect(sent()).to.equal(0);
  });
});
