import { expect } from "chai";
import { houseAccount } from "../../support/crash";
import { tickOf } from "../../support/events/ticks";
import { heated } from "../../support/thermostat";

const rooms = Array.from({ length: 1000 }, (_, at) => `room-${at}`);

/** All invocations share a clock here, which each call of each of them moves. */
const patient = { timeout: 24 * 3_600_000 };

describe("a critical finding", () => {
  it("waits for no digest after a mail of something else, and after a critical one for half a minute", async () => {
    const account = houseAccount({ kitchen: 95, attic: 1000, cellar: 1000 });
    const call = (room: string, name: string) => ({
      ...heated([room], {
        eventID: `event-${room}`,
        userIdentity: { type: "IAMUser", arn: `arn:aws:iam::123456789012:user/${name}`, userName: name },
      }),
      id: `event-${room}`,
    });
    await account.deliver(call("kitchen", "ada"));
    await account.deliver(call("attic", "bea"));
    await account.deliver(call("cellar", "eve"));

    const [first, second, third] = account.published.map(({ at }) => at);
    expect(second - first).to.be.within(10_000, 11_000);
    expect(third - second).to.be.within(30_000, 31_000);
  });
});

describe("a thousand critical findings at once", () => {
  it("are told in few mails, never two within ten seconds, and each room is named", async () => {
    const account = houseAccount(Object.fromEntries(rooms.map(room => [room, 1000])), patient);

    const deliveries = await account.deliverAll(
      rooms.map((room, at) => ({ ...heated([room], { eventID: `event-${at}` }), id: `event-${at}` })),
    );
    account.now += 5 * 60_000;
    await account.deliver(tickOf("thermostat", account.now));

    const times = account.published.map(({ at }) => at);
    const bodies = account.published.map(({ body }) => body).join("\n");
    expect(deliveries.flatMap(({ failures }) => failures)).to.deep.equal([]);
    for (const [n, at] of times.slice(1).entries()) expect(at - times[n]).to.be.at.least(10_000);
    expect(times.length).to.be.below(50);
    for (const { subject } of account.published) expect(subject).to.match(/^\[critical\] /);
    for (const room of rooms) expect(bodies).to.match(new RegExp(`room/${room}\\b`));
  });

  it("of one event are told batch by batch, in few mails too", async () => {
    const account = houseAccount(Object.fromEntries(rooms.map(room => [room, 1000])), patient);

    await account.deliver(heated(rooms));

    const times = account.published.map(({ at }) => at);
    const bodies = account.published.map(({ body }) => body).join("\n");
    for (const [n, at] of times.slice(1).entries()) expect(at - times[n]).to.be.at.least(10_000);
    expect(times.length).to.be.below(10);
    for (const room of rooms) expect(bodies).to.match(new RegExp(`room/${room}\\b`));
  });
});
