import { expect } from "chai";
import type { GuardrailEvent } from "../../../runtime/events";
import { layout, resourceKey, toItem } from "../../../runtime/ledger/items";
import { houseAccount, type HouseAccount, type Stroke } from "../../support/crash";
import { tickOf } from "../../support/events/ticks";
import { heated, roomAt } from "../../support/thermostat";

const user = (name: string) => `arn:aws:iam::123456789012:user/${name}`;
const call = (id: string, room: string, name = "mallory"): GuardrailEvent => ({
  ...heated([room], {
    eventID: id,
    userIdentity: { type: "IAMUser", arn: user(name), userName: name },
  }),
  id,
});
const names = (count: number): string[] => Array.from({ length: count }, (_, at) => `room-${at}`);
const hotRooms = ({ home }: HouseAccount): string[] =>
  Object.entries(home.rooms).flatMap(([name, room]) =>
    room !== undefined && room.degrees > 20 ? [name] : [],
  );
const heat = ({ home }: HouseAccount, room: string, degrees = 30): void => {
  const found = home.rooms[room];
  if (found === undefined) throw new Error(`There is no ${room}`);
  found.degrees = degrees;
};
/** Calls come a second apart, however long an invocation waits until it may send a mail. */
async function deliverInTime(account: HouseAccount, event: GuardrailEvent): Promise<void> {
  const { now } = account;
  await account.deliver(event);
  account.now = now + 1_000;
}
const gauges = ({ lines }: HouseAccount): number[] =>
  lines.flatMap(({ Open }) => (typeof Open === "number" ? [Open] : []));
/** The subjects of what was told, without severity. */
const told = ({ published }: HouseAccount): string[] =>
  published.map(({ subject }) => subject.replace(/^\[\w+\] /, ""));

describe("nothing stays wrong when nobody comes back, without another event", () => {
  it("after four opens of one finding: it is put right five minutes later", async () => {
    const account = houseAccount({ kitchen: 20 });
    for (const n of [1, 2, 3, 4]) {
      heat(account, "kitchen");
      await account.deliver(call(`event-${n}`, "kitchen"));
    }
    expect(hotRooms(account)).to.deep.equal(["kitchen"]);

    await account.pass(10);

    expect(hotRooms(account)).to.deep.equal([]);
    expect(account.open()).to.deep.equal([]);
    expect(gauges(account).at(-1)).to.equal(0);
    expect(told(account).at(-1)).to.equal("Fixed: Keep rooms cool: kitchen");
  });

  it("after fifty findings of one resource in fifty calls: it is put right within ten minutes", async () => {
    const account = houseAccount({ kitchen: 20 });
    for (let n = 1; n <= 50; n++) {
      heat(account, "kitchen", 21 + n);
      await deliverInTime(account, call(`event-${n}`, "kitchen"));
    }
    expect(hotRooms(account)).to.deep.equal(["kitchen"]);

    await account.pass(10);

    expect(hotRooms(account)).to.deep.equal([]);
    await account.pass(5);
    expect(account.open()).to.deep.equal([]);
  });

  it("after two hundred fixes of one resource in a day, which another principal breaks: told every hour, and a day later it is put right", async () => {
    const account = houseAccount({ kitchen: 20 });
    const fixes = Array.from({ length: 200 }, (_, at) => ({
      at: account.now - 1_000 + at,
      principal: user("mallory"),
      tool: "cli",
      eventId: `event-${at}`,
      fingerprint: `hot-${at + 100}`,
    }));
    const pk = resourceKey("thermostat", roomAt("kitchen").arn);
    const breaker = toItem({ pk, sk: "breaker", v: layout, breaker: JSON.stringify({ fixes }) });
    account.table.items.set(`${pk} breaker`, breaker as never);
    heat(account, "kitchen");
    await account.deliver(call("event-of-ada", "kitchen", "ada"));
    expect(account.written).to.deep.equal([]);

    await account.pass(23 * 60);
    expect(account.written).to.deep.equal([]);
    expect(account.open().map(({ code, attention }) => [code, attention])).to.deep.equal([
      ["breaker", "critical"],
    ]);
    expect(gauges(account).at(-1), "the alarm is on").to.equal(1);
    expect(told(account).length).to.be.within(23, 25);
    const said = account.published.at(-1);
    expect(said?.body)
      .to.include("has put this resource right 200 times within a day")
      .and.to.include("mallory");

    await account.pass(90);
    expect(hotRooms(account)).to.deep.equal([]);
    expect(account.open()).to.deep.equal([]);
  });

  it("after breaches of sixty resources by one principal: all are put right within three hours", async () => {
    const rooms = names(60);
    const account = houseAccount(Object.fromEntries(rooms.map(room => [room, 30])));
    for (const room of rooms) await account.deliver(call(`event-${room}`, room));
    expect(hotRooms(account), "half of the budget of an hour").to.have.length(35);
    expect(account.open()).to.have.length(35);

    await account.pass(2 * 60 + 20);

    expect(hotRooms(account)).to.deep.equal([]);
    expect(account.open()).to.deep.equal([]);
  });

  it("is spread: no tick takes up more than a quarter of an hour's budget", async () => {
    const rooms = names(40);
    const account = houseAccount(Object.fromEntries(rooms.map(room => [room, 30])));
    account.pause("own", 3_600_000);
    for (const [at, room] of rooms.entries())
      await deliverInTime(account, call(`event-${room}`, room, `user-${at}`));
    await account.pass(59);
    expect(account.written).to.deep.equal([]);

    const written: number[] = [];
    for (let ticks = 1; ticks <= 5; ticks++) {
      const before = account.written.length;
      await account.pass(5);
      written.push(account.written.length - before);
    }

    expect(written).to.deep.equal([0, 12, 12, 12, 4]);
    expect(hotRooms(account)).to.deep.equal([]);
  });

  it("takes up one of each person's in turn: nobody's hundred keep another's one waiting", async () => {
    const rooms = [...names(100), "hall"];
    const account = houseAccount(Object.fromEntries(rooms.map(room => [room, 30])));
    account.pause("own", 3_600_000);
    for (const room of rooms)
      await deliverInTime(account, call(`event-${room}`, room, room === "hall" ? "ada" : "mallory"));

    await account.pass(65);

    expect(account.written.length, "a quarter of the budget").to.be.at.most(24);
    expect(account.home.rooms.hall?.degrees).to.equal(20);
  });

  it("ends what is open of one resource with one read, however many findings that is", async () => {
    const account = houseAccount({ kitchen: 30 });
    account.pause("own", 24 * 3_600_000);
    for (let n = 1; n <= 400; n++) {
      heat(account, "kitchen", 21 + n);
      await deliverInTime(account, call(`event-${n}`, "kitchen"));
    }
    expect(account.open()).to.have.length(400);
    heat(account, "kitchen", 20);
    const { reads } = account.home;

    await account.pass(5);
    const after = account.home.reads - reads;

    expect(account.open()).to.deep.equal([]);
    expect(after).to.be.at.most(10);
  });

  it("takes up what failed, after Lambda's own tries", async () => {
    const account = houseAccount({ kitchen: 30 });
    account.home.onWrite = () => {
      throw Object.assign(new Error("not now"), { name: "InternalError" });
    };
    await account.deliver(call("event-1", "kitchen"));
    account.home.onWrite = undefined;

    await account.pass(15);

    expect(hotRooms(account)).to.deep.equal([]);
    expect(account.open()).to.deep.equal([]);
  });
});

describe("what stays wrong is never silent", () => {
  it("is told every hour, and counted by every tick, while it is held", async () => {
    const account = houseAccount({ kitchen: 30 });
    account.pause("own", 5 * 3_600_000);
    await account.deliver(call("event-1", "kitchen"));

    await account.pass(4 * 60);

    expect(told(account)).to.deep.equal(Array(4).fill("HELD: Keep rooms cool: kitchen"));
    expect(new Set(gauges(account))).to.deep.equal(new Set([1]));
    expect(gauges(account)).to.have.length.of.at.least(48);

    await account.pass(65);
    expect(hotRooms(account)).to.deep.equal([]);
    expect(gauges(account).at(-1)).to.equal(0);
  });

  it("is told every day while it is left to people, until a fresh read shows it gone", async () => {
    const account = houseAccount({ kitchen: 95 });
    await account.deliver(call("event-1", "kitchen"));

    await account.pass(49 * 60);
    expect(told(account)).to.deep.equal(Array(3).fill("Found: Keep rooms cool: kitchen"));
    expect(account.open()).to.have.length(1);
    expect(account.written).to.deep.equal([]);

    heat(account, "kitchen", 18);
    await account.pass(10);
    expect(account.open()).to.deep.equal([]);
    expect(gauges(account).at(-1)).to.equal(0);
  });

  it("ends when an exemption covers it", async () => {
    const account = houseAccount({ kitchen: 95 });
    await account.deliver(call("event-1", "kitchen"));
    expect(account.open()).to.have.length(1);

    const [{ resource }] = account.open();
    account.config = {
      ...account.config,
      exemptions: [
        {
          guardrail: "thermostat",
          resource: resource.arn,
          reason: "a sauna",
          owner: "ada",
          expires: "2027-01-01",
        },
      ],
    };
    await account.pass(10);

    expect(account.open()).to.deep.equal([]);
  });

  it("is not open in a mode that only tells, nor where an operator has undone it", async () => {
    const telling = houseAccount({ kitchen: 30 }, { config: { mode: "notify" } });
    await telling.deliver(call("event-1", "kitchen"));
    expect(telling.open()).to.deep.equal([]);

    const undone = houseAccount({ kitchen: 30 });
    undone.put(
      "thermostat#arn:aws:house:us-east-1:123456789012:room/kitchen",
      "hold#hot-30",
      undone.now + 3_600_000,
    );
    await undone.deliver(call("event-1", "kitchen"));
    expect(undone.open()).to.deep.equal([]);
  });

  it("keeps the call that brought it, however often it is taken up", async () => {
    const account = houseAccount({ kitchen: 30 });
    account.pause("own", 40 * 60_000);
    await account.deliver(call("event-1", "kitchen", "eve"));

    await account.pass(45);

    const fixed = account.lines.find(({ outcome }) => outcome === "remediated");
    expect(fixed?.principal).to.deep.include({ arn: user("eve") });
    expect(account.actions()[0].principal?.arn).to.equal(user("eve"));
  });
});

describe("what an event brought and is left to people", () => {
  it("is not written when it looks otherwise without another event", async () => {
    const account = houseAccount({ kitchen: 95 });
    await account.deliver(call("event-1", "kitchen"));
    expect(
      account.open().map(({ code }) => code),
      "it is on fire",
    ).to.deep.equal(["left-to-people"]);
    heat(account, "kitchen", 30);

    await account.pass(25 * 60);

    expect(account.written).to.deep.equal([]);
    expect(account.open()).to.have.length(1);
    expect(told(account).filter(subject => subject.includes("kitchen")).length).to.be.at.least(2);
  });
});

describe("an outage of the ledger", () => {
  const swept = (isWarm = false): HouseAccount => {
    const account: HouseAccount = houseAccount(
      { kitchen: 20 },
      {
        isWarm,
        config: { sweep: "notify" },
        more: {
          remembered: ({ degrees }) => ({ degrees: String(degrees) }),
          inventory: async function* () {
            yield {
              items: Object.entries(account.home.rooms).flatMap(([id, state]) =>
                state === undefined ? [] : [{ resource: roomAt(id), state: structuredClone(state) }],
              ),
            };
          },
        },
      },
    );
    return account;
  };

  it("is followed by a sweep, begun by the first tick that reaches the ledger again", async () => {
    const account = swept();
    const sweeps = () => account.stored("sweep#").map(({ completed }) => completed);
    await account.pass(10);
    const [first] = sweeps();
    expect(first, "the first sweep").to.not.equal(undefined);

    account.now += 60 * 60_000;
    heat(account, "kitchen");
    await account.pass(10);

    expect(sweeps()[0]).to.not.equal(first);
    expect(account.open().map(({ code }) => code)).to.deep.equal(["sweep"]);
  });

  it("is none where every tick reached the ledger, or one alone was late", async () => {
    const account = swept(true);
    const sweeps = () => account.stored("sweep#").map(({ completed }) => completed)[0];
    await account.pass(10);
    const first = sweeps();
    await account.pass(30);
    account.now += 5 * 60_000;
    await account.pass(10);
    expect(sweeps()).to.equal(first);

    account.now += 10 * 60_000;
    await account.pass(10);
    expect(sweeps(), "two were missed").to.not.equal(first);
  });

  const fails = ({ name }: { name: string }): Stroke | undefined =>
    name.startsWith("table ") ? { when: "before", how: "fails" } : undefined;

  it("of one tick alone is followed by a sweep where its container remembers it", async () => {
    const account = swept(true);
    const sweeps = () => account.stored("sweep#").map(({ completed }) => completed)[0];
    await account.pass(10);
    const first = sweeps();
    account.now += 5 * 60_000;
    await account.deliver(tickOf("thermostat", account.now), fails);
    await account.pass(5);
    expect(sweeps()).to.not.equal(first);

    const second = sweeps();
    await account.pass(20);
    expect(sweeps(), "one is enough").to.equal(second);
  });

  it("between two ticks is followed by a sweep, where the container of an event that met it remembers it", async () => {
    const account = swept(true);
    const sweeps = () => account.stored("sweep#").map(({ completed }) => completed)[0];
    await account.pass(10);
    const first = sweeps();
    heat(account, "kitchen");
    await account.deliver(call("one", "kitchen"), fails);
    await account.pass(5);
    expect(sweeps()).to.not.equal(first);
  });

  it("is none where two invocations only got into each other's way", async () => {
    const account = swept(true);
    const sweeps = () => account.stored("sweep#").map(({ completed }) => completed)[0];
    await account.pass(10);
    const first = sweeps();
    heat(account, "kitchen");
    await account.deliverAll([call("one", "kitchen"), call("two", "kitchen")]);
    await account.pass(10);
    expect(account.written.length).to.equal(1);
    expect(sweeps()).to.equal(first);
  });

  it("leaves to people what that sweep only tells, though it looks otherwise at a later tick", async () => {
    const account = swept();
    await account.pass(10);
    account.now += 60 * 60_000;
    heat(account, "kitchen");
    await account.pass(10);

    account.home.rooms.kitchen!.degrees += 1;
    await account.pass(10);

    expect(account.written).to.deep.equal([]);
    expect(account.open().map(({ code, finding }) => [code, finding.summary])).to.deep.equal([
      ["sweep", `It is ${account.home.rooms.kitchen!.degrees} degrees, allowed are 20`],
    ]);
  });
});

describe("an operator's request", () => {
  const takes = (account: HouseAccount, ...asked: string[]) =>
    account.deliver({ takes: asked } as unknown as GuardrailEvent);
  const namesIn = ({ table }: HouseAccount): string[] =>
    [...table.items.values()].flatMap(({ pk, sk }) => (pk?.S === "thermostat#held" && sk?.S ? [sk.S] : []));

  it("has what the ledger marks as due tried again, past the breaker", async () => {
    const account = houseAccount({ kitchen: 20 });
    for (const n of [1, 2, 3, 4]) {
      heat(account, "kitchen");
      await account.deliver(call(`event-${n}`, "kitchen"));
    }
    for (const item of account.table.items.values())
      if (item.pk?.S === "thermostat#held") {
        item.due = { N: String(account.now) };
        item.resumed = { S: user("olga") };
      }

    await takes(account, ...namesIn(account));

    expect(hotRooms(account)).to.deep.equal([]);
    expect(account.open()).to.deep.equal([]);
  });

  it("is not believed beyond the ledger: what is not due there is not written", async () => {
    const account = houseAccount({ kitchen: 30, bath: 30 });
    account.pause("own", 3_600_000);
    await account.deliver(call("event-1", "kitchen"));
    account.table.items.delete("thermostat#brake own");

    await takes(account, ...namesIn(account), "no such finding");

    expect(account.written).to.deep.equal([]);
    expect(account.open()).to.have.length(1);
  });
});
