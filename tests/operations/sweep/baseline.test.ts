import { expect } from "chai";
import type { Known } from "../../../runtime/guardrail";
import type { Invocation } from "../../../runtime/invocation/invocation";
import { takeAsked } from "../../../runtime/tick/take-up";
import type { Operator } from "../../../operations/operator";
import { baselineOf, fixBaseline } from "../../../operations/sweep/baseline";
import { day, sweptHouse } from "../../runtime/sweep/house";
import { stillWorld } from "../../support/thermostat";

const by = "arn:aws:iam::123456789012:user/olga";

/** An operator of one house, and the function that they wake. */
function operating(house: ReturnType<typeof sweptHouse>) {
  const woken: string[][] = [];
  const operator = {
    place: { stack: "dev", partition: "aws", account: "123456789012", home: "us-east-1" },
    by,
    dynamodb: house.table.client,
    now: house.now,
    lambda: {
      send: async ({ input }: { input: { Payload: Uint8Array } }) => {
        woken.push((JSON.parse(Buffer.from(input.Payload).toString()) as { takes: string[] }).takes);
      },
    },
  } as unknown as Operator;
  const lines: string[] = [];
  const world = stillWorld(house.home);
  const invocation = {
    guardrail: { ...house.guardrail, clients: () => house.home },
    environment: { stack: "dev", account: "123456789012", region: "us-east-1" },
    config: house.settings,
    world: { ...world, now: house.now, remaining: () => 60_000 },
    ledger: house.ledger,
    post: { send: async () => undefined, leave: async () => undefined },
    write: (line: string) => void lines.push(line),
  } as unknown as Invocation;
  return {
    operator,
    woken,
    wake: () => takeAsked(invocation, woken.flat()),
    audits: () =>
      lines.map(line => JSON.parse(line) as Record<string, unknown>).filter(one => one.audit === 1),
  };
}

describe("the baseline, in an operator's hands", () => {
  it("is what the first sweep found, until it is right", async () => {
    const house = sweptHouse({ attic: 30, bath: 18, cellar: 40 });
    const { operator } = operating(house);
    await house.sweep();

    const standing = await baselineOf(operator, ["thermostat"]);
    expect(standing.map(({ resource, words }) => `${resource.id}: ${words}`)).to.deep.equal([
      "attic: It is 30 degrees, allowed are 20",
      "cellar: It is 40 degrees, allowed are 20",
    ]);

    house.heat("attic", 18);
    house.pass(day);
    await house.sweep();
    expect((await baselineOf(operator, ["thermostat"])).map(({ resource }) => resource.id)).to.deep.equal([
      "cellar",
    ]);
  });

  it("holds what a mode that only tells has told of, too", async () => {
    const house = sweptHouse({ attic: 18 }, { mode: "notify" });
    await house.sweep();
    house.heat("bath", 30);
    house.pass(day);
    await house.sweep();

    const standing = await baselineOf(operating(house).operator, ["thermostat"]);

    expect(standing.map(({ resource }) => resource.id)).to.deep.equal(["bath"]);
  });

  it("goes on, the same day too, where the last time ended, and leaves out what no guardrail puts right", async () => {
    const house = sweptHouse({ attic: 95, bath: 30, cellar: 40, den: 50 });
    await house.sweep();
    const { operator, wake } = operating(house);
    const standing = async () =>
      (await baselineOf(operator, ["thermostat"])).map(({ resource, left }) => [resource.id, left]);
    expect(await standing()).to.deep.equal([
      ["attic", "it is on fire"],
      ["bath", undefined],
      ["cellar", undefined],
      ["den", undefined],
    ]);

    for (const rest of [["attic", "cellar", "den"], ["attic", "den"], ["attic"]]) {
      const fixable = (await baselineOf(operator, ["thermostat"])).filter(({ left }) => left === undefined);
      await fixBaseline(operator, fixable.slice(0, 1));
      await wake();
      expect((await standing()).map(([id]) => id)).to.deep.equal(rest);
    }
  });

  it("is put right by the function, as much of it as is asked for, in the operator's name", async () => {
    const house = sweptHouse({ attic: 30, bath: 40, cellar: 18 });
    await house.sweep();
    house.pass(day / 2);
    const given: (Known | undefined)[] = [];
    const { assess } = house.guardrail;
    house.guardrail.assess = (state, settings, hints, known) => {
      given.push(known);
      return assess(state, settings, hints, known);
    };
    const { operator, wake, audits } = operating(house);

    await fixBaseline(operator, (await baselineOf(operator, ["thermostat"])).slice(0, 1));
    expect(house.home.writes, "the operator's command writes nothing itself").to.deep.equal([]);
    await wake();

    expect([house.degrees("attic"), house.degrees("bath")]).to.deep.equal([20, 40]);
    expect(given[0], "as if nothing had been known").to.deep.equal({});
    expect(audits()[0]).to.deep.include({ outcome: "remediated" });
    expect(audits()[0].principal).to.deep.include({ arn: by });
  });

  it("stays as it is while the guardrail is paused, and below enforce", async () => {
    const paused = sweptHouse({ attic: 30 });
    const told = sweptHouse({ attic: 30 }, { mode: "notify" });
    for (const house of [paused, told]) await house.sweep();
    const { pause } = (await import("../../../operations/ledger")).operatorsLedger(
      operating(paused).operator,
    );
    await pause("thermostat", { ends: paused.now() + day, reason: "a party" });

    for (const house of [paused, told]) {
      const { operator, wake } = operating(house);
      await fixBaseline(operator, await baselineOf(operator, ["thermostat"]));
      await wake();
      expect(house.home.writes).to.deep.equal([]);
    }
  });
});
