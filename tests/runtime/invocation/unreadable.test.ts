import { expect } from "chai";
import type { Resource } from "../../../runtime/guardrail";
import { houseAccount } from "../../support/crash";
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
    const home: Record<string, number> = { kitchen: 20 };
    const account = houseAccount(home, {
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
    });

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

  it("has that sweep put right what came since the last one, though sweeps only tell, and nothing else", async () => {
    const account = houseAccount(
      { kitchen: 20, attic: 30 },
      {
        config: { sweep: "notify" },
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
      },
    );
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

  it("says so where nothing will look, and stays open", async () => {
    const account = houseAccount({ kitchen: 20 }, { config: { sweep: "off" } });

    await account.deliver(noBodies);
    await account.pass(60);

    expect(account.published[0].body).to.include("look yourself");
    expect(account.open()).to.have.length(1);
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
