import { expect } from "chai";
import type { Action } from "../../../runtime/ledger/actions";
import { type Breaker, closed, type Fix } from "../../../runtime/ledger/breaker";
import { occasionOf } from "../../../runtime/events";
import { createLedger } from "../../../runtime/ledger/ledger";
import type { Notice } from "../../../runtime/telling/notify";
import type { Outcome } from "../../../runtime/pipeline/outcome";
import { tell } from "../../../runtime/telling/telling";
import { fakeTable } from "../../support/fakes/table";
import { arn, config, heated } from "../../support/thermostat";

const start = Date.parse("2026-01-01T00:00:00Z");
const minute = 60_000;
const fix: Fix = {
  at: start,
  principal: "arn:aws:iam::123456789012:user/ada",
  tool: "cli",
  eventId: "event-1",
  fingerprint: "hot",
};
const fixed: Breaker = { fixes: [fix] };

const actionOf = (occasionKey: string, opened = start): Action => ({
  id: `id-of-${occasionKey}`,
  state: "intended",
  guardrail: "thermostat",
  resource: {
    arn: arn("kitchen"),
    type: "House::Room",
    id: "kitchen",
    region: "us-east-1",
    account: "123456789012",
    hints: {},
  },
  occasionKey,
  occasionId: occasionKey,
  principal: { arn: "arn:aws:iam::123456789012:user/ada", name: "ada", type: "IAMUser", tool: "cli" },
  finding: { fingerprint: "hot", summary: "It is hot", data: 20 },
  before: { degrees: 30 },
  opened,
  settings: {},
  code: "abc123",
});

/** A ledger, and the start of a change by an invocation that read the resource and began at these minutes. */
function ledgerWithLocks() {
  const table = fakeTable();
  const ledger = createLedger(table.client, "ledger");
  const begin = (
    eventKey: string,
    owner: string,
    at: { since: number; now: number },
    more: { continued?: boolean; seen?: Breaker; controller?: string } = {},
  ) =>
    ledger.begin(actionOf(eventKey, start + at.now * minute), {
      owner,
      until: start + (at.now + 1) * minute,
      since: start + at.since * minute,
      now: start + at.now * minute,
      breaker: more.seen ?? closed,
      fix,
      limits: { budget: 50, principal: 25, controller: 25 },
      controller: more.controller,
      continued: more.continued ?? false,
    });
  const release = (eventKey: string, owner: string, at: number) =>
    ledger.settle(actionOf(eventKey), { owner, now: start + at * minute }, "failed");
  return { table, ledger, begin, release };
}

describe("the lock of a resource", () => {
  it("keeps another invocation away while one is at work", async () => {
    const { begin } = ledgerWithLocks();

    expect(await begin("event-1", "one", { since: 0, now: 0 })).to.equal(undefined);
    expect(await begin("event-2", "two", { since: 0.2, now: 0.5 }, { seen: fixed })).to.equal("locked");
  });

  it("refuses what was read before it was given back", async () => {
    const { begin, release } = ledgerWithLocks();
    await begin("event-1", "one", { since: 0, now: 0 });
    await release("event-1", "one", 0.4);

    expect(await begin("event-2", "two", { since: 0.3, now: 0.5 }, { seen: fixed })).to.equal("locked");
    expect(await begin("event-2", "two", { since: 0.4, now: 0.5 }, { seen: fixed })).to.equal(undefined);
  });

  it("ends with the invocation that died with it", async () => {
    const { begin } = ledgerWithLocks();
    await begin("event-1", "one", { since: 0, now: 0 });

    expect(await begin("event-2", "two", { since: 1, now: 1 }, { seen: fixed })).to.equal(undefined);
  });

  it("lets the next try of the same invocation in", async () => {
    const { begin } = ledgerWithLocks();
    await begin("event-1", "one", { since: 0, now: 0 });

    const again = await begin("event-1", "one", { since: 0.1, now: 0.2 }, { continued: true });

    expect(again).to.equal(undefined);
  });
});

describe("an invocation that found the lock held to its own end", () => {
  for (const [code, told] of [
    ["Locked", 0],
    ["AccessDenied", 1],
  ] as const)
    it(`tells ${told === 0 ? "nobody of that" : `of ${code}`}`, async () => {
      const { ledger } = ledgerWithLocks();
      const { resource, principal, occasionId } = actionOf("event-1");
      const published: Notice[] = [];
      const failed: Outcome = {
        kind: "failed",
        resource,
        principal,
        occasionId,
        occasionKey: "event-1",
        times: { event: start, received: start, decided: start },
        calls: [],
        error: { code, message: "not now", final: false },
      };

      await tell({
        sender: {
          id: "thermostat",
          title: "Keep rooms cool",
          severity: "high",
          mode: "enforce",
          stack: "dev",
        },
        occasion: occasionOf(heated(["kitchen"])),
        config: config("enforce"),
        result: { outcomes: [failed], actions: {}, closing: [], problems: [] },
        ledger,
        post: { send: async notices => void published.push(...notices), leave: async () => undefined },
        now: () => start,
      });

      expect(published).to.have.length(told);
    });
});

describe("the intent of a change", () => {
  it("is recorded once for an event, whoever overtakes whom", async () => {
    const { begin, table } = ledgerWithLocks();
    await begin("event-1", "one", { since: 0, now: 0 });
    const items = structuredClone([...table.items]);

    expect(await begin("event-1", "two", { since: 5, now: 5 }, { seen: fixed })).to.equal("recorded");
    expect([...table.items]).to.deep.equal(items);
  });

  it("counts a resource once an hour for a principal, however many of its findings are put right", async () => {
    const { begin, table } = ledgerWithLocks();
    const used = () =>
      [...table.items.values()]
        .flatMap(({ pk, sk, used }) => (pk.S?.includes("#budget#") ? [`${pk.S} ${sk.S}: ${used.N}`] : []))
        .sort();
    await begin("event-1", "one", { since: 0, now: 0 });
    await begin("event-2", "two", { since: 1, now: 1 }, { seen: fixed });
    const twice = { fixes: [fix, fix] };
    const budget = (hour: string) => `thermostat#budget#123456789012#${hour}`;
    const ofAda = "principal#arn:aws:iam::123456789012:user/ada";

    const first = [`${budget("2026-01-01T00")} all: 1`, `${budget("2026-01-01T00")} ${ofAda}: 1`];
    expect(used()).to.deep.equal(first);
    expect(await begin("event-3", "three", { since: 60, now: 60 }, { seen: twice })).to.equal(undefined);
    const next = [`${budget("2026-01-01T01")} all: 1`, `${budget("2026-01-01T01")} ${ofAda}: 1`];
    expect(used()).to.deep.equal([...first, ...next]);
  });

  it("counts each write against a controller, whose share bounds a fight", async () => {
    const { begin, table } = ledgerWithLocks();
    const count = () =>
      [...table.items.values()].find(({ sk }) => sk.S === "controller#Auto Scaling group web")?.used.N;
    const controller = "Auto Scaling group web";
    await begin("event-1", "one", { since: 0, now: 0 }, { controller });
    await begin("event-2", "two", { since: 1, now: 1 }, { seen: fixed, controller });

    expect(count()).to.equal("2");
  });

  it("is refused when another fix was counted since the breaker was read", async () => {
    const { begin, release } = ledgerWithLocks();
    await begin("event-1", "one", { since: 0, now: 0 });
    await release("event-1", "one", 0.4);

    expect(await begin("event-2", "two", { since: 5, now: 5 }, { seen: closed })).to.equal("locked");
  });

  it("keeps the state before, whatever comes after", async () => {
    const { begin, ledger, table } = ledgerWithLocks();
    await begin("event-1", "one", { since: 0, now: 0 });
    const record = () => [...table.items.values()].find(({ id }) => id?.S === "id-of-event-1");

    await ledger.advance(actionOf("event-1"), "verified", { after: { degrees: 20 } });

    expect(record()).to.deep.include({
      state: { S: "verified" },
      before: { S: '{"degrees":30}' },
      after: { S: '{"degrees":20}' },
    });
  });
});
