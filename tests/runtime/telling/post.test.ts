import { expect } from "chai";
import { createLedger } from "../../../runtime/ledger/ledger";
import type { Message, Notice } from "../../../runtime/telling/notify";
import { createPost } from "../../../runtime/telling/post";
import { fakeTable } from "../../support/fakes/table";

const start = Date.parse("2026-01-01T00:00:00Z");

function noticeOf(room: string, severity: Notice["severity"] = "high"): Notice {
  return {
    id: `failed event-1 ${room}`,
    title: "Keep rooms cool",
    severity,
    about: [`FAILED: arn:aws:house:us-east-1:123456789012:room/${room}`],
    subject: `[${severity}] FAILED: Keep rooms cool: ${room}`,
    body: `It is hot in ${room}\n`,
    attributes: { guardrail: "thermostat", severity, outcome: "failed" },
  };
}

/** A guardrail's invocations on a clock of its own, which moves when all of them wait. */
function houseFunction() {
  const table = fakeTable();
  const sleeping: { until: number; wake: () => void }[] = [];
  const house = {
    table,
    now: start,
    mails: [] as { at: number; message: Message }[],
    /** Runs these at once, to their end; the clock goes on to whoever wakes first. */
    async together(runs: readonly (() => Promise<unknown>)[]): Promise<PromiseSettledResult<unknown>[]> {
      let open = runs.length;
      const ended = Promise.allSettled(runs.map(run => run().finally(() => (open -= 1))));
      for (let turns = 0; open > 0; turns++) {
        for (let idle = 0; idle < 50; idle++) await new Promise(resolve => setImmediate(resolve));
        if (open === 0 || sleeping.length === 0) continue;
        sleeping.sort((one, other) => one.until - other.until);
        const next = sleeping.shift() as { until: number; wake: () => void };
        house.now = Math.max(house.now, next.until);
        next.wake();
      }
      return ended;
    },
    pause: (ms: number): Promise<void> =>
      new Promise(wake => sleeping.push({ until: house.now + ms, wake: () => wake() })),
    /** One invocation's post. */
    invoke(id: string, { remaining = 60_000, memory = { last: 0 } } = {}) {
      const end = house.now + remaining;
      return createPost({
        guardrail: "thermostat",
        ledger: createLedger(table.client, "ledger").waiting,
        publish: async message => void house.mails.push({ at: house.now - start, message }),
        memory,
        world: {
          now: () => house.now,
          pause: house.pause,
          remaining: () => end - house.now,
          invocation: id,
        },
      });
    },
    /** One invocation that tells this and ends. */
    tells:
      (id: string, notices: Notice[], more?: { remaining?: number; memory?: { last: number } }) =>
      async () => {
        const post = house.invoke(id, more);
        await post.send(notices);
        await post.finish();
      },
    tick: (id: string) => async () => {
      const post = house.invoke(id);
      await post.sendDue();
      await post.finish();
    },
    subjects: () => house.mails.map(({ message }) => message.subject),
    times: () => house.mails.map(({ at }) => at),
  };
  return house;
}

describe("the mails of a function", () => {
  it("go out at once where none went before", async () => {
    const house = houseFunction();

    await house.together([house.tells("one", [noticeOf("kitchen")])]);

    expect([house.subjects(), house.times()]).to.deep.equal([
      ["[high] FAILED: Keep rooms cool: kitchen"],
      [0],
    ]);
  });

  it("are one for several notices of an invocation, which names each and has each in full", async () => {
    const house = houseFunction();

    await house.together([house.tells("one", [noticeOf("kitchen"), noticeOf("bath")])]);

    const [{ message }] = house.mails;
    expect(house.mails).to.have.length(1);
    expect(message.subject).to.equal("[high] 2 notices: Keep rooms cool: 2 FAILED");
    for (const room of ["kitchen", "bath"])
      expect(message.body).to.contain(`room/${room}`).and.to.contain(`It is hot in ${room}`);
  });

  it("are ten seconds apart, whoever sends them: what comes in between is in the next one", async () => {
    const house = houseFunction();

    await house.together(
      ["kitchen", "bath", "attic", "hall"].map(room => house.tells(room, [noticeOf(room)])),
    );

    expect(house.times()).to.deep.equal([0, 10_000]);
    expect(house.subjects()[1]).to.equal("[high] 3 notices: Keep rooms cool: 3 FAILED");
  });

  it("gather what is critical for thirty seconds after the first, which does not wait", async () => {
    const house = houseFunction();
    const critical = (room: string) => house.tells(room, [noticeOf(room, "critical")]);

    await house.together(["kitchen", "bath", "attic"].map(critical));

    expect(house.times()).to.deep.equal([0, 30_000]);
    expect(house.subjects()[1]).to.equal("[critical] 2 notices: Keep rooms cool: 2 FAILED");
  });

  it("let nobody else publish while somebody gathers: what comes then is gathered too", async () => {
    const house = houseFunction();
    const critical = (room: string, after: number) => async () => {
      await house.pause(after);
      await house.tells(room, [noticeOf(room, "critical")])();
    };

    await house.together([critical("kitchen", 0), critical("bath", 5_000), critical("attic", 15_000)]);

    expect(house.times()).to.deep.equal([0, 30_000]);
    expect(house.subjects()[1]).to.equal("[critical] 2 notices: Keep rooms cool: 2 FAILED");
  });

  it("of a thousand critical findings at once are two, and name all thousand", async () => {
    const house = houseFunction();
    const rooms = Array.from({ length: 1000 }, (_, at) => `room-${at}`);

    const long = (room: string) => ({
      ...noticeOf(room, "critical"),
      body: `It is hot in ${room}\n`.repeat(300),
    });
    await house.together(rooms.map(room => house.tells(room, [long(room)])));

    const bodies = house.mails.map(({ message }) => message.body).join("\n");
    expect(house.times()).to.deep.equal([0, 30_000]);
    for (const room of rooms) expect(bodies).to.match(new RegExp(`\\b${room}\\b`));
    for (const { message } of house.mails)
      expect(Buffer.byteLength(JSON.stringify(message))).to.be.below(256 * 1024);
  });

  it("carry the highest severity in the subject, and every value that a subscription may filter for", async () => {
    const house = houseFunction();
    await house.together([house.tells("one", [noticeOf("kitchen")])]);

    await house.together([
      house.tells("two", [noticeOf("bath", "low")]),
      house.tells("three", [noticeOf("attic", "critical")]),
    ]);

    const { message } = house.mails[1];
    expect(message.subject).to.match(/^\[critical\] 2 notices/);
    expect(message.attributes.severity).to.have.members(["critical", "low"]);
    expect(message.attributes.guardrail).to.equal("thermostat");
    expect(message.body.indexOf("room/attic")).to.be.lessThan(message.body.indexOf("room/bath"));
  });

  it("are sent by the next tick when whoever should send them has died, each once", async () => {
    const house = houseFunction();
    await house.together([house.tells("one", [noticeOf("kitchen")])]);
    const dies = async () => house.invoke("two").send([noticeOf("bath")]);
    await house.together([dies]);
    expect(house.mails).to.have.length(1);

    house.now += 60_000;
    await house.together([house.tick("tick-1")]);
    house.now += 60_000;
    await house.together([house.tick("tick-2")]);

    expect(house.subjects()[1]).to.equal("[high] FAILED: Keep rooms cool: bath");
    expect(house.mails).to.have.length(2);
  });

  it("are left to the next tick by an invocation that has no time to wait", async () => {
    const house = houseFunction();
    await house.together([house.tells("one", [noticeOf("kitchen")])]);

    await house.together([house.tells("two", [noticeOf("bath")], { remaining: 8_000 })]);
    expect(house.mails).to.have.length(1);
    house.now += 60_000;
    await house.together([house.tick("tick-1")]);

    expect(house.mails).to.have.length(2);
  });

  it("do not go before their time", async () => {
    const house = houseFunction();
    await house.together([() => house.invoke("one").leave(noticeOf("kitchen", "low"), start + 3600_000)]);

    house.now += 3599_000;
    await house.together([house.tick("tick-1")]);
    expect(house.mails).to.deep.equal([]);
    house.now += 2_000;
    await house.together([house.tick("tick-2")]);

    expect(house.subjects()).to.deep.equal(["[low] FAILED: Keep rooms cool: kitchen"]);
  });

  it("name once what a retry told again", async () => {
    const house = houseFunction();
    await house.together([house.tells("one", [noticeOf("kitchen")])]);
    const dies = async () => house.invoke("two").send([noticeOf("bath")]);
    await house.together([dies]);
    house.now += 5_000;
    await house.together([dies]);
    house.now += 60_000;

    await house.together([house.tick("tick-1")]);

    expect(house.subjects()[1]).to.equal("[high] FAILED: Keep rooms cool: bath");
  });

  it("go out without the ledger, ten seconds after the last of their container", async () => {
    const house = houseFunction();
    house.table.state.down = new Error("The table is gone");
    const memory = { last: 0 };

    await house.together([house.tells("one", [noticeOf("kitchen")], { memory })]);
    await house.together([house.tells("two", [noticeOf("bath")], { memory })]);

    expect(house.times()).to.deep.equal([0, 10_000]);
  });

  it("fail the invocation rather than come too soon, when nobody can keep them", async () => {
    const house = houseFunction();
    house.table.state.down = new Error("The table is gone");
    const memory = { last: house.now };

    const [ended] = await house.together([
      house.tells("one", [noticeOf("kitchen")], { memory, remaining: 9_000 }),
    ]);

    expect(ended.status).to.equal("rejected");
    expect(house.mails).to.deep.equal([]);
  });
});
