import { expect } from "chai";
import { houseAccount } from "../../support/crash";
import { heated } from "../../support/thermostat";

/** What the calls of a function take on a slow ledger, in milliseconds. */
const slowly = (name: string, resources: number): number =>
  name === "table TransactWriteItems"
    ? 25
    : name === "write"
      ? 250 * resources
      : name.startsWith("table")
        ? 10
        : 100;

describe("a launch of a thousand", () => {
  const names = Array.from({ length: 1_000 }, (_, at) => `room-${at}`);
  const launched = () => {
    const rooms = Object.fromEntries(names.map(name => [name, 30]));
    const account = houseAccount(rooms, {
      config: { budget: 2_000 },
      batch: 1_000,
      takes: slowly,
      timeout: 300_000,
    });
    return { account, event: heated(names, { eventID: "launch" }) };
  };

  it("ends within Lambda's tries on a slow ledger, each put right once and told", async () => {
    const { account, event } = launched();

    const { failures, answer } = await account.deliver(event);

    expect(answer, "the last try ends well").to.not.equal(undefined);
    expect(failures, "those before it said that something is left").to.not.include("died");
    expect(account.written.map(({ room }) => room).sort()).to.deep.equal([...names].sort());
    expect(Object.values(account.home.rooms).filter(room => room?.degrees !== 20)).to.deep.equal([]);
    await account.pass(10);
    const told = account.published.map(({ body }) => body).join("\n");
    expect(account.published.length, "mails gather the batches' notices").to.be.within(1, 45);
    for (const { id } of account.actions()) expect(told).to.include(`undo ${id} `);
  });

  it("is told of batch by batch: whatever dies on the way has told what it did", async () => {
    const { account, event } = launched();

    await account.deliver(event, ({ name, attempt }) =>
      attempt === 0 && name === "write" && account.written.length >= 250
        ? { how: "dies", when: "before" }
        : undefined,
    );

    await account.pass(10);
    const told = account.published.slice(0, 10).map(({ body }) => body);
    for (const [at, body] of told.entries()) expect(body).to.include(`room-${at * 25 + 1}\n`);
    expect(account.written).to.have.length(1_000);
  });
});
