import { expect } from "chai";
import type { GuardrailEvent } from "../../../runtime/events";
import { houseAccount, type HouseAccount } from "../../support/crash";
import { tickOf } from "../../support/events/ticks";
import { heated } from "../../support/thermostat";

const call = (id: string, room: string): GuardrailEvent => ({ ...heated([room], { eventID: id }), id });

/** What a tick finds, and what must be so some ticks later. */
interface Case {
  prepare(account: HouseAccount): Promise<void>;
  check(account: HouseAccount, place: string): void;
}

const toldOf = (account: HouseAccount, verb: string, room: string): number =>
  account.published.filter(
    ({ body, subject }) => `${subject}\n${body}`.includes(verb) && body.includes(`room/${room}`),
  ).length;

const cases: Record<string, Case> = {
  "puts right what was held": {
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

async function accountBefore({ prepare }: Case, severity: "high" | "medium"): Promise<HouseAccount> {
  const account = houseAccount({ kitchen: 30, bath: 30 }, { severity });
  await prepare(account);
  return account;
}

describe("a tick that dies", () => {
  for (const [what, one] of Object.entries(cases))
    for (const when of ["before", "after"] as const)
      it(`${when} any of its calls still ${what}, once, and tells it`, async () => {
        const severity = what.includes("digest") ? "medium" : "high";
        const undisturbed = await accountBefore(one, severity);
        const { calls } = await undisturbed.deliver(nextTick(undisturbed));
        await undisturbed.pass(15);
        one.check(undisturbed, "undisturbed");
        expect(calls[0].length).to.be.at.least(8);

        for (const n of calls[0].keys()) {
          const account = await accountBefore(one, severity);
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
