import { expect } from "chai";
import type { GuardrailEvent } from "../../../runtime/events";
import type { JsonObject } from "../../../runtime/json";
import { restraintOf } from "../../../runtime/pipeline/restraints";
import { houseAccount, type HouseAccount } from "../../support/crash";
import { arn, heated } from "../../support/thermostat";

const minute = 60_000;
const hour = 60 * minute;
const hot = (id: string, rooms: string[], detail: JsonObject = {}): GuardrailEvent => ({
  ...heated(rooms, { eventID: id, ...detail }),
  id,
});
const by = (name: string) => ({
  userIdentity: { type: "IAMUser", arn: `arn:aws:iam::123456789012:user/${name}`, userName: name },
});
const kindsOf = async (account: HouseAccount, event: GuardrailEvent) =>
  (await account.deliver(event)).answer?.outcomes.map(({ outcome }) => outcome);
const rooms = (count: number) => [...Array(count).keys()].map(n => `room-${n}`);
const hotHouse = (names: string[]) => Object.fromEntries(names.map(name => [name, 30]));

describe("the brake", () => {
  for (const brake of ["all", "own"] as const)
    it(`${brake === "all" ? "of all" : "of this guardrail"} keeps findings from being written, tells who pulled it, and records them to be taken up`, async () => {
      const account = houseAccount({ kitchen: 30 });
      account.pause(brake, hour);
      expect(await kindsOf(account, hot("event-1", ["kitchen"]))).to.deep.equal(["held"]);
      expect(account.written).to.deep.equal([]);
      expect(account.published[0].body).to.contain("arn:aws:iam::123456789012:role/secops has paused");
      expect(account.published[0].body).to.contain("a test");
      expect(account.actions()).to.deep.equal([]);
      expect(account.open().map(({ code, attention }) => [code, attention])).to.deep.equal([
        ["paused", "hourly"],
      ]);
    });

  it("of another guardrail is none of ours", async () => {
    const account = houseAccount({ kitchen: 30 });
    account.put("smoke-detector#brake", "own", account.now + hour);
    expect(await kindsOf(account, hot("event-1", ["kitchen"]))).to.deep.equal(["remediated"]);
  });

  it("ends by itself", async () => {
    const account = houseAccount({ kitchen: 30 });
    account.pause("all", hour);
    account.now += hour;
    expect(await kindsOf(account, hot("event-1", ["kitchen"]))).to.deep.equal(["remediated"]);
  });

  it("counts when it is pulled between the look at the ledger and the write", async () => {
    const account = houseAccount({ kitchen: 30 });
    await account.deliver(hot("event-1", ["kitchen"]), ({ name, attempt }) => {
      if (name === "table TransactWriteItems" && attempt === 0) account.pause("all", hour);
      return undefined;
    });
    expect(account.written).to.deep.equal([]);
    expect(account.published[0].body).to.contain("it has just been paused");
  });

  it("counts for what an earlier try began, and the first state before stays on record", async () => {
    const account = houseAccount({ kitchen: 30 });
    await account.deliver(hot("event-1", ["kitchen"]), ({ name, attempt }) => {
      if (attempt === 1) {
        account.home.rooms.kitchen!.degrees = 33;
        account.pause("all", hour);
      }
      return name === "write" && attempt === 0 ? { how: "dies", when: "before" } : undefined;
    });
    const [action, ...others] = account.actions();
    expect(others).to.deep.equal([]);
    expect([action.state, action.before]).to.deep.equal(["held", { degrees: 30, tags: {} }]);
    expect(account.written).to.deep.equal([]);
  });
});

describe("a hold", () => {
  it("leaves exactly what was undone, quietly, and puts right anything else on the resource", async () => {
    const account = houseAccount({ kitchen: 30 });
    account.put(`thermostat#${arn("kitchen")}`, "hold#hot-30", account.now + hour);
    expect(await kindsOf(account, hot("event-1", ["kitchen"]))).to.deep.equal(["held"]);
    expect(account.published).to.deep.equal([]);
    account.home.rooms.kitchen!.degrees = 31;
    expect(await kindsOf(account, hot("event-2", ["kitchen"]))).to.deep.equal(["remediated"]);
  });

  it("ends by itself", async () => {
    const account = houseAccount({ kitchen: 30 });
    account.put(`thermostat#${arn("kitchen")}`, "hold#hot-30", account.now + hour);
    account.now += hour;
    expect(await kindsOf(account, hot("event-1", ["kitchen"]))).to.deep.equal(["remediated"]);
  });

  it("of one resource is none of another", async () => {
    const account = houseAccount({ kitchen: 30, bath: 30 });
    account.put(`thermostat#${arn("kitchen")}`, "hold#hot-30", account.now + hour);
    expect(await kindsOf(account, hot("event-1", ["kitchen", "bath"]))).to.deep.equal(["held", "remediated"]);
  });
});

describe("the budget", () => {
  it("stops at the 51st resource of an hour, tells, records it as held, and goes on in the next hour", async () => {
    const names = rooms(52);
    const account = houseAccount(hotHouse(names));
    const first = await kindsOf(account, hot("event-1", names.slice(0, 25), by("ada")));
    const second = await kindsOf(account, hot("event-2", names.slice(25, 50), by("bob")));
    expect([...(first ?? []), ...(second ?? [])]).to.deep.equal(Array(50).fill("remediated"));
    expect(await kindsOf(account, hot("event-3", ["room-50"], by("eve")))).to.deep.equal(["held"]);
    expect(account.published[2].subject).to.equal("[high] HELD: Keep rooms cool: room-50");
    expect(account.published[2].body).to.contain("budget for an hour is used up (50 resources in all)");
    expect(account.open().map(({ code, resource }) => [code, resource.id])).to.deep.equal([
      ["budget", "room-50"],
    ]);
    account.now += hour;
    expect(await kindsOf(account, hot("event-4", ["room-51"], by("eve")))).to.deep.equal(["remediated"]);
  });

  it("leaves half to everybody else when one principal makes ever new breaches", async () => {
    const names = rooms(30);
    const account = houseAccount(hotHouse(names));
    const kinds = await kindsOf(account, hot("event-1", names, by("mallory")));
    expect(kinds).to.deep.equal([...Array<string>(25).fill("remediated"), ...Array<string>(5).fill("held")]);
    const held = account.published.find(({ subject }) => subject.includes("HELD"));
    expect(held?.body).to.contain("user/mallory has used up its share");
    expect(await kindsOf(account, hot("event-2", ["room-29"], by("ada")))).to.deep.equal(["remediated"]);
  });

  it("stops a controller that makes ever new resources, and names it with the place to change", async () => {
    const names = rooms(30);
    const controllers = ["ada", "bob"].map(name => `arn:aws:iam::123456789012:user/${name}`);
    const who = { trusted: { accounts: [] }, controllers, expected: [] };
    const account = houseAccount(hotHouse(names), { config: { managed: "act", who } });
    for (const name of names) account.home.rooms[name]!.tags = { "aws:autoscaling:groupName": "web" };
    const kinds = await Promise.all([kindsOf(account, hot("event-1", names.slice(0, 15), by("ada")))]);
    expect(new Set(kinds[0])).to.deep.equal(new Set(["remediated"]));
    const rest = await kindsOf(account, hot("event-2", names.slice(15), by("bob")));
    expect(rest?.filter(kind => kind === "remediated")).to.have.length(10);
    const held = account.published.find(({ subject }) => subject.includes("HELD"));
    expect(held?.body).to.contain('Auto Scaling group "web" puts back what this guardrail changes');
    expect(held?.body).to.contain("change its launch template");
  });

  it("is as large as the stack says", async () => {
    const account = houseAccount(hotHouse(rooms(3)), { config: { budget: 2 } });
    expect(await kindsOf(account, hot("event-1", ["room-0", "room-1"], by("ada")))).to.deep.equal([
      "remediated",
      "held",
    ]);
    expect(await kindsOf(account, hot("event-2", ["room-2"], by("bob")))).to.deep.equal(["remediated"]);
  });

  it("is not used by what is continued", async () => {
    const account = houseAccount({ kitchen: 30 });
    await account.deliver(hot("event-1", ["kitchen"]), ({ name, attempt }) =>
      name === "write" && attempt < 2 ? { how: "dies", when: "before" } : undefined,
    );
    expect(account.stored("all").map(({ used }) => used)).to.deep.equal([1]);
    expect(account.written).to.have.length(1);
  });
});

describe("exemptions in use", () => {
  const exemption = (change: object = {}) => ({
    guardrail: "thermostat",
    resource: arn("kitchen"),
    reason: "a sauna, HEAT-1",
    owner: "ada@example.com",
    expires: "2026-12-31",
    ...change,
  });
  const exempted = (change: object = {}) =>
    houseAccount({ kitchen: 30 }, { config: { exemptions: [exemption(change)] } });

  it("leave the resource alone, quietly, with an audit line and a metric", async () => {
    const account = exempted();
    expect(await kindsOf(account, hot("event-1", ["kitchen"]))).to.deep.equal(["exempt"]);
    expect([account.written, account.published]).to.deep.equal([[], []]);
    expect(account.lines[0]).to.deep.include({ outcome: "exempt", exemption: exemption() });
    expect(account.lines[1]).to.include({ Exempt: 1, Noise: 1 });
  });

  for (const [what, change] of [
    ["of another account", { account: "210987654321" }],
    ["of another region", { region: "eu-west-1" }],
    ["of another guardrail", { guardrail: "smoke-detector" }],
    ["of another principal", { principal: "arn:aws:iam::123456789012:user/bob" }],
    ["of a look-alike resource", { resource: arn("kitchen-2") }],
    ["of a part of the name only", { resource: arn("kitche") }],
    ["that has expired", { expires: "2025-12-31" }],
  ] as const)
    it(`${what} leave nothing alone`, async () => {
      expect(await kindsOf(exempted(change), hot("event-1", ["kitchen"]))).to.deep.equal(["remediated"]);
    });

  it("that have expired are mentioned in the notice", async () => {
    const account = exempted({ expires: "2025-12-31" });
    await account.deliver(hot("event-1", ["kitchen"]));
    expect(account.published[0].body).to.contain(
      "An exemption covered this until 2025-12-31 (owner ada@example.com)",
    );
  });

  it("that are about to expire are mentioned once a day, whatever they cover", async () => {
    const account = houseAccount(
      { kitchen: 30, bath: 30 },
      { config: { exemptions: [exemption({ resource: arn("*"), expires: "2026-01-10" })] } },
    );
    await account.deliver(hot("event-1", ["kitchen", "bath"]));
    account.now += hour;
    await account.deliver(hot("event-2", ["kitchen"]));
    expect(account.published.map(({ subject }) => subject)).to.deep.equal([
      "[high] Exemption ends soon: Keep rooms cool: kitchen and 1 more",
    ]);
    expect(account.published[0].body).to.contain("Exempt until 2026-01-10 (owner ada@example.com)");
    account.now += 24 * hour;
    await account.deliver(hot("event-3", ["bath"]));
    expect(account.published).to.have.length(2);
    expect(account.written).to.deep.equal([]);
  });

  it("that are about to expire say nothing in mode observe", async () => {
    const account = houseAccount(
      { kitchen: 30 },
      { config: { mode: "observe", exemptions: [exemption({ expires: "2026-01-10" })] } },
    );
    await account.deliver(hot("event-1", ["kitchen"]));
    expect(account.published).to.deep.equal([]);
  });
});

describe("the order of restraints", () => {
  const finding = { fingerprint: "hot", summary: "It is hot", data: 1 };
  const circumstances = { breaker: { fixes: [] } };
  const facts = {
    finding,
    mode: "enforce" as const,
    managed: "notify" as const,
    severity: "high" as const,
    circumstances,
    now: 0,
  };
  const manager = { name: "Auto Scaling group web", changeAt: "its launch template" };
  const pause = { scope: "all" as const, until: 1, reason: "a test", by: "ada" };

  it("is none for a finding in enforce that nothing speaks against", () => {
    expect(restraintOf(facts)).to.equal(undefined);
  });
  it("holds what the ledger cannot be asked about, to be tried again", () => {
    const unread = { ...facts, circumstances: undefined, ledgerError: "no route" };
    expect(restraintOf(unread)).to.include({ kind: "held", tell: true, retry: true });
  });
  it("tells of a managed resource whether or not the ledger answers", () => {
    expect(
      restraintOf({ ...facts, management: { manager, caller: "other" }, circumstances: undefined })?.kind,
    ).to.equal("notified");
  });
  it("puts an operator's undo before the brake, so that it is quiet", () => {
    const both = { ...circumstances, hold: { until: 1, reason: "a test", by: "ada" }, pause };
    expect(restraintOf({ ...facts, circumstances: both })).to.include({ kind: "held", tell: false });
  });
  it("holds what cannot be written yet, with the reason, and does not tell what an operator has undone", () => {
    const blocked = { ...facts, finding: { ...facts.finding, blocked: "the key is disabled" } };
    const undone = { ...circumstances, hold: { until: 1, reason: "a test", by: "ada" } };
    expect(restraintOf(blocked)).to.include({ kind: "held", because: "the key is disabled", tell: true });
    expect(restraintOf({ ...blocked, circumstances: undone })).to.include({ code: "undone", tell: false });
  });
});
