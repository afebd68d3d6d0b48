import { expect } from "chai";
import { houseAccount } from "../../support/crash";
import { tickOf } from "../../support/events/ticks";
import { heated } from "../../support/thermostat";

const minute = 60_000;
const gaugesIn = (lines: readonly Record<string, unknown>[]) =>
  Object.fromEntries(
    ["Open", "TickDelay", "RecipientsMissing"].flatMap(name => {
      const line = lines.find(one => name in one);
      return line === undefined ? [] : [[name, line[name]]];
    }),
  );

describe("the gauges of a tick", () => {
  it("say that nothing is open, and that the timer rang in time", async () => {
    const account = houseAccount({ kitchen: 18 });

    await account.deliver(tickOf("thermostat", account.now));

    expect(gaugesIn(account.lines)).to.have.all.keys("Open", "TickDelay");
    expect(gaugesIn(account.lines)).to.include({ Open: 0 });
    expect(gaugesIn(account.lines).TickDelay).to.be.below(1_000);
  });

  it("say how late the timer rang, as an event would have come", async () => {
    const account = houseAccount({ kitchen: 18 });

    await account.deliver(tickOf("thermostat", account.now - 12 * minute));

    expect(gaugesIn(account.lines).TickDelay).to.be.within(12 * minute, 12 * minute + 1_000);
  });

  it("say once in a quarter of an hour that another guardrail has something open, so that its silence hides nothing", async () => {
    const account = houseAccount({ kitchen: 18 }, { config: { ticking: ["cellar", "thermostat", "attic"] } });
    const at = (minutes: number) => Date.parse("2026-01-01T01:00:00Z") + minutes * minute;
    const openAfter = async (time: number): Promise<unknown> => {
      account.now = time + 2_000;
      const from = account.lines.length;
      await account.deliver(tickOf("thermostat", time));
      return gaugesIn(account.lines.slice(from)).Open;
    };
    const item = { v: { N: "2" }, pk: { S: "cellar#held" }, sk: { S: "a" } };
    account.table.items.set("cellar#held a", { ...item, open: { N: "1" } });

    expect([await openAfter(at(3)), await openAfter(at(8)), await openAfter(at(13))]).to.deep.equal([
      1, 0, 0,
    ]);
    account.table.items.set("cellar#held a", { ...item, open: { N: "0" } });
    expect(await openAfter(at(18))).to.equal(0);
  });

  it("say nothing of the timer when what is open cannot be counted, so that the tick is missed", async () => {
    const account = houseAccount({ kitchen: 18 });

    await account.deliver(tickOf("thermostat", account.now), ({ name }) =>
      name === "table Query" ? { how: "fails", when: "before" } : undefined,
    );

    expect(gaugesIn(account.lines)).to.deep.equal({});
  });

  for (const [what, confirmed, pending, missing] of [
    ["one has unsubscribed", 1, 0, 1],
    ["nobody has confirmed", 0, 2, 2],
    ["one was suspended, and somebody else has subscribed", 2, 1, 1],
    ["all are there", 2, 0, undefined],
    ["more are there than the stack knows", 3, 0, undefined],
  ] as const)
    it(`of two recipients: ${missing ?? "none"} missing when ${what}`, async () => {
      const account = houseAccount({ kitchen: 18 }, { config: { recipients: 2 } });
      account.subscriptions = {
        SubscriptionsConfirmed: String(confirmed),
        SubscriptionsPending: String(pending),
      };

      await account.deliver(tickOf("thermostat", account.now));

      expect(gaugesIn(account.lines).RecipientsMissing).to.equal(missing);
    });

  it("are said though the topic does not answer, and the tick fails", async () => {
    const account = houseAccount({ kitchen: 18 });

    const { failures } = await account.deliver(tickOf("thermostat", account.now), ({ name }) =>
      name === "topic" ? { how: "fails", when: "before" } : undefined,
    );

    expect(failures).to.have.length(3);
    expect(gaugesIn(account.lines)).to.include({ Open: 0 });
  });
});

describe("the digests of a tick", () => {
  const hot = (id: string, room: string) => ({ ...heated([room], { eventID: id }), id });

  it("are one mail of what waited since the first notice of a principal, and none of what was sent", async () => {
    const account = houseAccount({ kitchen: 30, bath: 30, attic: 30 }, { severity: "medium" });
    for (const room of ["kitchen", "bath", "attic"]) {
      await account.deliver(hot(`event-${room}`, room));
      account.now += minute;
    }
    expect(account.published).to.have.length(1);

    await account.deliver(tickOf("thermostat", account.now));
    account.now += 5 * minute;
    await account.deliver(tickOf("thermostat", account.now));

    expect(account.published.map(({ subject }) => subject)).to.deep.equal([
      "[medium] Fixed: Keep rooms cool: kitchen",
      "[medium] 2 notices: Keep rooms cool: 2 Fixed",
    ]);
    for (const { id } of account.actions().filter(({ resource }) => resource.id !== "kitchen"))
      expect(account.published[1].body).to.contain(`npm run guardrails -- undo ${id} --stack dev`);
  });

  it("come at the end of the hour for what is more than ten notices of one principal", async () => {
    const account = houseAccount({ kitchen: 30 });
    const began = account.now;
    for (let n = 1; n <= 60; n++) {
      account.home.rooms.kitchen!.degrees = 95 + n;
      await account.deliver(hot(`event-${n}`, "kitchen"));
      account.now += minute / 4;
    }
    for (let tick = 0; tick < 20; tick++) {
      await account.deliver(tickOf("thermostat", account.now));
      account.now += 5 * minute;
    }

    expect(account.published).to.have.length(11);
    expect(account.published[10].subject).to.equal("[high] 50 notices: Keep rooms cool: 50 Found");
    expect(account.published[10].at - began).to.be.within(60 * minute, 66 * minute);
  });
});
