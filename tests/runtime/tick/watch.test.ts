import { expect } from "chai";
import type { GuardrailEvent } from "../../../runtime/events";
import type { Known, Resource } from "../../../runtime/guardrail";
import { houseAccount } from "../../support/crash";
import { heated, type Room, type RoomHints, roomAt } from "../../support/thermostat";

const call = (id: string, room = "kitchen"): GuardrailEvent => ({ ...heated([room], { eventID: id }), id });

/** Rooms that remember which fires burn in them: an event makes a fire, and claims a breach. */
const withFires = () => {
  const account = houseAccount(
    { kitchen: 20 },
    {
      more: {
        resources: (event: GuardrailEvent): Resource<RoomHints>[] => [
          { ...roomAt("kitchen"), claim: "breach", fresh: [`fire of ${event.id}`] },
        ],
        remembered: ({ degrees, tags }: Room): Known =>
          degrees > 20 ? { [`fire of ${tags.fire}`]: "burns" } : {},
      },
    },
  );
  const heat = (degrees: number, fire: string): void => {
    account.home.rooms.kitchen = { degrees, tags: { fire } };
  };
  return { account, heat };
};

describe("a breach that is made and taken back at once", () => {
  it("keeps no function waiting: two reads that show the resource without it are enough", async () => {
    const { account } = withFires();
    const start = account.now;
    await account.deliver(call("event-1"));

    expect(account.now - start).to.be.below(3_000);
    expect(account.published).to.deep.equal([]);
    expect(account.written).to.deep.equal([]);
  });

  it("is looked at once more by the next tick, and put right when the reads were late, with its own caller told", async () => {
    const { account, heat } = withFires();
    await account.deliver(call("event-1"));
    heat(30, "event-1");
    await account.pass(5);

    expect(account.written.map(({ room }) => room)).to.deep.equal(["kitchen"]);
    expect(account.published[0].body).to.contain("user/ada");
    heat(30, "event-2");
    await account.pass(30);
    expect(account.written).to.have.length(1);
  });

  for (const [what, rooms, more] of [
    ["a resource that is gone again", {}, { claim: "exists" as const }],
    ["a resource that is gone again, said to be a breach", {}, { claim: "breach" as const }],
    ["what is right again", { kitchen: 18 }, { claim: "breach" as const }],
  ] as const)
    it(`keeps functions waiting five times an hour for one principal, and is looked at by the next tick: ${what}`, async () => {
      const account = houseAccount(rooms, {
        more: { resources: () => [roomAt("kitchen", more.claim)] },
      });
      const waits: number[] = [];
      for (let n = 1; n <= 7; n++) {
        const start = account.now;
        await account.deliver({ ...heated(["kitchen"], { eventID: `event-${n}` }), id: `event-${n}` });
        waits.push(Math.round((account.now - start) / 1_000));
      }
      expect(waits).to.deep.equal([30, 30, 30, 30, 30, 3, 3]);

      account.home.rooms.kitchen = { degrees: 30, tags: {} };
      await account.pass(5);
      expect(account.home.rooms.kitchen.degrees).to.equal(20);
    });

  it("is waited for as ever where a read shows it, but not yet as a breach", async () => {
    const { account, heat } = withFires();
    heat(21, "event-1");
    account.home.onRead = reads => void (reads === 4 && heat(30, "event-1"));
    account.config.settings = { limit: 25 };
    await account.deliver(call("event-1"));

    expect(account.written).to.have.length(1);
  });
});

describe("a resource that may become a breach unheard", () => {
  const watched = () =>
    houseAccount({ kitchen: 20 }, { more: { isWatched: ({ tags }: Room) => tags.owner === "a stranger" } });

  it("is looked at by every tick, without another event", async () => {
    const account = watched();
    account.home.rooms.kitchen = { degrees: 20, tags: { owner: "a stranger" } };
    await account.deliver(call("event-1"));
    expect(account.published).to.deep.equal([]);

    await account.pass(60);
    account.home.rooms.kitchen = { degrees: 30, tags: { owner: "a stranger" } };
    await account.pass(5);
    expect(account.published).to.have.length(1);
  });

  it("is no longer looked at when nothing has found it worth it for three days", async () => {
    const account = watched();
    account.home.rooms.kitchen = { degrees: 20, tags: { owner: "a stranger" } };
    await account.deliver(call("event-1"));
    account.now += 3 * 24 * 3600_000;
    await account.pass(10);
    const { reads } = account.home;
    await account.pass(10);

    expect(account.home.reads).to.equal(reads);
  });
});
