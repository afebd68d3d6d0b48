import type { LookupEventsCommandInput } from "@aws-sdk/client-cloudtrail";
import { expect } from "chai";
import { callRecordOf, type GuardrailEvent } from "../../../runtime/events";
import type { JsonObject } from "../../../runtime/json";
import { heated } from "../../support/thermostat";
import { houseAccount } from "../../support/crash";
import { tickOf } from "../../support/events/ticks";
import { awsError } from "../../support/fakes/client";

const minute = 60_000;
const record = "6513270e-269e-4d37-b2a7-4de452e6b438";
const hot = (): GuardrailEvent => ({ ...heated(["kitchen"], { eventID: record }), region: "eu-central-1" });

const recorded = (EventId: string, said: JsonObject = {}) => ({
  EventId,
  CloudTrailEvent: JSON.stringify(heated(["kitchen", "a", "b", "c"], { eventID: EventId, ...said }).detail),
});

interface Trail {
  /** CloudTrail's own ids of the events that it knows. */
  readonly known: string[];
  /** Whether it knows anything later. */
  isBehind: boolean;
  down?: Error;
  /** When it was asked, and what. */
  readonly asked: { at: number; region: string; input: LookupEventsCommandInput }[];
}

/** An account in which the kitchen was cooled because of an event, and what CloudTrail knows of it. */
async function cooled(given: Partial<Trail> = {}, event = hot()) {
  const account = houseAccount({ kitchen: 30 });
  const trail: Trail = { known: [], isBehind: false, asked: [], ...given };
  account.trail = (input, region) => {
    trail.asked.push({ at: account.now, region, input });
    if (trail.down !== undefined) throw trail.down;
    const [by] = input.LookupAttributes ?? [];
    if (by?.AttributeKey === "EventId")
      return { Events: trail.known.filter(id => id === by.AttributeValue).map(id => recorded(id)) };
    if (by?.AttributeKey === "Username")
      return { Events: [{ EventName: "OpenWindow", EventSource: "house.amazonaws.com" }] };
    return { Events: trail.isBehind ? [] : [{ EventId: "a later one" }] };
  };
  await account.deliver(event);
  const start = account.now;
  const notices = () => account.published.filter(({ subject }) => subject.includes("UNCONFIRMED"));
  const tickAt = async (minutes: number) => {
    account.now = Math.max(account.now, start + minutes * minute);
    return account.deliver(tickOf("thermostat", account.now));
  };
  return { account, trail, notices, tickAt };
}

describe("the cause of a write", () => {
  it("is looked up after 15 minutes in the event's own region, and never again once CloudTrail knows it", async () => {
    const { account, trail, notices, tickAt } = await cooled({ known: [record] });
    await tickAt(5);
    expect(trail.asked).to.deep.equal([]);
    await tickAt(16);
    await tickAt(70);
    await tickAt(200);

    expect(account.written).to.have.length(1);
    expect(
      trail.asked.map(({ region, input }) => [region, input.LookupAttributes?.[0].AttributeValue]),
    ).to.deep.equal([["eu-central-1", record]]);
    expect(notices()).to.deep.equal([]);
  });

  it("that CloudTrail does not know after three hours, while it knows later ones, is told as critical, once", async () => {
    const { trail, notices, tickAt } = await cooled();
    for (const minutes of [16, 61, 120]) await tickAt(minutes);
    expect(notices()).to.deep.equal([]);
    await tickAt(181);
    await tickAt(400);

    expect(
      trail.asked.filter(({ input }) => input.LookupAttributes?.[0].AttributeKey === "EventId"),
    ).to.have.length(3);
    const [notice, ...more] = notices();
    expect(more).to.deep.equal([]);
    expect(notice.subject).to.match(/^\[critical\] UNCONFIRMED: thermostat changed kitchen/);
    expect(notice.body).to.contain("arn:aws:iam::123456789012:user/ada");
    expect(notice.body).to.contain("OpenWindow (house.amazonaws.com)");
    expect(notice.body).to.contain("Nothing is wrong with it.");
    expect(notice.body).to.match(/guardrails -- undo [0-9a-f]{20} --stack dev --reason "\.\.\."/);
  });

  for (const [what, said] of Object.entries<JsonObject>({
    "that names another resource": { rooms: ["cellar"] },
    "of another name, whatever else it says": { eventName: "OpenWindow", userAgent: "HeatRooms kitchen" },
    "that says the resource in a text": { rooms: [], userAgent: "kitchen" },
    "of another caller": { userIdentity: { type: "IAMUser", arn: "arn:aws:iam::123456789012:user/mallory" } },
    "that failed": { errorCode: "AccessDenied" },
  }))
    it(`is not confirmed by the record of a call ${what}, whose id the event only took`, async () => {
      const { account, notices, tickAt } = await cooled();
      account.trail = ({ LookupAttributes }) => ({
        Events:
          LookupAttributes?.[0].AttributeKey === "EventId"
            ? [recorded(record, said)]
            : [{ EventId: "later" }],
      });
      for (const minutes of [16, 61, 181]) await tickAt(minutes);

      expect(notices()).to.have.length(1);
    });

  it("is sought where the resource is, whatever region the record names", async () => {
    const { detail, ...event } = hot();
    const { trail, tickAt } = await cooled({}, { ...event, detail: { ...detail, awsRegion: "ap-quiet-1" } });
    await tickAt(16);
    expect(trail.asked.map(({ region }) => region)).to.deep.equal(["eu-central-1"]);
  });

  it("is not unsettled for ever by an event that says it is of the future", async () => {
    const { account, notices, tickAt } = await cooled({}, { ...hot(), time: "2099-01-01T00:00:00Z" });
    const answer = account.trail;
    account.trail = (input, region) =>
      (input.StartTime?.getTime() ?? 0) > account.now ? { Events: [] } : answer(input, region);
    for (const minutes of [16, 61, 181]) await tickAt(minutes);
    expect(notices()).to.have.length(1);
  });

  it("that cannot be asked for does not keep the others from being confirmed", async () => {
    const { account, trail, tickAt } = await cooled();
    const answer = account.trail;
    account.trail = (input, region) => {
      if (region === "eu-central-1") throw awsError("UnknownEndpoint");
      return answer(input, region);
    };
    account.home.rooms.a = { degrees: 30, tags: {} };
    await account.deliver({ ...heated(["a"], { eventID: "of-a" }), id: "of-a" });
    await tickAt(17);
    expect(trail.asked.map(({ region }) => region)).to.include("us-east-1");
  });

  it("is no verdict while CloudTrail is behind altogether: that is a gauge, until it has caught up", async () => {
    const { account, trail, notices, tickAt } = await cooled({ isBehind: true });
    for (const minutes of [16, 61, 181, 200]) await tickAt(minutes);
    expect(notices()).to.deep.equal([]);
    expect(account.lines.some(line => line.CausesBehind === 1)).to.equal(true);

    trail.known.push(record);
    await tickAt(220);
    expect(notices()).to.deep.equal([]);
    const asked = trail.asked.length;
    await tickAt(300);
    expect(trail.asked).to.have.length(asked);
  });

  it("in a region where nothing else ever happens is told as critical after a day, if the home region is known", async () => {
    const { account, trail, notices, tickAt } = await cooled();
    const answer = account.trail;
    account.trail = (input, region) => (region === "eu-central-1" ? { Events: [] } : answer(input, region));
    for (const minutes of [16, 61, 181, 300]) await tickAt(minutes);
    expect(notices()).to.deep.equal([]);
    await tickAt(25 * 60);

    expect(trail.asked.map(({ region }) => region)).to.include("us-east-1");
    expect(notices()).to.have.length(1);
  });

  it("is no verdict even after days while the home region has nothing later either", async () => {
    const { notices, tickAt } = await cooled({ isBehind: true });
    for (const minutes of [16, 61, 181, 25 * 60, 72 * 60]) await tickAt(minutes);
    expect(notices()).to.deep.equal([]);
  });

  it("is confirmed, or told, though the mode was lowered to notify since", async () => {
    const { account, trail, notices, tickAt } = await cooled();
    account.config = { ...account.config, mode: "notify" };
    for (const minutes of [16, 61, 181]) await tickAt(minutes);

    expect(trail.asked).to.not.have.length(0);
    expect(notices()).to.have.length(1);
  });

  it("stays to be confirmed when CloudTrail cannot be asked, and the tick says that it failed", async () => {
    const { trail, notices, tickAt } = await cooled({ down: awsError("ThrottlingException") });
    const { failures } = await tickAt(16);
    expect(failures[0]).to.contain("ThrottlingException");

    delete trail.down;
    trail.known.push(record);
    await tickAt(30);
    expect(trail.asked.at(-1)?.input.LookupAttributes?.[0].AttributeValue).to.equal(record);
    expect(notices()).to.deep.equal([]);
  });

  it("is asked for at most once in two seconds", async () => {
    const account = houseAccount({ a: 30, b: 30, c: 30 });
    const at: number[] = [];
    account.trail = ({ LookupAttributes }) => {
      at.push(account.now);
      return { Events: [recorded(String(LookupAttributes?.[0].AttributeValue))] };
    };
    await account.deliver(heated(["a", "b", "c"], { eventID: record }));
    account.now += 16 * minute;
    await account.deliver(tickOf("thermostat", account.now));

    expect(at).to.have.length(3);
    expect(Math.min(at[1] - at[0], at[2] - at[1])).to.be.at.least(2_000);
  });

  it("of an event that names no record is told like any other that CloudTrail does not know", async () => {
    const { notices, tickAt } = await cooled({}, heated(["kitchen"]));
    for (const minutes of [16, 61, 181]) await tickAt(minutes);
    expect(notices()).to.have.length(1);
  });

  it("that CloudTrail does not log, as what a service sends itself, is not waited for", () => {
    expect(callRecordOf({ ...hot(), "detail-type": "Room Temperature Notification" })).to.equal(undefined);
    expect(callRecordOf(hot())).to.deep.equal({ id: record, region: "eu-central-1" });
  });
});
