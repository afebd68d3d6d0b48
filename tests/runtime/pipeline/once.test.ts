import { expect } from "chai";
import type { GuardrailEvent } from "../../../runtime/events";
import { houseAccount, type HouseAccount, type Strike } from "../../support/crash";
import { heated } from "../../support/thermostat";

const hot = (id: string, rooms: string[]): GuardrailEvent => ({ ...heated(rooms, { eventID: id }), id });
const one = { rooms: { kitchen: 30 }, batch: undefined };
const several = { rooms: { kitchen: 30, bath: 31, attic: 32 }, batch: 10 };

/** What must be true of every heated room in the end, whatever happened on the way. */
function expectOnce(account: HouseAccount, rooms: Record<string, number>, place: string): void {
  const ids = Object.keys(rooms).sort();
  for (const id of ids) expect(account.home.rooms[id]?.degrees, `${place}: ${id} in the end`).to.equal(20);
  expect(account.written.map(({ room }) => room).sort(), `${place}: written`).to.deep.equal(ids);
  const actions = account.actions();
  expect(actions.map(({ resource }) => resource.id).sort(), `${place}: actions`).to.deep.equal(ids);
  for (const { resource, before, after, state, verified } of actions) {
    expect(before, `${place}: before`).to.deep.equal({ degrees: rooms[resource.id], tags: {} });
    expect([state, after, typeof verified], `${place}: the record of ${resource.id}`).to.deep.equal([
      "notified",
      { degrees: 20, tags: {} },
      "number",
    ]);
    const told = account.published.filter(
      ({ subject, body }) => subject.includes("Fixed") && body.includes(resource.arn),
    );
    expect(told.length, `${place}: told of ${resource.id}`).to.be.at.least(1);
  }
  expect(
    account.stored("event#").map(({ done }) => done),
    `${place}: events`,
  ).to.deep.equal(ids.map(() => 1));
  for (const { ends } of account.stored("lock"))
    expect(Number(ends), `${place}: the lock is free`).to.be.at.most(account.now);
}

/** The number of calls that an undisturbed run makes. */
async function callsOf({
  rooms,
  batch,
}: {
  rooms: Record<string, number>;
  batch?: number;
}): Promise<string[]> {
  const account = houseAccount(rooms, { batch });
  const { calls } = await account.deliver(hot("event-1", Object.keys(rooms)));
  expectOnce(account, rooms, "undisturbed");
  return [...calls[0]];
}

describe("once in effect", () => {
  for (const [what, { rooms, batch }] of [
    ["one room", one],
    ["several rooms written together", several],
  ] as const)
    for (const how of ["dies", "fails"] as const)
      for (const when of ["before", "after"] as const)
        it(`holds for ${what} when ${how === "dies" ? "the function dies" : "a call fails"} ${when} any one of its calls`, async () => {
          const calls = await callsOf({ rooms, batch });
          expect(calls.length).to.be.at.least(10);
          for (const n of calls.keys()) {
            const account = houseAccount(rooms, { batch });
            const strike: Strike = call =>
              call.attempt === 0 && call.n === n + 1 ? { how, when } : undefined;
            const { answer } = await account.deliver(hot("event-1", Object.keys(rooms)), strike);
            const place = `${how} ${when} call ${n + 1}, ${calls[n]}`;
            expect(answer, place).not.to.equal(undefined);
            expectOnce(account, rooms, place);
          }
        });

  it("holds when the function dies in two of its three tries, wherever that is", async () => {
    const calls = await callsOf(one);
    // To die before a call is to die after the one before it.
    const places = [...calls.keys()].map(n => n + 1);
    for (const first of places)
      for (const second of places) {
        const account = houseAccount(one.rooms);
        await account.deliver(hot("event-1", ["kitchen"]), ({ n, attempt }) =>
          [first, second][attempt] === n ? { how: "dies", when: "after" } : undefined,
        );
        expectOnce(account, one.rooms, JSON.stringify({ first, second }));
      }
  });

  for (const copies of [2, 3, 4, 5])
    it(`holds for an event that is delivered ${copies} times at once, whoever overtakes whom`, async () => {
      for (let seed = 1; seed <= 15; seed++) {
        const account = houseAccount(several.rooms, { batch: 10, lag: turns(seed) });
        const event = hot("event-1", ["kitchen", "bath", "attic"]);
        const deliveries = await account.deliverAll(Array<GuardrailEvent>(copies).fill(event));
        expectOnce(account, several.rooms, `seed ${seed}`);
        for (const { answer } of deliveries) expect(answer, `seed ${seed}`).not.to.equal(undefined);
      }
    });

  it("holds for an event that comes again hours later, after other events", async () => {
    const account = houseAccount({ kitchen: 30 });
    await account.deliver(hot("event-1", ["kitchen"]));
    account.home.rooms.kitchen!.degrees = 35;
    await account.deliver(hot("event-2", ["kitchen"]));
    account.home.rooms.kitchen!.degrees = 40;
    account.now += 5 * 3600_000;
    const again = await account.deliver(hot("event-1", ["kitchen"]));
    expect(again.answer?.outcomes[0].outcome).to.equal("duplicate");
    expect(account.written.map(({ degrees }) => degrees)).to.deep.equal([30, 35]);
    expect(account.published).to.have.length(2);
  });

  it("serialises two events on one resource: each writes only what it has read itself since the other's end", async () => {
    let both = 0;
    for (let seed = 1; seed <= 80; seed++) {
      const account = houseAccount({ kitchen: 30 }, { lag: turns(seed) });
      const deliveries = await account.deliverAll([hot("event-1", ["kitchen"]), hot("event-2", ["kitchen"])]);
      expect(account.home.rooms.kitchen?.degrees).to.equal(20);
      expect(account.written, `seed ${seed}: nothing cool was written`).to.deep.equal([
        { room: "kitchen", degrees: 30 },
      ]);
      const kinds = deliveries.map(({ answer }) => answer?.outcomes[0].outcome).sort();
      expect(kinds, `seed ${seed}`).to.deep.equal(["compliant", "remediated"]);
      const isBegun = ({ calls }: { calls: readonly (readonly string[])[] }) =>
        calls.flat().includes("table TransactWriteItems");
      if (deliveries.every(isBegun)) both++;
    }
    expect(both, "runs in which both wanted to write").to.be.at.least(10);
  });
});

/** The same turns for the same seed: a linear congruential generator. */
function turns(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * 6);
  };
}
