import { expect } from "chai";
import { toSeen } from "../../../runtime/ledger/seen";
import { fromItem, type Item } from "../../../runtime/ledger/items";
import { arn } from "../../support/thermostat";
import { day, sweptHouse } from "../sweep/house";

/** What came of an event that says it has made the heat of the attic. */
async function claimed(house: ReturnType<typeof sweptHouse>, more: { id?: string; time?: string } = {}) {
  const { outcomes } = await house.event(["attic"], { fresh: ["heat"], ...more });
  const [outcome] = outcomes;
  return { kind: outcome.kind, ...("because" in outcome && { because: outcome.because }) };
}

const memoryOf = (house: ReturnType<typeof sweptHouse>, room: string) => {
  const item = house.table.items.get(`thermostat#${arn(room)} seen`);
  return item && toSeen(fromItem(item as Item)).values.heat;
};

describe("an event that says it has made something", () => {
  it("is believed where neither a sweep nor an earlier event knows of that", async () => {
    const house = sweptHouse({ attic: 30 });

    expect((await claimed(house)).kind).to.equal("remediated");
  });

  it("is not believed, and writes nothing, where a sweep knew of that before the event's time", async () => {
    const house = sweptHouse({ attic: 30 });
    await house.sweep();
    house.pass(day);

    expect(await claimed(house)).to.deep.equal({
      kind: "notified",
      because: "unconfirmed: heat is known since 2026-01-01T00:00:02Z: this event did not make it",
    });
    expect(house.home.writes).to.deep.equal([]);
  });

  it("is not believed of what was exempt when a sweep knew it, once the exemption has ended", async () => {
    const exemption = {
      guardrail: "thermostat",
      resource: arn("attic"),
      reason: "being rebuilt",
      owner: "ada@example.com",
      expires: "2026-01-01",
    };
    const house = sweptHouse({ attic: 30 }, { exemptions: [exemption] });
    await house.sweep();
    house.pass(2 * day);

    expect(await claimed(house)).to.deep.equal({
      kind: "notified",
      because: "unconfirmed: heat is known since 2026-01-01T00:00:02Z: this event did not make it",
    });
    expect(house.home.writes).to.deep.equal([]);
  });

  it("is told as unconfirmed where the finding would be left to people anyway", async () => {
    const house = sweptHouse({ attic: 95 });
    await house.sweep();
    house.pass(day);

    expect((await claimed(house)).because).to.match(/^unconfirmed: heat is known/);
  });

  it("brings nothing that an earlier event's look has seen, though no sweep has ended that would know", async () => {
    const ada = { type: "IAMUser", arn: "arn:aws:iam::123456789012:user/ada", userName: "ada" };
    const eve = { type: "IAMUser", arn: "arn:aws:iam::123456789012:user/eve", userName: "eve" };
    const who = { trusted: { accounts: [] }, controllers: [ada.arn], expected: [] };
    const house = sweptHouse({ attic: 30 }, { who, sweep: "off" });
    const { assess } = house.guardrail;
    house.guardrail.assess = (state, settings, hints, known) => {
      const finding = assess(state, settings, hints);
      const isOld = known?.heat === `${Number(state.degrees)} degrees`;
      return finding && { ...finding, notifyOnly: isOld ? "it was so before" : undefined };
    };
    await house.event(["attic"], { id: "event-1", identity: ada });
    house.pass(60_000);

    const { outcomes } = await house.event(["attic"], { id: "event-2", identity: eve });
    expect(outcomes.map(one => "because" in one && one.because)).to.deep.equal(["it was so before"]);
    expect(house.home.writes).to.deep.equal([]);

    house.heat("attic", 31);
    house.pass(60_000);
    await house.event(["attic"], { id: "event-3", identity: eve });
    expect(house.home.writes, "what no look has seen").to.deep.equal([["attic"]]);
  });

  it("is not believed because it says that it is as old as that, or older", async () => {
    const house = sweptHouse({ attic: 30 });
    await house.sweep();
    house.pass(day);

    for (const time of ["2026-01-01T00:00:02Z", "2025-12-31T23:59:59Z", "2001-01-01T00:00:00Z"])
      expect((await claimed(house, { time, id: `forged-${time}` })).kind, time).to.equal("notified");
    expect(house.home.writes).to.deep.equal([]);
  });

  it("is believed when a sweep saw its work first, because it came some minutes late", async () => {
    const house = sweptHouse({ attic: 18 }, {}, 5);
    await house.sweep();
    house.pass(day);
    house.heat("bath", 30);
    const time = new Date(house.now()).toISOString();
    house.pass(60_000);
    await house.sweep();
    house.pass(10 * 60_000);

    const { outcomes } = await house.event(["bath"], { fresh: ["heat"], time });

    expect(outcomes[0].kind).to.equal("remediated");
  });

  it("is not believed when it comes under another name after it was handled", async () => {
    const house = sweptHouse({ attic: 30 });
    await claimed(house);
    house.heat("attic", 30);
    house.pass(60_000);

    expect((await claimed(house, { id: "22222222-2222-3333-4444-555555555555" })).kind).to.equal("notified");
    expect(house.home.writes).to.have.length(1);
  });

  it("is the same event when it is delivered again before it could be handled, however late", async () => {
    const house = sweptHouse({ attic: 30 });
    const time = new Date(house.now()).toISOString();
    house.home.onWrite = () => {
      throw Object.assign(new Error("Try later"), { name: "ThrottlingException" });
    };
    expect((await claimed(house, { time })).kind).to.equal("failed");
    delete house.home.onWrite;
    house.pass(5 * 3600_000);

    expect((await claimed(house, { time })).kind).to.equal("remediated");
  });

  it("is believed once more after a tick has put right what an earlier one made", async () => {
    const house = sweptHouse({ attic: 30 });
    house.guardrail.remembered = (state): Record<string, string> =>
      Number(state.degrees) > 20 ? { heat: "hot" } : {};
    house.home.onWrite = () => {
      throw Object.assign(new Error("Try later"), { name: "ThrottlingException" });
    };
    expect((await claimed(house)).kind).to.equal("failed");
    delete house.home.onWrite;
    house.pass(day / 24);
    await house.takeUp();
    expect(house.degrees("attic")).to.equal(20);
    house.heat("attic", 30);

    expect((await claimed(house, { id: "22222222-2222-3333-4444-555555555555" })).kind).to.equal(
      "remediated",
    );
  });

  it("is judged by what was known at its time, although a sweep has been through when it is looked at again", async () => {
    const house = sweptHouse({ attic: 18 });
    const time = new Date(house.now()).toISOString();
    const given: unknown[] = [];
    const { assess } = house.guardrail;
    house.guardrail.assess = (state, settings, hints, known) => {
      given.push(known);
      return assess(state, settings, hints, known);
    };
    house.pass(60_000);
    await house.sweep();
    given.length = 0;
    house.pass(60_000);
    await house.event(["attic"], { time });
    await house.event(["attic"], { id: "22222222-2222-3333-4444-555555555555" });

    expect(given[0]).to.equal(undefined);
    expect(given.at(-1)).to.deep.equal({ heat: "18 degrees" });
  });

  it("brings nothing into memory that only a sweep may, and takes nothing out of it that one brought", async () => {
    const house = sweptHouse({ attic: 18, bath: 18 });
    const heat = (room: string) => memoryOf(house, room)?.words;
    Object.assign(house.guardrail, { sweptOnly: ["heat"] });
    house.pass(60_000);
    await house.event(["bath"]);
    expect(heat("bath")).to.equal(undefined);

    await house.sweep();
    const swept = heat("bath");
    house.pass(60_000);
    await house.event(["bath"], { id: "22222222-2222-3333-4444-555555555555" });
    expect(swept).to.be.a("string");
    expect(heat("bath")).to.equal(swept);
  });

  it("is held, and tried again, while the ledger cannot say what was known", async () => {
    const house = sweptHouse({ attic: 30 });
    house.ledger.seen.get = async () => {
      throw new Error("no answer");
    };

    const { outcomes, problems } = await house.event(["attic"], { fresh: ["heat"] });

    expect(outcomes[0]).to.deep.include({ kind: "held", code: "ledger", retry: true });
    expect(outcomes[0]).to.have.property("because").that.contains("no answer");
    expect(problems, "so that the invocation fails").not.to.be.empty;
    expect(house.home.writes).to.deep.equal([]);
  });
});

describe("what a guardrail is told was known", () => {
  async function knownTo(house: ReturnType<typeof sweptHouse>, room: string, id: string): Promise<unknown> {
    let given: unknown = "never asked";
    const { assess } = house.guardrail;
    house.guardrail.assess = (state, settings, hints, known) => {
      given = known;
      return assess(state, settings, hints);
    };
    await house.event([room], { id });
    house.guardrail.assess = assess;
    return given;
  }

  it("is nothing at all before a sweep has seen everything, and that it was not there after one", async () => {
    const house = sweptHouse({ attic: 18 });
    expect(await knownTo(house, "attic", "event-1")).to.equal(undefined);
    await house.sweep();
    house.pass(day / 2);
    house.heat("bath", 18);

    expect(await knownTo(house, "bath", "event-2")).to.deep.equal({});
    expect(await knownTo(house, "attic", "event-3")).to.deep.equal({ heat: "18 degrees" });
  });

  it("is what stood before the change, also when the event that changed it is delivered again", async () => {
    const house = sweptHouse({ attic: 17 });
    await house.sweep();
    house.pass(day / 2);
    house.heat("attic", 19);

    expect(await knownTo(house, "attic", "event-1")).to.deep.equal({ heat: "17 degrees" });
    expect(await knownTo(house, "attic", "event-1")).to.deep.equal({ heat: "17 degrees" });
    house.pass(60_000);
    expect(await knownTo(house, "attic", "event-2")).to.deep.equal({ heat: "19 degrees" });
  });

  it("keeps since when each thing is known, and what the last sweep found", async () => {
    const house = sweptHouse({ attic: 30 });
    await house.sweep();
    const first = house.now();
    house.pass(day / 2);
    house.heat("attic", 18);
    await house.event(["attic"], { id: "event-1" });

    expect(memoryOf(house, "attic")).to.deep.include({
      words: "18 degrees",
      was: "30 degrees",
      since: first,
      changed: house.now(),
      by: "event-1",
    });
    const stored = house.table.items.get(`thermostat#${arn("attic")} seen`);
    expect(toSeen(fromItem(stored as Item)).verdict).to.deep.include({
      kind: "wrong",
      fingerprint: "hot-30",
    });
  });

  it("remembers nothing in observe, which leaves no trace", async () => {
    const house = sweptHouse({ attic: 30 }, { mode: "observe" });

    await house.event(["attic"]);

    expect([...house.table.items.keys()]).to.deep.equal([]);
  });
});
