import { expect } from "chai";
import { config, emptyLedger, heated, house, runOn, stillWorld, thermostat } from "../../support/thermostat";

describe("many events on one resource at once", () => {
  it("are all worked off within their invocations, one after the other", async () => {
    const home = house({ kitchen: 30 });
    const [world, ledger] = [stillWorld(home), emptyLedger()];
    // Real turns between the steps, so that the invocations interleave.
    const pause = async (ms: number) => {
      await new Promise(resolve => setImmediate(resolve));
      await world.pause(ms / 10);
    };
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, at) =>
        runOn(
          thermostat(home, "breach"),
          heated(["kitchen"], { eventID: `event-${at}` }),
          config("enforce"),
          { ...world, pause, remaining: () => 60_000, invocation: `invocation-${at}` },
          ledger,
        ),
      ),
    );

    const kinds = results.flatMap(({ outcomes }) => outcomes.map(({ kind }) => kind)).sort();
    expect(kinds.filter(kind => kind !== "compliant")).to.deep.equal(["remediated"]);
    expect(home.rooms.kitchen?.degrees).to.equal(20);
    expect(home.writes).to.have.length(1);
  });

  it("go back to Lambda, untold, when the others do not end in time", async () => {
    const home = house({ kitchen: 30 });
    const ledger = emptyLedger();
    const stuck = { ...thermostat(home), remediate: () => new Promise<void>(() => undefined) };
    const world = stillWorld(home);
    void runOn(
      stuck,
      heated(["kitchen"], { eventID: "a" }),
      config("enforce"),
      { ...world, invocation: "a" },
      ledger,
    );
    await new Promise(resolve => setTimeout(resolve, 20));

    const { outcomes } = await runOn(
      thermostat(home),
      heated(["kitchen"], { eventID: "b" }),
      config("enforce"),
      { ...world, invocation: "b" },
      ledger,
    );

    expect(outcomes[0]).to.deep.include({ kind: "failed" });
    expect(outcomes[0].kind === "failed" && outcomes[0].error).to.deep.include({
      code: "Locked",
      final: false,
    });
    expect(home.rooms.kitchen?.degrees).to.equal(30);
  });
});
