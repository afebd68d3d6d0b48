import { expect } from "chai";
import { layout, resourceKey, toItem } from "../../../runtime/ledger/items";
import { day, roomAt, sweptHouse } from "./house";

const told = (house: ReturnType<typeof sweptHouse>) =>
  house.digest()?.news.map(({ arn }) => arn.split("/")[1]);

describe("the first sweep of a region", () => {
  it("is the baseline: records and counts what is wrong, tells it once, and writes nothing in any mode", async () => {
    for (const mode of ["notify", "enforce"] as const) {
      const house = sweptHouse({ attic: 30, bath: 18, cellar: 40 }, { mode, sweep: mode });

      expect((await house.sweep()).kind).to.equal("complete");

      expect(house.home.writes, mode).to.deep.equal([]);
      expect(house.digest()).to.deep.include({ isBaseline: true, looked: 3, wrong: 2, fresh: 2 });
      expect(told(house)).to.deep.equal(["attic", "cellar"]);
      expect(house.seen.reported.map(one => "code" in one && one.code)).to.deep.equal([
        "baseline",
        "baseline",
      ]);

      house.pass(day);
      await house.sweep();
      expect(house.digest(), `${mode}, the next day`).to.deep.include({
        isBaseline: false,
        wrong: 2,
        fresh: 0,
      });
      expect(house.home.writes, mode).to.deep.equal([]);
    }
  });

  it("takes no page again after a death at its end, and is still the baseline", async () => {
    const house = sweptHouse({ attic: 30, bath: 30, cellar: 30, den: 30 }, { sweep: "enforce" });
    const died = await house.sweep({ fails: new Error("died") }).catch((error: Error) => error.message);
    expect(died).to.equal("died");
    const listedBefore = house.home.calls.filter(call => call === "ListRooms").length;

    house.pass(day);
    expect((await house.sweep()).kind).to.equal("complete");

    expect(listedBefore).to.equal(2);
    expect(house.home.calls.filter(call => call === "ListRooms")).to.have.length(2);
    expect(house.digest()).to.deep.include({ isBaseline: true, looked: 4, fresh: 4 });
    expect(house.home.writes).to.deep.equal([]);
  });

  it("counts again after so long a time that what was not seen may only have been forgotten", async () => {
    const house = sweptHouse({ attic: 18 }, { sweep: "enforce" });
    await house.sweep();
    house.heat("bath", 30);
    house.pass(31 * day);

    await house.sweep();

    expect(house.digest()).to.deep.include({ isBaseline: true, fresh: 1 });
    expect(house.home.writes).to.deep.equal([]);
  });
});

describe("a later sweep", () => {
  it("tells only what is new, once, and puts nothing right where it is to tell", async () => {
    const house = sweptHouse({ attic: 30, bath: 18 });
    await house.sweep();
    house.heat("bath", 30);
    house.heat("cellar", 40);
    house.pass(day);

    await house.sweep();
    expect(told(house)).to.deep.equal(["bath", "cellar"]);
    house.pass(day);
    await house.sweep();

    expect(house.digest()).to.deep.include({ wrong: 3, fresh: 0 });
    expect(house.home.writes).to.deep.equal([]);
  });

  it("believes what is broken again just as the last one had put it right", async () => {
    const house = sweptHouse({ attic: 18 }, { sweep: "enforce" });
    house.guardrail.remembered = (state): Record<string, string> =>
      Number(state.degrees) > 20 ? { heat: "hot" } : { cool: "yes" };
    await house.sweep();
    house.heat("attic", 30);
    house.pass(day);
    await house.sweep();
    expect(house.degrees("attic")).to.equal(20);
    house.heat("attic", 30);
    house.pass(60_000);
    await house.event(["attic"], { fresh: ["heat"] });
    expect(house.degrees("attic")).to.equal(20);

    house.heat("attic", 30);
    house.pass(day);
    await house.sweep();
    expect(house.degrees("attic")).to.equal(20);
  });

  it("puts right, with sweep: enforce, what an earlier one saw right or did not see, and nothing else", async () => {
    const house = sweptHouse({ attic: 30, bath: 18, den: 19 }, { sweep: "enforce" });
    await house.sweep();
    house.heat("attic", 35);
    house.heat("bath", 30);
    house.heat("cellar", 40);
    house.pass(day);

    await house.sweep();

    expect(house.home.writes).to.deep.equal([["bath"], ["cellar"]]);
    expect([house.degrees("attic"), house.degrees("bath"), house.degrees("cellar")]).to.deep.equal([
      35, 20, 20,
    ]);
    expect(told(house), "what it left").to.deep.equal(["attic"]);
    expect(house.seen.written.map(({ kind }) => kind)).to.deep.equal(["remediated", "remediated"]);
  });

  it("begins at once, as a baseline, when the stack asks for more than before", async () => {
    const house = sweptHouse({ attic: 18, bath: 19 }, { sweep: "enforce" });
    await house.sweep();
    house.heat("bath", 20);
    house.pass(60_000);

    await house.sweep({ settings: { settings: { limit: 15 } } });

    expect(house.digest()).to.deep.include({ isBaseline: true, fresh: 2 });
    expect(house.home.writes).to.deep.equal([]);
    expect(told(house)).to.deep.equal(["attic", "bath"]);
  });

  it("leaves alone what did not change when only the judgement has", async () => {
    const house = sweptHouse({ attic: 18, bath: 19 }, { sweep: "enforce" });
    await house.sweep();
    house.pass(day);
    const { assess } = house.guardrail;
    house.guardrail.assess = state => assess(state, { limit: 15 }, {});

    await house.sweep();

    expect(house.home.writes).to.deep.equal([]);
    expect(told(house)).to.deep.equal(["attic", "bath"]);
    expect(house.seen.reported.map(one => "because" in one && one.because)).to.deep.equal([
      "it is as an earlier look left it: what is required of it may have changed since",
      "it is as an earlier look left it: what is required of it may have changed since",
    ]);
  });

  it("tells what an exemption covered once that has ended, and does not write it", async () => {
    const exemption = {
      guardrail: "thermostat",
      resource: "arn:aws:house:us-east-1:123456789012:room/attic",
      reason: "sauna",
      owner: "ada@example.com",
      expires: "2026-01-01",
    };
    const house = sweptHouse({ attic: 30 }, { sweep: "enforce", exemptions: [exemption] });
    await house.sweep();
    expect(house.digest()).to.deep.include({ looked: 1, wrong: 0, fresh: 0 });
    house.pass(2 * day);

    await house.sweep();

    expect(told(house)).to.deep.equal(["attic"]);
    expect(house.seen.reported.map(one => "because" in one && one.because)).to.deep.equal([
      "an exemption covered it at the last sweep",
    ]);
    expect(house.home.writes).to.deep.equal([]);
  });

  const mallory = { type: "IAMUser", arn: "arn:aws:iam::123456789012:user/ada", userName: "ada" };
  const exemption = {
    guardrail: "thermostat",
    resource: "arn:aws:house:us-east-1:123456789012:room/*",
    principal: "arn:aws:iam::123456789012:user/ada",
    reason: "she heats the sauna",
    owner: "ada@example.com",
    expires: "2027-01-01",
  };
  const who = {
    trusted: { accounts: [] },
    expected: [],
    controllers: ["arn:aws:iam::123456789012:user/ada"],
  };
  const left = {
    "a listed controller": { given: { who }, identity: mallory },
    "somebody exempt": { given: { exemptions: [exemption] }, identity: mallory },
    "CloudFormation, which is still at it": {
      given: {},
      identity: { ...mallory, invokedBy: "cloudformation.amazonaws.com" },
    },
  };
  for (const [whom, { given, identity }] of Object.entries(left))
    it(`leaves alone what an event's look has left to ${whom}, new or seen right before`, async () => {
      const house = sweptHouse({ attic: 18 }, { sweep: "enforce", ...given });
      await house.sweep();
      house.heat("attic", 30);
      house.heat("cellar", 40);
      await house.event(["attic", "cellar"], { identity });
      house.heat("den", 30);
      house.pass(60_000);
      await house.ledger.sweeps.request("thermostat", "us-east-1", house.now(), {
        why: "a test",
        replacesCall: true,
      });

      await house.sweep();

      expect(house.home.writes, "the den was nobody's").to.deep.equal([["den"]]);
      expect(told(house)).to.deep.equal(["attic", "cellar"]);
    });

  it("tells again what was put right since, by people or by the guardrail, and is wrong in the same way", async () => {
    const house = sweptHouse({ attic: 30, cellar: 40 }, { sweep: "notify" });
    const remembered = house.guardrail.remembered!;
    // What a room's heat is nobody remembers of the cellar.
    house.guardrail.remembered = (state, settings) =>
      Number(state.degrees) === 40 || Number(state.degrees) === 20 ? {} : remembered(state, settings);
    await house.sweep();
    house.heat("attic", 18);
    await house.event(["attic"], { id: "event-1" });
    await house.event(["cellar"], { id: "event-2" });
    expect([house.degrees("attic"), house.degrees("cellar")]).to.deep.equal([18, 20]);
    house.heat("attic", 30);
    house.heat("cellar", 40);
    house.pass(day);

    await house.sweep();

    expect(told(house)).to.deep.equal(["attic", "cellar"]);
  });

  it("tells what else is wrong with a resource of which an operator has undone a fix", async () => {
    const house = sweptHouse({ attic: 18 }, { sweep: "enforce" });
    const heaters: Record<string, number> = {};
    house.guardrail.remembered = () =>
      Object.fromEntries(Object.entries(heaters).map(([id, degrees]) => [id, `${degrees}`]));
    house.guardrail.assess = (_state, _settings, _hints, known = {}) => {
      const hot = Object.keys(heaters);
      const fresh = hot.filter(id => known[id] === undefined && id !== "left to people");
      if (hot.length === 0) return undefined;
      return fresh.length > 0
        ? { fingerprint: fresh.join(), summary: fresh.join(), data: 20 }
        : { fingerprint: hot.join(), summary: hot.join(), data: 20, notifyOnly: "people" };
    };
    const pk = resourceKey("thermostat", roomAt("attic").arn);
    const ends = house.now() + 30 * day;
    const hold = { v: layout, pk, sk: "hold#undone", ends, reason: "it was wanted", by: "olga" };
    house.table.items.set(`${pk} hold#undone`, toItem(hold) as never);
    await house.sweep();
    heaters.undone = 40;
    house.pass(day);
    await house.sweep();
    expect(told(house), "just what was undone").to.deep.equal([]);
    house.pass(day);

    Object.assign(heaters, { "left to people": 50 });
    delete heaters.undone;
    await house.sweep();
    house.pass(day);
    heaters.undone = 41;
    await house.sweep();

    expect(house.home.writes).to.deep.equal([]);
    expect(house.digest()?.news.map(({ words }) => words)).to.deep.equal(["left to people,undone"]);
  });

  it("puts right what is new of a resource that was wrong in another way, and leaves what was wrong", async () => {
    const house = sweptHouse({ attic: 30 }, { sweep: "enforce" });
    // A room of two heaters, each of which is known by itself, as a security group's rules are.
    const heaters: Record<string, number> = { old: 30 };
    house.guardrail.remembered = () =>
      Object.fromEntries(Object.entries(heaters).map(([id, degrees]) => [id, `${degrees}`]));
    house.guardrail.assess = (_state, _settings, _hints, known = {}) => {
      const hot = Object.keys(heaters).filter(id => heaters[id] > 20);
      const fresh = hot.filter(id => known[id] !== String(heaters[id]));
      if (hot.length === 0) return undefined;
      const notifyOnly = fresh.length === 0 ? "older than any look" : undefined;
      return { fingerprint: hot.join(), summary: hot.join(), data: 20, notifyOnly };
    };
    const cooled: string[] = [];
    house.guardrail.remediate = async () => {
      for (const id of Object.keys(heaters).filter(one => one !== "old")) {
        cooled.push(id);
        heaters[id] = 20;
      }
    };
    await house.sweep();
    heaters.new = 40;
    house.pass(day);
    await house.sweep();
    expect(cooled).to.deep.equal(["new"]);

    heaters.old = 35;
    house.pass(day);
    await house.sweep();
    expect(cooled, "the old one changed, from wrong to wrong").to.deep.equal(["new"]);
  });

  it("stays within the budget of an hour, as an event's fixes do", async () => {
    const house = sweptHouse({ attic: 18 }, { sweep: "enforce", budget: 1 });
    await house.sweep();
    house.heat("bath", 30);
    house.heat("cellar", 30);
    house.pass(day);

    await house.sweep();

    expect(house.seen.written.map(({ kind }) => kind)).to.deep.equal(["remediated", "held"]);
  });

  it("begins a day after the last began, or at once when it was asked for", async () => {
    const house = sweptHouse({ attic: 18 });
    await house.sweep();
    house.pass(3600_000);
    expect((await house.sweep()).kind).to.equal("not-due");

    await house.ledger.sweeps.request("thermostat", "us-east-1", house.now(), {
      why: "an outage",
    });
    expect((await house.sweep()).kind).to.equal("complete");
    expect((await house.sweep()).kind, "asked for once").to.equal("not-due");
  });
});

describe("a sweep in parts", () => {
  it("stops before a page that would not end in time, and the next call goes on there", async () => {
    const house = sweptHouse({ attic: 30, bath: 18, cellar: 30, den: 18, entry: 30 }, {}, 1);
    const slow = house.ledger.seen.get;
    house.ledger.seen.get = (...given) => (house.pass(20_000), slow(...given));

    const kinds: string[] = [];
    const pages: number[] = [];
    for (let calls = 0; calls < 20 && kinds.at(-1) !== "complete"; calls += 1) {
      const before = house.home.calls.length;
      kinds.push((await house.sweep({ remaining: calls % 2 === 0 ? 20_000 : 30_000 })).kind);
      pages.push(house.home.calls.length - before);
    }

    expect(pages).to.deep.equal([0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
    expect(kinds.filter(kind => kind === "complete")).to.have.length(1);
    expect(house.digest()).to.deep.include({ looked: 5, wrong: 3, fresh: 3 });
  });

  it("begins again when the stack asks for something else meanwhile", async () => {
    const house = sweptHouse({ attic: 18, bath: 19, cellar: 18 }, {}, 1);
    const { get } = house.ledger.seen;
    house.ledger.seen.get = (...given) => (house.pass(20_000), get(...given));
    expect((await house.sweep({ remaining: 30_000 })).kind).to.equal("unfinished");

    await house.sweep({ remaining: 300_000, settings: { settings: { limit: 15 } } });

    expect(house.digest()).to.deep.include({ looked: 3, wrong: 3, fresh: 3 });
  });

  it("begins the region again when AWS has forgotten the place, and counts nothing twice", async () => {
    const house = sweptHouse({ attic: 30, bath: 18, cellar: 30 }, {}, 1);
    const { inventory } = house.guardrail;
    house.guardrail.inventory = async function* (...asked) {
      for await (const page of inventory(...asked)) {
        yield page;
        throw new Error("died");
      }
    };
    expect(await house.sweep().catch((error: Error) => error.message)).to.equal("died");
    let refused = 0;
    house.guardrail.inventory = (clients, scope, settings, from) => {
      if (from === undefined) return inventory(clients, scope, settings, from);
      refused += 1;
      throw Object.assign(new Error("The token has expired"), { name: "InvalidPaginationToken" });
    };

    expect((await house.sweep()).kind).to.equal("complete");

    expect(refused).to.equal(1);
    expect(house.digest()).to.deep.include({ isBaseline: true, restarts: 1, looked: 3, wrong: 2, fresh: 2 });
  });

  it("leaves a region to the invocation that is at work on it", async () => {
    const house = sweptHouse({ attic: 30, bath: 18, cellar: 30 }, {}, 1);
    for (const which of ["the first of all", "a later one"]) {
      const kinds = (await Promise.all([house.sweep(), house.sweep()])).map(({ kind }) => kind);
      expect(kinds.sort(), which).to.deep.equal(["complete", "taken"]);
      house.pass(day);
    }
  });

  it("keeps of ten thousand findings what a digest lists, and the number", async () => {
    const rooms = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`room-${at}`, 30]));
    const house = sweptHouse(rooms, {}, 500);
    let largest = 0;
    const { save } = house.ledger.sweeps;
    house.ledger.sweeps.save = (...given) => {
      largest = Math.max(largest, JSON.stringify(given).length);
      return save(...given);
    };

    expect((await house.sweep()).kind).to.equal("complete");

    expect(house.digest()).to.deep.include({ looked: 10_000, wrong: 10_000, fresh: 10_000 });
    expect(house.digest()?.news).to.have.length(50);
    expect(largest, "in the ledger, at any time").to.be.below(50 * 1024);
  });

  it("writes what it remembers only where that has changed, or is old", async () => {
    const rooms = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`room-${at}`, 18]));
    const house = sweptHouse(rooms, {}, 60);
    const writes = () =>
      house.table.client.calls.filter(({ operation }) => operation === "BatchWriteItem").length;
    await house.sweep();
    expect(writes()).to.equal(3);

    house.heat("room-7", 19);
    house.pass(day);
    await house.sweep();
    expect(writes()).to.equal(4);

    for (let days = 2; days < 33; days += 1) {
      house.pass(day);
      await house.sweep();
    }
    expect(writes(), "all of it once more within a month, the changed room a day later").to.equal(8);
  });

  it("tells all that is new once the topic is there again, however small the account is", async () => {
    const house = sweptHouse({ kitchen: 18 });
    await house.sweep();
    house.heat("kitchen", 30);
    house.pass(day);
    for (let tries = 0; tries < 3; tries += 1) {
      const died = await house.sweep({ fails: new Error("no topic") }).catch((error: Error) => error.message);
      expect(died).to.equal("no topic");
      house.pass(5 * 60_000);
    }
    await house.sweep();

    expect(house.digest()?.fresh).to.equal(1);
    expect(house.digest()?.news.map(({ arn }) => arn)).to.deep.equal([roomAt("kitchen").arn]);
  });
});
