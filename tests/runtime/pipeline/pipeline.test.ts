import { expect } from "chai";
import { config, heated, house, runOn, stillWorld, thermostat } from "../../support/thermostat";

const noSuchRoom = () => Object.assign(new Error("no such room"), { name: "NoSuchRoom" });
const denied = () => Object.assign(new Error("not authorized"), { name: "AccessDenied" });

const runPipeline = async (...given: Parameters<typeof runOn>) => (await runOn(...given)).outcomes;

describe("the pipeline", () => {
  it("puts a finding right, reads again, and reports both states", async () => {
    const home = house({ kitchen: 30 });
    const [outcome] = await runPipeline(
      thermostat(home),
      heated(["kitchen"]),
      config("enforce"),
      stillWorld(home),
    );
    expect(outcome).to.deep.include({
      kind: "remediated",
      before: { degrees: 30, tags: {} },
      after: { degrees: 20, tags: {} },
      occasionId: "11111111-2222-3333-4444-555555555555",
      calls: ["ReadRooms", "CoolRooms", "ReadRooms"],
    });
    expect(outcome.principal).to.deep.include({ name: "ada", tool: "cli" });
  });

  it("gives every named resource its own outcome, in the event's order", async () => {
    const home = house({ kitchen: 30, bath: 18, attic: 25 });
    const outcomes = await runPipeline(
      thermostat(home),
      heated(["kitchen", "bath", "cellar", "attic"]),
      config("enforce"),
      stillWorld(home),
    );
    expect(outcomes.map(({ resource, kind }) => [resource.id, kind])).to.deep.equal([
      ["kitchen", "remediated"],
      ["bath", "compliant"],
      ["cellar", "gone"],
      ["attic", "remediated"],
    ]);
  });

  it("handles a resource that the event names twice once", async () => {
    const home = house({ kitchen: 30 });
    const outcomes = await runPipeline(
      thermostat(home),
      heated(["kitchen", "kitchen"]),
      config("enforce"),
      stillWorld(home),
    );
    expect(outcomes).to.have.length(1);
    expect(home.writes).to.deep.equal([["kitchen"]]);
  });

  for (const mode of ["observe", "notify"] as const)
    it(`writes nothing in mode ${mode}`, async () => {
      const home = house({ kitchen: 30 });
      const [outcome] = await runPipeline(
        thermostat(home),
        heated(["kitchen"]),
        config(mode),
        stillWorld(home),
      );
      expect(outcome.kind).to.equal(mode === "observe" ? "observed" : "notified");
      expect(home.writes).to.deep.equal([]);
    });

  it("only tells of a finding that is not ours to write", async () => {
    const home = house({ kitchen: 95 });
    const [outcome] = await runPipeline(
      thermostat(home),
      heated(["kitchen"]),
      config("enforce"),
      stillWorld(home),
    );
    expect(outcome).to.deep.include({ kind: "notified", because: "it is on fire" });
    expect(home.writes).to.deep.equal([]);
  });

  describe("on a managed resource", () => {
    const managed = () => {
      const home = house({ kitchen: 30 });
      home.rooms.kitchen!.tags = { "aws:autoscaling:groupName": "web", Owner: "ada@example.com" };
      return home;
    };
    const controllers = ["arn:aws:iam::123456789012:user/ada"];
    const who = { trusted: { accounts: [] }, controllers, expected: [] };

    it("only tells, and names the manager and the owner", async () => {
      const home = managed();
      const [outcome] = await runPipeline(
        thermostat(home),
        heated(["kitchen"]),
        { ...config("enforce"), who },
        stillWorld(home),
      );
      expect(outcome).to.deep.include({ kind: "notified", owner: "ada@example.com" });
      expect(outcome.kind === "notified" && outcome.because).to.match(/Auto Scaling.*web.*change/);
      expect(home.writes).to.deep.equal([]);
    });

    it("writes where only a tag says so, and no controller called", async () => {
      const home = managed();
      home.rooms.kitchen!.tags = { "eks:cluster-name": "prod", ...home.rooms.kitchen!.tags };
      const [outcome] = await runPipeline(
        thermostat(home),
        heated(["kitchen"]),
        config("enforce"),
        stillWorld(home),
      );
      expect(outcome.kind).to.equal("remediated");
    });

    it("writes when the stack lifts the cap", async () => {
      const home = managed();
      const [outcome] = await runPipeline(
        thermostat(home),
        heated(["kitchen"]),
        { ...config("enforce", "act"), who },
        stillWorld(home),
      );
      expect(outcome.kind).to.equal("remediated");
    });

    it("writes nothing when it cannot be known who manages it", async () => {
      const home = house({ kitchen: 30 });
      const guardrail = { ...thermostat(home), ownership: () => Promise.reject(denied()) };
      const [outcome] = await runPipeline(
        guardrail,
        heated(["kitchen"]),
        config("enforce"),
        stillWorld(home),
      );
      expect(outcome).to.deep.include({ kind: "failed" });
      expect(home.writes).to.deep.equal([]);
    });
  });

  describe("when a read may be stale", () => {
    it("repeats a read that contradicts the claimed breach, and acts on what it then sees", async () => {
      const home = house({ kitchen: 18 });
      home.onRead = reads => void (reads === 3 && (home.rooms.kitchen!.degrees = 30));
      const world = stillWorld(home);
      const [outcome] = await runPipeline(
        thermostat(home, "breach"),
        heated(["kitchen"]),
        config("enforce"),
        world,
      );
      expect(outcome.kind).to.equal("remediated");
      expect(world.pauses).to.deep.equal([1_000, 2_000]);
    });

    it("believes compliance after 30 s of growing pauses", async () => {
      const home = house({ kitchen: 18 });
      const world = stillWorld(home);
      const [outcome] = await runPipeline(
        thermostat(home, "breach"),
        heated(["kitchen"]),
        config("enforce"),
        world,
      );
      expect(outcome.kind).to.equal("compliant");
      expect(world.pauses.reduce((sum, ms) => sum + ms)).to.equal(30_000);
      expect(world.pauses).to.deep.equal([...world.pauses].sort((a, b) => a - b));
    });

    it("waits for a resource that the call has just made", async () => {
      const home = house({});
      home.onRead = reads => void (reads === 2 && (home.rooms.kitchen = { degrees: 30, tags: {} }));
      const [outcome] = await runPipeline(
        thermostat(home, "exists"),
        heated(["kitchen"]),
        config("enforce"),
        stillWorld(home),
      );
      expect(outcome.kind).to.equal("remediated");
    });

    it("does not wait for anything when the event claims nothing", async () => {
      const home = house({ kitchen: 18 });
      const world = stillWorld(home);
      await runPipeline(thermostat(home), heated(["kitchen", "cellar"]), config("enforce"), world);
      expect(world.pauses).to.deep.equal([]);
    });

    it("fixes what is certain before it waits for the rest", async () => {
      const home = house({ kitchen: 30, bath: 18 });
      const world = stillWorld(home);
      const outcomes = await runPipeline(
        thermostat(home, "breach"),
        heated(["bath", "kitchen"]),
        config("enforce"),
        world,
      );
      expect(outcomes[1]).to.deep.include({ kind: "remediated" });
      expect(outcomes[1].times.verified).to.equal(Date.parse("2026-01-01T00:00:02Z"));
    });

    it("stops repeating when the invocation is about to end", async () => {
      const home = house({ kitchen: 18 });
      const world = stillWorld(home, 15_000);
      await runPipeline(thermostat(home, "breach"), heated(["kitchen"]), config("enforce"), world);
      expect(world.pauses).to.deep.equal([1_000, 2_000]);
    });
  });

  describe("verification", () => {
    it("reads again while the answer is stale", async () => {
      const home = house({ kitchen: 30 });
      const stale = { degrees: 30, tags: {} };
      const guardrail = thermostat(home);
      const inspect: typeof guardrail.inspect = async (clients, resources, settings) => {
        const truth = await guardrail.inspect(clients, resources, settings);
        return home.reads === 2 ? Object.fromEntries(resources.map(({ arn }) => [arn, stale])) : truth;
      };
      const world = stillWorld(home);
      const [outcome] = await runPipeline(
        { ...guardrail, inspect },
        heated(["kitchen"]),
        config("enforce"),
        world,
      );
      expect(outcome.kind).to.equal("remediated");
      expect(world.pauses).to.deep.equal([500]);
      expect(home.writes).to.have.length(1);
    });

    it("never says remediated when the finding stays", async () => {
      const home = house({ kitchen: 30 });
      const guardrail = { ...thermostat(home), remediate: async () => undefined };
      const [outcome] = await runPipeline(
        guardrail,
        heated(["kitchen"]),
        config("enforce"),
        stillWorld(home),
      );
      expect(outcome).to.deep.include({
        kind: "failed",
        error: {
          code: "NotVerified",
          message: "Written, but the read-back still shows: It is 30 degrees, allowed are 20",
          final: false,
        },
      });
    });

    it("says gone, not remediated, when the resource vanished meanwhile", async () => {
      const home = house({ kitchen: 30 });
      home.onRead = reads => void (reads === 2 && (home.rooms.kitchen = undefined));
      const [outcome] = await runPipeline(
        thermostat(home),
        heated(["kitchen"]),
        config("enforce"),
        stillWorld(home),
      );
      expect(outcome.kind).to.equal("gone");
    });

    it("reports what is left for people beside what was put right", async () => {
      const home = house({ kitchen: 30 });
      home.onRead = reads => void (reads === 2 && (home.rooms.kitchen!.degrees = 99));
      const [outcome] = await runPipeline(
        thermostat(home),
        heated(["kitchen"]),
        config("enforce"),
        stillWorld(home),
      );
      expect(outcome.kind === "remediated" && outcome.remaining?.notifyOnly).to.equal("it is on fire");
    });
  });

  describe("failures", () => {
    it("of one resource leave the others alone, reading and writing", async () => {
      const home = house({ kitchen: 30, bath: 30, attic: 30 });
      home.onRead = (_, ids) => {
        if (ids.includes("bath")) throw denied();
      };
      home.onWrite = (_, ids) => {
        if (ids.includes("attic")) throw denied();
      };
      const outcomes = await runPipeline(
        thermostat(home),
        heated(["bath", "attic", "kitchen"]),
        config("enforce"),
        stillWorld(home),
      );
      expect(outcomes.map(({ kind }) => kind)).to.deep.equal(["failed", "failed", "remediated"]);
      expect(outcomes[1]).to.deep.include({
        error: { code: "AccessDenied", message: "not authorized", final: false },
      });
    });

    it("of a batched write are tried one by one", async () => {
      const home = house({ kitchen: 30, bath: 30, attic: 30 });
      home.onWrite = (_, ids) => {
        if (ids.includes("bath")) throw denied();
      };
      const outcomes = await runPipeline(
        thermostat(home, undefined, 10),
        heated(["kitchen", "bath", "attic"]),
        config("enforce"),
        stillWorld(home),
      );
      expect(outcomes.map(({ kind }) => kind)).to.deep.equal(["remediated", "failed", "remediated"]);
      expect(home.writes).to.deep.equal([["kitchen", "bath", "attic"], ["kitchen"], ["bath"], ["attic"]]);
    });

    it("that mean 'not there yet' are waited for, others are not", async () => {
      const home = house({ kitchen: 30, bath: 30 });
      home.onWrite = (writes, ids) => {
        if (ids.includes("kitchen") && writes < 3) throw noSuchRoom();
        if (ids.includes("bath")) throw denied();
      };
      const world = stillWorld(home);
      const outcomes = await runPipeline(
        thermostat(home),
        heated(["kitchen", "bath"]),
        config("enforce"),
        world,
      );
      expect(outcomes.map(({ kind }) => kind)).to.deep.equal(["remediated", "failed"]);
      expect(world.pauses).to.deep.equal([500, 1_000]);
    });

    it("keep 'not there yet' bounded", async () => {
      const home = house({ kitchen: 30 });
      home.onWrite = () => {
        throw noSuchRoom();
      };
      const [outcome] = await runPipeline(
        thermostat(home),
        heated(["kitchen"]),
        config("enforce"),
        stillWorld(home),
      );
      expect(outcome).to.deep.include({ kind: "failed" });
      expect(home.writes).to.have.length(6);
    });
  });

  it("writes batches no larger than the guardrail allows", async () => {
    const ids = [...Array(25).keys()].map(String);
    const home = house(Object.fromEntries(ids.map(id => [id, 30])));
    const outcomes = await runPipeline(
      thermostat(home, undefined, 10),
      heated(ids),
      config("enforce"),
      stillWorld(home),
    );
    expect(new Set(outcomes.map(({ kind }) => kind))).to.deep.equal(new Set(["remediated"]));
    expect(home.writes.map(part => part.length)).to.deep.equal([10, 10, 5]);
  });

  it("answers nothing for an event that names nothing", async () => {
    const home = house({});
    expect(
      await runPipeline(thermostat(home), heated([]), config("enforce"), stillWorld(home)),
    ).to.deep.equal([]);
  });
});
