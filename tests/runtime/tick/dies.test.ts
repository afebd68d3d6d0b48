import { expect } from "chai";
import type { GuardrailEvent } from "../../../runtime/events";
import { houseAccount, type HouseAccount } from "../../support/crash";
import { tickOf } from "../../support/events/ticks";
import { heated, roomAt } from "../../support/thermostat";

const call = (id: string, room: string): GuardrailEvent => ({ ...heated([room], { eventID: id }), id });

/** What a tick finds, and what must be so some ticks later. */
interface Case {
  /** The account, without what makes the tick worth it. */
  account(): HouseAccount;
  prepare(account: HouseAccount): Promise<void>;
  check(account: HouseAccount, place: string): void;
}

const toldOf = (account: HouseAccount, verb: string, room: string): number =>
  account.published.filter(
    ({ body, subject }) => `${subject}\n${body}`.includes(verb) && body.includes(`room/${room}`),
  ).length;

const hotHouse = (severity: "high" | "medium") => () => houseAccount({ kitchen: 30, bath: 30 }, { severity });

/** A house that is swept every day; the attic was hot before. */
const sweptHouse = (sweep: "notify" | "enforce") => (): HouseAccount => {
  const account: HouseAccount = houseAccount(
    { attic: 40, kitchen: 18 },
    {
      config: { sweep },
      more: {
        remembered: ({ degrees }) => ({ heat: `${degrees} degrees` }),
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
/** Unheard, a day after the baseline. */
async function heatUnheard(account: HouseAccount): Promise<void> {
  await account.pass(10);
  account.now += 24 * 3600_000;
  account.home.rooms.kitchen!.degrees = 30;
}

const cases: Record<string, Case> = {
  "tells what its sweep finds new, and writes nothing": {
    account: sweptHouse("notify"),
    prepare: heatUnheard,
    check(account, place) {
      expect(account.written, place).to.deep.equal([]);
      expect(toldOf(account, "Sweep found 1 new", "kitchen"), `${place}: told`).to.be.at.least(1);
      expect(
        account.open().map(({ code }) => code),
        `${place}: open`,
      ).to.deep.equal(["sweep"]);
    },
  },
  "puts right what its sweep finds new, and never the baseline": {
    account: sweptHouse("enforce"),
    prepare: heatUnheard,
    check(account, place) {
      expect(
        account.written.map(({ room }) => room),
        place,
      ).to.deep.equal(["kitchen"]);
      expect(account.home.rooms.attic?.degrees, place).to.equal(40);
      expect(toldOf(account, "Fixed", "kitchen"), `${place}: told`).to.be.at.least(1);
    },
  },
  "puts right what was held": {
    account: hotHouse("high"),
    async prepare(account) {
      account.pause("own", 4 * 60_000);
      await account.deliver(call("event-1", "kitchen"));
      await account.deliver(call("event-2", "bath"));
    },
    check(account, place) {
      expect(account.written.map(({ room }) => room).sort(), `${place}: written`).to.deep.equal([
        "bath",
        "kitchen",
      ]);
      for (const room of ["kitchen", "bath"]) {
        expect(account.home.rooms[room]?.degrees, `${place}: ${room}`).to.equal(20);
        expect(toldOf(account, "Fixed", room), `${place}: told of ${room}`).to.be.at.least(1);
      }
      expect(account.open(), `${place}: open`).to.deep.equal([]);
      for (const { state, before } of account.actions()) {
        expect(state, `${place}: the action`).to.equal("notified");
        expect(before, `${place}: before`).to.deep.equal({ degrees: 30, tags: {} });
      }
    },
  },
  "sends what waits in the digest": {
    account: hotHouse("medium"),
    async prepare(account) {
      for (const [at, room] of ["kitchen", "bath"].entries()) {
        await account.deliver(call(`event-${at}`, room));
        account.now += 20_000;
      }
      expect(toldOf(account, "Fixed", "bath"), "the second waits for a tick").to.equal(0);
    },
    check(account, place) {
      for (const room of ["kitchen", "bath"])
        expect(toldOf(account, "Fixed", room), `${place}: told of ${room}`).to.be.at.least(1);
      expect(account.written, place).to.have.length(2);
    },
  },
};

/** The next tick of the guardrail. */
const nextTick = (account: HouseAccount): GuardrailEvent => {
  account.now = (Math.floor(account.now / 300_000) + 1) * 300_000;
  return tickOf("thermostat", account.now);
};

async function accountBefore({ account: make, prepare }: Case): Promise<HouseAccount> {
  const account = make();
  await prepare(account);
  return account;
}

describe("a tick that dies", () => {
  for (const [what, one] of Object.entries(cases))
    for (const when of ["before", "after"] as const)
      it(`${when} any of its calls still ${what}, once, and tells it`, async () => {
        const undisturbed = await accountBefore(one);
        const { calls } = await undisturbed.deliver(nextTick(undisturbed));
        await undisturbed.pass(15);
        one.check(undisturbed, "undisturbed");
        expect(calls[0].length).to.be.at.least(8);

        for (const n of calls[0].keys()) {
          const account = await accountBefore(one);
          const { failures } = await account.deliver(nextTick(account), struck =>
            struck.attempt === 0 && struck.n === n + 1 ? { how: "dies", when } : undefined,
          );
          const place = `${when} call ${n + 1}, ${calls[0][n]}`;
          expect(failures, place).to.deep.equal(["died"]);
          await account.pass(15);
          one.check(account, place);
        }
      });
});

describe("a tick that died before it could put right what its sweep had found", () => {
  it("leaves it to people when the stack no longer wants sweeps to write", async () => {
    const account = await accountBefore(cases["puts right what its sweep finds new, and never the baseline"]);
    const { failures } = await account.deliver(nextTick(account), ({ name }) =>
      name === "read" ? { how: "dies", when: "before" } : undefined,
    );
    expect(failures).to.deep.equal(["died", "died", "died"]);

    account.config = { ...account.config, sweep: "notify" };
    await account.pass(15);

    expect(account.written).to.deep.equal([]);
    expect(account.home.rooms.kitchen?.degrees).to.equal(30);
  });
});

describe("an event of two batches that dies", () => {
  const rooms = Array.from({ length: 27 }, (_, at) => `room-${at}`);
  const hotRooms = () =>
    houseAccount(Object.fromEntries(rooms.map(room => [room, 30])), {
      ...{ batch: 25, timeout: 300_000 },
      config: { budget: 100 },
    });

  for (const when of ["before", "after"] as const)
    it(`${when} any of its calls still ends with each room put right once, and told`, async () => {
      const { calls } = await hotRooms().deliver(heated(rooms));
      expect(calls[0].filter(name => name === "write")).to.have.length(2);
      for (const n of calls[0].keys()) {
        const account = hotRooms();
        await account.deliver(heated(rooms), struck =>
          struck.attempt === 0 && struck.n === n + 1 ? { how: "dies", when } : undefined,
        );
        await account.pass(15);

        const place = `${when} call ${n + 1}, ${calls[0][n]}`;
        const told = account.published.map(({ body }) => body).join("\n");
        expect(account.written.filter(({ degrees }) => degrees === 30).length, place).to.equal(rooms.length);
        for (const room of rooms) {
          expect(account.home.rooms[room]?.degrees, `${place}: ${room}`).to.equal(20);
          expect(told, `${place}: ${room}`).to.match(new RegExp(`room/${room}\\b`));
        }
        for (const { state } of account.actions()) expect(state, place).to.equal("notified");
      }
    });
});
