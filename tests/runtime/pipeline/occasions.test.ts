import { expect } from "chai";
import type { GuardrailConfig } from "../../../runtime/config";
import { createLedger } from "../../../runtime/ledger/ledger";
import { fromItem, type Item, toAction } from "../../../runtime/ledger/items";
import type { Occasion, OccasionKind } from "../../../runtime/occasion";
import { runPipeline } from "../../../runtime/pipeline/pipeline";
import { auditLine } from "../../../runtime/telling/audit";
import type { Notice } from "../../../runtime/telling/notify";
import { tell } from "../../../runtime/telling/telling";
import { fakeTable } from "../../support/fakes/table";
import { arn, config, heated, house, type Limits, stillWorld, thermostat } from "../../support/thermostat";
import { namedIn } from "../../../runtime/guardrail";

const olga = { arn: "arn:aws:iam::123456789012:role/secops", name: "olga", tool: "cli" } as const;

const occasion = (kind: OccasionKind, words: string, more: Partial<Occasion> = {}): Occasion => ({
  kind,
  key: `${kind}#1`,
  id: `${kind}-1`,
  time: "2026-01-01T00:00:00Z",
  account: "123456789012",
  region: "us-east-1",
  words,
  ...more,
});

const kinds: readonly Occasion[] = [
  occasion("sweep", "swept 40 rooms"),
  occasion("tick", "took up what was held"),
  occasion("approval", "approved what was asked on 31 December", { principal: olga }),
];

/** A thermostat's invocations on one house, one ledger and one topic; nothing in them is an event. */
function thermostatOn(rooms: Record<string, number>, given: Partial<GuardrailConfig<Limits>> = {}) {
  const home = house(rooms);
  const table = fakeTable();
  const ledger = createLedger(table.client, "ledger");
  const settings = { ...config("enforce"), ...given };
  const notices: Notice[] = [];
  const guardrail = thermostat(home);
  const resources = namedIn(guardrail.resources(heated(Object.keys(rooms)), settings.settings));
  return {
    home,
    notices,
    actions: () =>
      [...table.items.values()]
        .map(item => fromItem(item as Item))
        .filter(({ sk }) => String(sk).startsWith("action#"))
        .map(toAction),
    async take(why: Occasion) {
      const world = stillWorld(home);
      const result = await runPipeline(guardrail, why, resources, settings, world, ledger);
      await tell({
        sender: {
          id: "thermostat",
          title: "Keep rooms cool",
          severity: "high",
          mode: settings.mode,
          stack: "dev",
        },
        occasion: why,
        config: settings,
        result,
        ledger,
        post: { send: async told => void notices.push(...told), leave: async () => undefined },
        now: world.now,
      });
      const lines = result.outcomes.map(outcome =>
        JSON.parse(auditLine("dev", "thermostat", settings, why, outcome)),
      );
      return { kinds: result.outcomes.map(({ kind }) => kind), lines };
    },
  };
}

for (const why of kinds)
  describe(`a guardrail that looks because of a ${why.kind}`, () => {
    it("goes through every station: reads, decides, records, writes, reads again, tells", async () => {
      const account = thermostatOn({ kitchen: 30, bath: 18 });

      const { kinds: outcomes, lines } = await account.take(why);

      expect(outcomes).to.deep.equal(["remediated", "compliant"]);
      expect(account.home.writes).to.deep.equal([["kitchen"]]);
      expect(lines[0]).to.deep.include({
        outcome: "remediated",
        event: { id: why.id, time: why.time },
        calls: ["ReadRooms", "CoolRooms", "ReadRooms"],
      });
      expect(lines[0].principal).to.deep.equal(why.principal);
      expect(account.actions()).to.have.length(1);
      expect(account.actions()[0]).to.deep.include({
        state: "notified",
        occasionKey: why.key,
        occasionId: why.id,
        principal: why.principal,
        before: { degrees: 30, tags: {} },
      });
    });

    it("tells what happened in its own words, and names nobody where nobody did anything", async () => {
      const account = thermostatOn({ kitchen: 30 });

      await account.take(why);

      const [{ subject, body }] = account.notices;
      expect(subject).to.equal("[high] Fixed: Keep rooms cool: kitchen");
      const who = why.principal
        ? `"olga" (arn:aws:iam::123456789012:role/secops) through the AWS CLI`
        : "The guardrail";
      const [, , heading, first, second] = body.split("\n");
      expect([heading, first, second]).to.deep.equal([
        "What happened",
        `  ${who} ${why.words} at 2026-01-01T00:00:00Z`,
        `  in account 123456789012, region us-east-1 (${why.kind} ${why.id}).`,
      ]);
      const start = { sweep: "the sweep began", tick: "the tick", approval: "the approval" };
      expect(body).to.contain(`2 s after ${start[why.kind as keyof typeof start]}.`);
      expect(body).to.contain(`search for ${why.id}.`);
    });

    it("is a duplicate when it comes again", async () => {
      const account = thermostatOn({ kitchen: 30 });
      await account.take(why);
      account.home.rooms.kitchen!.degrees = 40;

      expect((await account.take(why)).kinds).to.deep.equal(["duplicate"]);
      expect(account.home.writes).to.have.length(1);
    });

    it("is covered by an exemption for one principal only where that one caused it", async () => {
      const exemption = {
        guardrail: "thermostat",
        resource: arn("kitchen"),
        principal: olga.arn,
        reason: "sauna",
        owner: "ada@example.com",
        expires: "2026-06-30",
      };
      const account = thermostatOn({ kitchen: 30 }, { exemptions: [exemption] });

      expect((await account.take(why)).kinds).to.deep.equal([why.principal ? "exempt" : "remediated"]);
    });

    it("writes nothing in notify, and stays within the budget in enforce", async () => {
      const told = thermostatOn({ kitchen: 30 }, { mode: "notify" });
      expect((await told.take(why)).kinds).to.deep.equal(["notified"]);
      expect(told.home.writes).to.deep.equal([]);

      const bounded = thermostatOn({ kitchen: 30, bath: 30 }, { budget: 1 });
      expect((await bounded.take(why)).kinds).to.deep.equal(["remediated", "held"]);
    });
  });
