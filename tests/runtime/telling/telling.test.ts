import { expect } from "chai";
import type { GuardrailEvent } from "../../../runtime/events";
import type { JsonObject } from "../../../runtime/json";
import { houseAccount, type HouseAccount, type Strike } from "../../support/crash";
import { heated } from "../../support/thermostat";

const hour = 3600_000;
const hot = (id: string, rooms: string[] = ["kitchen"], detail: JsonObject = {}): GuardrailEvent => ({
  ...heated(rooms, { eventID: id, ...detail }),
  id,
});
const topicIsDown =
  (tries: number): Strike =>
  ({ name, attempt }) =>
    name === "publish" && attempt < tries ? { how: "fails", when: "before" } : undefined;
const subjects = ({ published }: HouseAccount) => published.map(({ subject }) => subject.split(":")[0]);

describe("telling", () => {
  it("is all that is left to do when only the topic refused: no second write, not even a read", async () => {
    const account = houseAccount({ kitchen: 30 });
    const { calls, failures } = await account.deliver(hot("event-1"), topicIsDown(1));
    expect(failures).to.have.length(1);
    expect(account.written).to.have.length(1);
    expect(calls[1].filter(name => !name.startsWith("table "))).to.deep.equal(["publish"]);
    expect(subjects(account)).to.deep.equal(["[high] Fixed"]);
    expect(account.published[0].body).to.contain("To take it back");
  });

  it("waits for the redelivery when the topic refuses for all three tries", async () => {
    const account = houseAccount({ kitchen: 30 });
    const { answer } = await account.deliver(hot("event-1"), topicIsDown(3));
    expect([answer, account.actions()[0].state]).to.deep.equal([undefined, "verified"]);
    account.now += 5 * hour;
    await account.deliver(hot("event-1"));
    expect(account.written).to.have.length(1);
    expect([subjects(account), account.actions()[0].state]).to.deep.equal([["[high] Fixed"], "notified"]);
  });

  it("repeats the notice rather than lose it when the function dies before it is remembered", async () => {
    const account = houseAccount({ kitchen: 30 });
    await account.deliver(hot("event-1"), ({ name, attempt }) =>
      name === "publish" && attempt === 0 ? { how: "dies", when: "after" } : undefined,
    );
    expect(subjects(account)).to.deep.equal(["[high] Fixed", "[high] Fixed"]);
    expect(account.written).to.have.length(1);
  });

  for (const [mode, degrees, subject] of [
    ["notify", 30, "[high] Found"],
    ["enforce", 95, "[high] Found"],
  ] as const)
    it(`is once a day for the same finding that is left to people, in mode ${mode}`, async () => {
      const account = houseAccount({ kitchen: degrees }, { config: { mode } });
      await account.deliver(hot("event-1"));
      account.now += 23 * hour;
      await account.deliver(hot("event-2"));
      expect(subjects(account)).to.deep.equal([subject]);
      account.now += 2 * hour;
      await account.deliver(hot("event-3"));
      expect(subjects(account)).to.deep.equal([subject, subject]);
    });

  it("is at once for another finding of the same resource", async () => {
    const account = houseAccount({ kitchen: 30 }, { config: { mode: "notify" } });
    await account.deliver(hot("event-1"));
    account.home.rooms.kitchen!.degrees = 31;
    await account.deliver(hot("event-2"));
    expect(subjects(account)).to.have.length(2);
  });

  it("is at once again for a finding that was seen gone in between, however soon it is back", async () => {
    const account = houseAccount({ kitchen: 30 }, { config: { mode: "notify" } });
    const { kitchen } = account.home.rooms;
    await account.deliver(hot("event-1"));
    account.now += 4 * hour;
    kitchen!.degrees = 18;
    await account.deliver(hot("event-2"));
    account.now += hour;
    kitchen!.degrees = 30;
    await account.deliver(hot("event-3"));
    account.now += hour;
    await account.deliver(hot("event-4"));
    expect(subjects(account)).to.deep.equal(["[high] Found", "[high] Found"]);
  });

  it("is at once again when the event says that it made another rule of the same kind", async () => {
    const account = houseAccount({ kitchen: 30 }, { config: { mode: "notify" } });
    await account.deliver(hot("event-1", ["kitchen"], { made: ["rule-1"] }));
    account.now += hour;
    await account.deliver(hot("event-2", ["kitchen"], { made: ["rule-1"] }));
    expect(subjects(account)).to.have.length(1);
    await account.deliver(hot("event-3", ["kitchen"], { made: ["rule-2"] }));
    expect(subjects(account)).to.have.length(2);
  });

  it("is every hour for what is held", async () => {
    const account = houseAccount({ kitchen: 30 });
    account.pause("own", 7 * 24 * hour);
    for (const at of [0, 0.5, 1, 1.5, 2]) {
      await account.deliver(hot(`event-${at}`));
      account.now += 0.5 * hour;
    }
    expect(subjects(account)).to.deep.equal(["[high] HELD", "[high] HELD", "[high] HELD"]);
  });

  it("of what is less than high is at once for the first of a principal, and waits for the others", async () => {
    const account = houseAccount({ kitchen: 30, bath: 30 }, { severity: "medium" });
    const bob = { userIdentity: { type: "IAMUser", arn: "arn:aws:iam::123456789012:user/bob" } };
    await account.deliver(hot("event-1"));
    account.now += 60_000;
    await account.deliver(hot("event-2", ["bath"]));
    account.now += 60_000;
    account.home.rooms.bath!.degrees = 30;
    await account.deliver(hot("event-3", ["bath"], bob));
    expect(account.published.map(({ subject }) => subject)).to.deep.equal([
      "[medium] Fixed: Keep rooms cool: kitchen",
      "[medium] Fixed: Keep rooms cool: bath",
    ]);
    expect(account.stored("waiting#")).to.have.length(1);
    account.now += hour;
    account.home.rooms.kitchen!.degrees = 30;
    await account.deliver(hot("event-4"));
    expect(account.published).to.have.length(3);
  });

  it("waits for the tick where somebody expected did what is less than high, the first of it too", async () => {
    const expected = ["arn:aws:iam::123456789012:user/ada"];
    const who = { trusted: { accounts: [] }, controllers: [], expected };
    const account = houseAccount({ kitchen: 30 }, { severity: "medium", config: { who } });
    await account.deliver(heated(["kitchen"]));
    expect(subjects(account)).to.deep.equal([]);
    await account.pass(5);
    expect(subjects(account)).to.deep.equal(["[medium] Fixed"]);
  });

  it("is at once where somebody expected did what is high", async () => {
    const expected = ["arn:aws:iam::123456789012:user/ada"];
    const who = { trusted: { accounts: [] }, controllers: [], expected };
    const account = houseAccount({ kitchen: 30 }, { config: { who } });
    await account.deliver(heated(["kitchen"]));
    expect(subjects(account)).to.deep.equal(["[high] Fixed"]);
  });

  it("waits from the eleventh notice of a principal within an hour on, until its end", async () => {
    const account = houseAccount({ kitchen: 30 });
    const began = account.now;
    for (let n = 1; n <= 15; n++) {
      account.home.rooms.kitchen!.degrees = 30 + n;
      await account.deliver(hot(`event-${n}`));
      account.now += 60_000;
    }
    const dues = account.stored("waiting#").map(({ sk }) => Date.parse(String(sk).split("#")[1]));
    expect(account.published).to.have.length(10);
    expect(dues).to.have.length(5);
    for (const due of dues) expect(due - began).to.be.within(hour, hour + 1_000);
  });

  it("of what a timer took up says whose call it began with", async () => {
    const account = houseAccount({ kitchen: 30 });
    account.pause("all", 10 * 60_000);
    await account.deliver(heated(["kitchen"]));
    await account.pass(15);

    const { subject, body } = account.published.at(-1)!;
    expect(subject).to.equal("[high] Fixed: Keep rooms cool: kitchen");
    expect(body).to.contain(
      "It began when arn:aws:iam::123456789012:user/ada through the AWS CLI called HeatRooms at 2026-01-01T00:00:00Z.",
    );
  });

  it("of what is critical is at once, however many notices of its principal came before", async () => {
    const account = houseAccount({ kitchen: 30 });
    for (let n = 1; n <= 12; n++) {
      account.home.rooms.kitchen!.degrees = 900 + n;
      await account.deliver(hot(`event-${n}`));
      account.now += 60_000;
    }
    expect(account.published).to.have.length(12);
  });

  it("of a failure is once for all tries of an event", async () => {
    const account = houseAccount({ kitchen: 30 });
    const { failures } = await account.deliver(hot("event-1"), ({ name }) =>
      name === "write" ? { how: "fails", when: "before" } : undefined,
    );
    expect(failures).to.have.length(3);
    expect(subjects(account)).to.deep.equal(["[high] FAILED"]);
  });

  it("of a fix is always, however soon after the last", async () => {
    const account = houseAccount({ kitchen: 30 });
    await account.deliver(hot("event-1"));
    account.home.rooms.kitchen!.degrees = 30;
    await account.deliver(hot("event-2"));
    expect(subjects(account)).to.deep.equal(["[high] Fixed", "[high] Fixed"]);
  });

  it("of a fix follows the notice of its failure, when a later try succeeds", async () => {
    const account = houseAccount({ kitchen: 30 });
    await account.deliver(hot("event-1"), ({ name, attempt }) =>
      name === "write" && attempt === 0 ? { how: "fails", when: "before" } : undefined,
    );
    expect(subjects(account)).to.deep.equal(["[high] FAILED", "[high] Fixed"]);
  });

  it("does not call a fix its own when AWS refused the write and somebody else put it right", async () => {
    const account = houseAccount({ kitchen: 30 });
    account.home.onWrite = () => {
      account.home.rooms.kitchen!.degrees = 18;
      throw Object.assign(new Error("not authorized"), { name: "AccessDenied", $fault: "client" });
    };
    const { answer } = await account.deliver(hot("event-1"));
    expect(answer?.outcomes[0].outcome).to.equal("compliant");
    expect(subjects(account)).to.deep.equal(["[high] FAILED"]);
    expect(account.actions()[0].state).to.equal("failed");
  });

  it("happens in mode observe for nothing", async () => {
    const account = houseAccount({ kitchen: 30 }, { config: { mode: "observe" } });
    await account.deliver(hot("event-1"));
    expect([account.published, account.table.items.size]).to.deep.equal([[], 0]);
  });
});
