import { expect } from "chai";
import type { GuardrailEvent } from "../../../runtime/events";
import { createLedger } from "../../../runtime/ledger/ledger";
import { createTable } from "../../../runtime/ledger/table";
import { houseAccount, type HouseAccount, type Strike } from "../../support/crash";
import { awsError } from "../../support/fakes/client";
import { fakeTable } from "../../support/fakes/table";
import { heated } from "../../support/thermostat";

const hot = (id: string, rooms: string[] = ["kitchen"]): GuardrailEvent => ({
  ...heated(rooms, { eventID: id }),
  id,
});
const isRead = (name: string): boolean => name === "table BatchGetItem" || name === "table GetItem";
const isTable = (name: string): boolean => name.startsWith("table ");
const subjects = ({ published }: HouseAccount) => published.map(({ subject }) => subject.split(":")[0]);

/** The ledger's calls of these tries fail. */
const down =
  (which: (name: string) => boolean, tries: number, when: "before" | "after" = "before"): Strike =>
  ({ name, attempt }) =>
    attempt < tries && which(name) ? { how: "fails", when } : undefined;

describe("without the ledger", () => {
  for (const [what, which] of [
    ["at all", isTable],
    ["to read", isRead],
    ["to write", (name: string) => isTable(name) && !isRead(name)],
  ] as const) {
    it(`${what}, nothing is written, somebody is told, and Lambda keeps the event`, async () => {
      const account = houseAccount({ kitchen: 30 });
      const { answer, failures } = await account.deliver(hot("event-1"), down(which, 3));
      expect(answer).to.equal(undefined);
      expect(failures).to.have.length(3);
      expect(account.written).to.deep.equal([]);
      expect(account.published.length).to.be.at.least(1);
      expect(subjects(account)[0]).to.match(/HELD|FAILED/);
      expect(account.published[0].body).to.contain("Nothing");
    });

    it(`${what} for one try, the next puts it right once and says so`, async () => {
      const account = houseAccount({ kitchen: 30 });
      await account.deliver(hot("event-1"), down(which, 1));
      expect(account.written).to.have.length(1);
      expect(subjects(account).at(-1)).to.equal("[high] Fixed");
      expect(account.actions().map(({ state }) => state)).to.deep.equal(["notified"]);
    });
  }

  it("whose answers are lost, nothing is written twice, and the record is whole", async () => {
    const account = houseAccount({ kitchen: 30 });
    await account.deliver(
      hot("event-1"),
      down(name => isTable(name) && !isRead(name), 1, "after"),
    );
    expect(account.written).to.have.length(1);
    expect(account.actions().map(({ state, before }) => [state, before.degrees])).to.deep.equal([
      ["notified", 30],
    ]);
  });

  it("from any call on until the next try, the end is right and told", async () => {
    const { calls } = await houseAccount({ kitchen: 30 }).deliver(hot("event-1"));
    for (const first of calls[0].keys()) {
      const account = houseAccount({ kitchen: 30 });
      await account.deliver(hot("event-1"), ({ n, name, attempt }) =>
        attempt === 0 && n > first && isTable(name) ? { how: "fails", when: "before" } : undefined,
      );
      const place = `down from call ${first + 1}, ${calls[0][first]}`;
      expect(account.written, place).to.have.length(1);
      expect(account.actions()[0].state, place).to.equal("notified");
      expect(subjects(account), place).to.include("[high] Fixed");
    }
  });

  it("an event whose open finding could not be kept is not done: its next try keeps it", async () => {
    const account = houseAccount({ kitchen: 30 });
    account.pause("all", 60 * 60_000);
    let puts = 0;
    const { failures } = await account.deliver(hot("event-1"), ({ name, attempt }) =>
      attempt === 0 && name === "table PutItem" && ++puts === 1
        ? { how: "fails", when: "before" }
        : undefined,
    );
    expect(failures).to.have.length(1);
    expect(account.open().map(({ code }) => code)).to.deep.equal(["paused"]);
  });

  it("notices still go out in mode notify", async () => {
    const account = houseAccount({ kitchen: 30 }, { config: { mode: "notify" } });
    const { answer } = await account.deliver(hot("event-1"), down(isTable, 3));
    expect(answer, "the invocation fails, so that the event is kept").to.equal(undefined);
    expect(subjects(account)[0]).to.equal("[high] Found");
  });

  it("a try that cannot read what was begun does not end the event, though nothing is wrong any more", async () => {
    const account = houseAccount({ kitchen: 30 });
    const strike: Strike = ({ n, name, attempt }) => {
      if (attempt === 0 && name === "write") return { how: "dies", when: "after" };
      return attempt === 1 && n === 1 ? { how: "fails", when: "before" } : undefined;
    };
    await account.deliver(hot("event-1"), strike);
    expect(subjects(account)).to.deep.equal(["[high] Fixed"]);
    expect(account.actions()[0].state).to.equal("notified");
  });
});

describe("the ledger's records", () => {
  it("of a large state are compressed, and read back as they were", async () => {
    const account = houseAccount({ kitchen: 30 });
    const tags = Object.fromEntries([...Array(2_000).keys()].map(n => [`key-${n}`, "warm ".repeat(8)]));
    account.home.rooms.kitchen!.tags = tags;
    await account.deliver(hot("event-1"));
    expect(String(account.stored("action#")[0].before)).to.match(/^gz:/);
    expect(account.actions()[0].before).to.deep.equal({ degrees: 30, tags });
  });

  it("of a state that is too large even so are refused, with the change, which is told, held, and tried again hours later", async () => {
    const account = houseAccount({ kitchen: 30 });
    let seed = 1;
    const noise = () => String((seed = (seed * 48271) % 2147483647));
    account.home.rooms.kitchen!.tags = Object.fromEntries(
      [...Array(30_000).keys()].map(n => [`${n}`, noise()]),
    );
    const { answer, calls } = await account.deliver(hot("event-1"));
    expect(answer?.outcomes[0].outcome).to.equal("held");
    expect(calls).to.have.length(1);
    expect(account.written).to.deep.equal([]);
    expect(account.published[0].body).to.contain("too large to be recorded, so it is not changed");
    expect((await account.deliver(hot("event-1"))).answer?.outcomes[0].outcome).to.equal("duplicate");
    expect(account.open().map(({ code }) => code)).to.deep.equal(["too-large"]);

    account.home.rooms.kitchen!.tags = {};
    await account.pass(6 * 60 + 5);
    expect(account.home.rooms.kitchen?.degrees).to.equal(20);
    expect(account.open()).to.deep.equal([]);
  });

  it("of another layout are refused rather than guessed, and nothing is written", async () => {
    const account = houseAccount({ kitchen: 30 });
    const key = { pk: { S: "thermostat#brake" }, sk: { S: "all" } };
    account.table.items.set("thermostat#brake all", { v: { N: "1" }, ...key });
    await account.deliver(hot("event-1"));
    expect(account.written).to.deep.equal([]);
    expect(account.published[0].body).to.contain("an item of layout 1, known is 2");
  });

  it("fit DynamoDB's keys however long what is forged", async () => {
    const account = houseAccount({ kitchen: 30 });
    const long = "\u{1F525}".repeat(3_000);
    const { answer } = await account.deliver({
      ...heated(["kitchen"], { eventID: long, userIdentity: { type: "IAMUser", arn: long } }),
      id: "event-1",
    });
    expect(answer?.outcomes[0].outcome).to.equal("remediated");
  });
});

describe("the ledger's table", () => {
  const lockOf = (account: HouseAccount) => account.stored("lock")[0];

  it("repeats a transaction that meets another one", async () => {
    const account = houseAccount({ kitchen: 30 });
    account.table.state.conflicts = 3;
    const { answer } = await account.deliver(hot("event-1"));
    expect(answer?.outcomes[0].outcome).to.equal("remediated");
  });

  it("gives up a transaction that always meets another one, and writes nothing", async () => {
    const account = houseAccount({ kitchen: 30 });
    account.table.state.conflicts = 1_000;
    await account.deliver(hot("event-1"));
    expect(account.written).to.deep.equal([]);
    expect(subjects(account)).to.include("[high] FAILED");
  });

  it("asks again for keys that were left unread", async () => {
    const account = houseAccount({ kitchen: 30 });
    account.pause("own", 3600_000);
    account.table.state.overloads = 3;
    await account.deliver(hot("event-1"));
    expect(account.written, "the pause was among the keys left unread").to.deep.equal([]);
  });

  it("gives up reading when keys are left unread again and again", async () => {
    const { client, state } = fakeTable();
    state.overloads = Infinity;
    const keys = [...Array(20).keys()].map(n => ({ pk: "thermostat#brake", sk: `${n}` }));
    const error = await createTable(client, "ledger")
      .get(keys)
      .then(
        () => expect.fail("expected a rejection, got none"),
        (thrown: Error) => thrown,
      );
    expect(error.message).to.contain("The ledger is overloaded");
  });

  it("reads more keys than DynamoDB takes at once, and one that is asked for twice", async () => {
    const { client, items } = fakeTable();
    const keys = [...Array(250).keys()].map(n => ({ pk: "thermostat#brake", sk: `${n}` }));
    for (const { pk, sk } of keys) items.set(`${pk} ${sk}`, { v: { N: "2" }, pk: { S: pk }, sk: { S: sk } });
    const found = await createTable(client, "ledger").get([...keys, keys[0]]);
    expect(found.size).to.equal(250);
  });

  it("gives a lock back as of a moment, and leaves another's alone", async () => {
    const account = houseAccount({ kitchen: 30 });
    await account.deliver(hot("event-1"));
    const { ends, pk, sk } = lockOf(account);
    expect(ends)
      .to.be.at.most(account.now)
      .and.at.least(account.now - 60);
    await createTable(account.table.client, "ledger").end(
      { pk: String(pk), sk: String(sk) },
      "somebody-else",
      0,
    );
    expect(lockOf(account).ends).to.equal(ends);
  });

  it("passes on a refusal that it does not know", async () => {
    const { client, state } = fakeTable();
    state.down = awsError("AccessDeniedException", "not for you");
    const error = await createLedger(client, "ledger")
      .recall("thermostat", [{ arn: "arn", occasionKey: "event-1" }])
      .then(
        () => expect.fail("expected a rejection, got none"),
        (thrown: Error) => thrown,
      );
    expect(error.name).to.equal("AccessDeniedException");
  });
});
