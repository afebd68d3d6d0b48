import { expect } from "chai";
import type { Resource } from "../../../runtime/guardrail";
import { createLedger } from "../../../runtime/ledger/ledger";
import { houseAccount } from "../../support/crash";
import type { config } from "../../support/thermostat";
import { arn, heated, roomAt } from "../../support/thermostat";

const noBodies = heated([], { eventID: "event-1", rooms: null });
const told = (account: ReturnType<typeof houseAccount>) =>
  account.published.map(({ subject }) => subject.replace(/^\[\w+\] /, ""));

describe("a record that lacks what is needed from it", () => {
  it("is told, open, and looked for by the guardrail itself, which puts right what it finds", async () => {
    const account = houseAccount(
      { kitchen: 30 },
      { more: { look: async () => [roomAt("kitchen")] as Resource<never>[] } },
    );

    const { answer } = await account.deliver(noBodies);

    expect(answer?.outcomes.map(({ outcome }) => outcome)).to.deep.equal(["held", "remediated"]);
    expect(account.home.rooms.kitchen?.degrees).to.equal(20);
    expect(told(account)).to.deep.equal([
      "HELD: Keep rooms cool: event-1",
      "Fixed: Keep rooms cool: kitchen",
    ]);
    expect(account.published[0].body)
      .to.include("lacks detail.rooms, so it cannot be said what was called for")
      .and.to.include("the guardrail has looked itself");
    expect(account.open().map(({ code }) => code)).to.deep.equal(["unreadable"]);

    await account.pass(5);
    expect(account.open(), "it has looked: the alarm may end").to.deep.equal([]);
  });

  it("has a sweep begun at once where the guardrail cannot look, and stays open until that has ended", async () => {
    let sweeps = 0;
    const account = houseAccount(
      { kitchen: 20 },
      {
        config: { sweep: "notify" },
        more: {
          remembered: state => ({ degrees: String(state.degrees) }),
          inventory: async function* () {
            sweeps += 1;
            yield {
              items: Object.entries(account.home.rooms).flatMap(([id, state]) =>
                state === undefined ? [] : [{ resource: roomAt(id), state: structuredClone(state) }],
              ),
            };
          },
        },
      },
    );

    await account.pass(10);
    expect(sweeps, "the day's own").to.equal(1);

    await account.deliver(noBodies);
    expect(account.open().map(({ code, attention }) => [code, attention])).to.deep.equal([
      ["unreadable", "hourly"],
    ]);
    expect(account.published[0].body).to.include("a sweep begins with the next tick");

    await account.pass(10);
    expect(sweeps).to.equal(2);
    expect(account.open()).to.deep.equal([]);
  });

  it("leaves, of what the guardrail finds itself, what another event has brought", async () => {
    const ada = "arn:aws:iam::123456789012:user/ada";
    const account = houseAccount(
      { kitchen: 20, attic: 30 },
      {
        config: { who: { trusted: { accounts: [] }, controllers: [ada], expected: [] } },
        more: {
          look: async () => [roomAt("kitchen"), roomAt("attic")] as Resource<never>[],
          remembered: state => ({ degrees: String(state.degrees) }),
        },
      },
    );
    await account.deliver(heated(["attic"], { eventID: "event-of-ada" }));
    account.home.rooms.kitchen!.degrees = 30;
    const mallory = "arn:aws:iam::123456789012:user/mallory";

    await account.deliver(
      heated([], {
        eventID: "event-1",
        rooms: null,
        userIdentity: { type: "IAMUser", arn: mallory, userName: "mallory" },
      }),
    );

    expect(account.written.map(({ room }) => room)).to.deep.equal(["kitchen"]);
  });

  it("is told whatever keeps the guardrail from looking, which is tried again", async () => {
    const refused = houseAccount(
      { kitchen: 30 },
      {
        more: {
          look: async () => {
            throw Object.assign(new Error("You may not look"), { name: "UnauthorizedOperation" });
          },
        },
      },
    );
    const { failures } = await refused.deliver(noBodies);
    expect(failures).to.have.length(3);
    expect(told(refused)).to.deep.equal(["HELD: Keep rooms cool: event-1"]);
    expect(refused.published[0].body).to.include("could not look").and.to.include("You may not look");
    expect(refused.open()).to.have.length(1);

    const without = sweptAccount({ kitchen: 30 });
    without.table.client.send = () => Promise.reject(new Error("No ledger"));
    await without.deliver(noBodies);
    expect(told(without).length, "with each try, for want of a memory").to.be.at.least(1);
    expect(told(without)[0]).to.equal("HELD: Keep rooms cool: event-1");
  });

  /** Rooms that a sweep goes through. */
  function sweptAccount(rooms: Record<string, number>, more: Partial<ReturnType<typeof config>> = {}) {
    const account = houseAccount(rooms, {
      config: { sweep: "notify", ...more },
      more: {
        remembered: state => ({ degrees: String(state.degrees) }),
        inventory: async function* () {
          yield {
            items: Object.entries(account.home.rooms).flatMap(([id, state]) =>
              state === undefined ? [] : [{ resource: roomAt(id), state: structuredClone(state) }],
            ),
          };
        },
      },
    });
    return account;
  }

  it("has that sweep put right what came since the last one, though sweeps only tell, and nothing else", async () => {
    const account = sweptAccount({ kitchen: 20, attic: 30 });
    await account.pass(10);

    account.home.rooms.kitchen!.degrees = 30;
    await account.deliver(noBodies);
    await account.pass(10);
    const written = account.written.map(({ room }) => room);
    account.home.rooms.kitchen!.degrees = 31;
    await account.pass(24 * 60);

    expect(written, "the attic was hot at the first sweep").to.deep.equal(["kitchen"]);
    expect(account.home.rooms.kitchen?.degrees, "the day's own sweep tells").to.equal(31);
  });

  it("has that sweep only tell where what the caller breaks is not put right", async () => {
    const ada = "arn:aws:iam::123456789012:user/ada";
    const who = { trusted: { accounts: [] }, controllers: [], expected: [] };
    const exemption = {
      guardrail: "thermostat",
      resource: "arn:aws:house:us-east-1:123456789012:room/sauna",
      principal: ada,
      reason: "a sauna",
      owner: "ada@example.com",
      expires: "2026-12-31",
    };
    const byCloudFormation = heated([], {
      eventID: "event-1",
      rooms: null,
      userIdentity: { type: "IAMUser", arn: ada, userName: "ada", invokedBy: "cloudformation.amazonaws.com" },
    });
    const cases = {
      "a controller": [{ who: { ...who, controllers: [ada] } }, noBodies],
      "somebody expected": [{ who: { ...who, expected: [ada] } }, noBodies],
      "somebody exempt": [{ exemptions: [exemption] }, noBodies],
      CloudFormation: [{}, byCloudFormation],
    } as const;
    for (const [whom, [more, event]] of Object.entries(cases)) {
      const account = sweptAccount({ kitchen: 20 }, more);
      await account.pass(10);
      account.home.rooms.kitchen!.degrees = 30;

      await account.deliver(event);
      await account.pass(10);

      expect(account.written, whom).to.deep.equal([]);
      expect(told(account).at(-1), whom).to.equal("Sweep found 1 new: Keep rooms cool");
    }
  });

  it("stays open, told every hour, where no sweep could tell what is new, until a person ends it", async () => {
    const account = sweptAccount({ kitchen: 30 });
    await account.deliver(noBodies);
    expect(account.published[0].body).to.include("cannot tell what is new");

    await account.pass(26 * 60);

    expect(account.open().filter(({ code }) => code === "unreadable")).to.have.length(1);
    const held = told(account).filter(subject => subject.includes("event-1"));
    expect(held.length, "within 26 hours").to.be.within(25, 28);

    const ledger = createLedger(account.table.client, "ledger");
    const [record] = account.open().filter(({ code }) => code === "unreadable");
    await ledger.revise(record, { ...record, due: account.now, resumed: "olga" }, account.now);
    await account.pass(5);
    expect(account.open().filter(({ code }) => code === "unreadable")).to.deep.equal([]);
  });

  it("says so where nothing will look, and stays open, told every hour", async () => {
    const account = houseAccount({ kitchen: 20 }, { config: { sweep: "off" } });

    await account.deliver(noBodies);
    await account.pass(125);

    expect(account.published[0].body).to.include("look yourself");
    expect(account.open()).to.have.length(1);
    expect(told(account), "at once, and every hour").to.have.length(3);
  });

  it("is told once, however often the event is delivered, and is no finding where the event is of something else", async () => {
    const account = houseAccount({ kitchen: 20 }, { config: { sweep: "off" } });
    for (let again = 0; again < 3; again++) await account.deliver(noBodies);
    expect(told(account)).to.deep.equal(["HELD: Keep rooms cool: event-1"]);

    const other = houseAccount(
      { kitchen: 20 },
      { more: { resources: () => ({ elsewhere: "of a garden" }) } },
    );
    const { answer } = await other.deliver(heated(["kitchen"]));
    expect([answer?.outcomes, other.published, other.open()]).to.deep.equal([[], [], []]);
    expect(other.lines[0]).to.deep.include({ ignored: "of a garden" });
  });

  it("is written down and not told in observe", async () => {
    const account = houseAccount({ kitchen: 20 }, { config: { mode: "observe" } });

    const { answer } = await account.deliver(noBodies);

    expect(answer?.outcomes.map(({ outcome }) => outcome)).to.deep.equal(["observed"]);
    expect(account.published).to.deep.equal([]);
    expect(arn("kitchen")).to.not.equal(answer?.outcomes[0].resource);
  });
});
