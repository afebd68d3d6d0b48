import { expect } from "chai";
import type { Finding } from "../../../runtime/guardrail";
import { type HouseAccount, houseAccount, type Strike } from "../../support/crash";
import { heated, type Room } from "../../support/thermostat";

/** So many noises do not fit into one record, even compressed. */
const loud = 60;

/** Text that cannot be compressed, another for each number. */
function noise(n: number): string {
  let seed = n + 1;
  const next = () => (seed = (seed * 48271) % 2147483647).toString(36);
  return Array.from({ length: 1_600 }, next).join("");
}

const noisesIn = (tags: Room["tags"]): string[] => Object.keys(tags).filter(name => name.startsWith("noise"));

type Noisy = Finding<string[]>;
const findingOf = (names: string[]): Noisy => ({
  fingerprint: names.join(" "),
  summary: `There are ${names.length} noises`,
  data: names,
});

/** A kitchen whose noises are to be ended; each is so large that few of them fit into the ledger at once. */
function noisyKitchen(noises: number) {
  const account: HouseAccount = houseAccount(
    { kitchen: 18 },
    {
      more: {
        assess: ({ tags }) => {
          const names = noisesIn(tags);
          return names.length === 0 ? undefined : (findingOf(names) as unknown as Finding<number>);
        },
        recorded: (state, { data }) => {
          const names = data as unknown as string[];
          return {
            ...state,
            tags: Object.fromEntries(Object.entries(state.tags).filter(([name]) => names.includes(name))),
          };
        },
        parts: {
          half: (_, { data }) => {
            const names = data as unknown as string[];
            if (names.length < 2) return undefined;
            return findingOf(names.slice(0, Math.ceil(names.length / 2))) as unknown as Finding<number>;
          },
          isLeft: ({ tags }, { data }) => (data as unknown as string[]).some(name => name in tags),
        },
        remediate: async (house, work) => {
          for (const { resource, finding } of work)
            for (const name of finding.data as unknown as string[]) {
              ended.push(name);
              delete house.rooms[resource.id]?.tags[name];
            }
        },
      },
    },
  );
  const ended: string[] = [];
  const room = account.home.rooms.kitchen!;
  const before = Object.fromEntries(
    [...Array(noises).keys()].map(n => [`noise-${String(n).padStart(2, "0")}`, noise(n)]),
  );
  Object.assign(room.tags, { owner: "ada" }, before);
  return { account, room, before, ended };
}

describe("a change that is too large to be recorded at once", () => {
  it("is made in parts, each recorded before: the first at once, the others at the next ticks", async () => {
    const { account, room, before, ended } = noisyKitchen(loud);

    await account.deliver(heated(["kitchen"]));
    const first = ended.length;
    await account.pass(60);

    const kept = Object.assign({}, ...account.actions().map(action => action.before?.tags)) as object;
    expect(first).to.be.within(2, loud / 2);
    expect(room.tags).to.deep.equal({ owner: "ada" });
    expect(ended).to.deep.equal(Object.keys(before));
    expect(kept).to.deep.equal(before);
    for (const { finding, before: was } of account.actions())
      expect(Object.keys(was.tags as object)).to.deep.equal(finding.data);
  });

  it("is told part by part, and what is left is open until then", async () => {
    const { account } = noisyKitchen(loud);

    await account.deliver(heated(["kitchen"]));

    expect(account.published[0].subject).to.equal("[high] Fixed: Keep rooms cool: kitchen");
    expect(account.published[0].body).to.match(
      /Still there, and put right part by part at the next ticks: There are \d+ noises/,
    );
    expect(account.open().map(({ kind, code }) => [kind, code])).to.deep.equal([["held", "too-large"]]);
    await account.pass(60);
    expect(account.open()).to.deep.equal([]);
    expect(account.published.at(-1)?.body).not.to.contain("Still there");
  });

  it("is held where no part of it is small enough", async () => {
    const { account, room, ended } = noisyKitchen(1);
    room.tags["noise-00"] = [...Array(20).keys()].map(noise).join("");

    await account.deliver(heated(["kitchen"]));

    expect(ended).to.deep.equal([]);
    expect(account.open().map(({ code }) => code)).to.deep.equal(["too-large"]);
  });

  it("is made in full, and no part twice, wherever the function dies", async () => {
    const { calls } = await noisyKitchen(24).account.deliver(heated(["kitchen"]));
    for (const n of calls[0].keys())
      for (const when of ["before", "after"] as const) {
        const { account, room, before, ended } = noisyKitchen(24);
        const strike: Strike = call =>
          call.attempt === 0 && call.n === n + 1 ? { how: "dies", when } : undefined;
        await account.deliver(heated(["kitchen"]), strike);
        await account.pass(60);

        const place = `${when} call ${n + 1}, ${calls[0][n]}`;
        const kept = Object.assign({}, ...account.actions().map(action => action.before?.tags)) as object;
        expect(room.tags, place).to.deep.equal({ owner: "ada" });
        expect([...new Set(ended)].sort(), place).to.deep.equal(Object.keys(before));
        expect(kept, place).to.deep.equal(before);
        expect(account.open(), place).to.deep.equal([]);
        expect(new Set(account.actions().map(({ state }) => state)), place).to.deep.equal(
          new Set(["notified"]),
        );
      }
  });

  it("is made in full though the ledger refuses any one call of the first try", async () => {
    const { calls } = await noisyKitchen(24).account.deliver(heated(["kitchen"]));
    for (const [n, name] of calls[0].entries()) {
      if (!name.startsWith("table ")) continue;
      const { account, room } = noisyKitchen(24);
      await account.deliver(heated(["kitchen"]), call =>
        call.attempt === 0 && call.n === n + 1 ? { how: "fails", when: "before" } : undefined,
      );
      await account.pass(60);

      const place = `call ${n + 1}, ${name}`;
      expect(room.tags, place).to.deep.equal({ owner: "ada" });
      expect(account.open(), place).to.deep.equal([]);
    }
  });

  it("is made without what came on top of it meanwhile, when it is tried again", async () => {
    const { account, room, ended } = noisyKitchen(24);
    await account.deliver(heated(["kitchen"]), ({ name, attempt }) => {
      if (attempt > 0 || name !== "write") return undefined;
      room.tags["noise-"] = "quick";
      return { how: "dies", when: "before" };
    });

    const [action] = account.actions();
    expect(action.finding.data).not.to.include("noise-");
    expect(ended).to.deep.equal(action.finding.data);
  });
});
