import { expect } from "chai";
import type { Severity } from "../../../runtime/guardrail";
import { type Breaker, closed, judge, withFix } from "../../../runtime/ledger/breaker";
import { houseAccount, type HouseAccount } from "../../support/crash";
import { heated } from "../../support/thermostat";

const minute = 60_000;
const hour = 60 * minute;
const midnight = Date.parse("2026-01-01T00:00:00Z");
const fix = (at: number, fingerprint = "open") => ({
  at,
  principal: "ada",
  tool: "cli" as const,
  eventId: `event-${at}`,
  fingerprint,
});

/** What becomes of breaches at these minutes, each put right unless the breaker refuses: then, when it is put right. */
function verdicts(severity: Severity, minutes: readonly number[]): (string | number)[] {
  let breaker: Breaker = closed;
  return minutes.map(at => {
    const now = midnight + at * minute;
    const { until } = judge(breaker, "open", now, severity);
    if (until === undefined) breaker = withFix(breaker, fix(now));
    return until === undefined ? "fixed" : Math.round((until - midnight) / minute);
  });
}

describe("the breaker", () => {
  it("is about one finding: others of the resource are still put right", () => {
    const fought = [0, 1, 2].reduce((so, at) => withFix(so, fix(midnight + at * minute)), closed);
    const now = midnight + 3 * minute;

    expect(judge(fought, "open", now, "high")).to.deep.equal({ fixes: 3, until: midnight + 7 * minute });
    expect(judge(fought, "another", now, "high")).to.deep.equal({ fixes: 0, until: undefined });
  });

  it("pauses for a resource whose findings of all kinds are put right too often", () => {
    const many = Array.from({ length: 20 }, (_, at) => fix(midnight + at * 1_000, `finding ${at}`));
    const busy = many.reduce(withFix, closed);

    expect(judge(busy, "the next", midnight + 20_000, "high").until).to.equal(midnight + 5 * minute);
    expect(judge(busy, "the next", midnight + 20_000, "medium").until).to.equal(midnight + hour);
  });

  it("lets two hundred fixes of a resource through in a day, and remembers no more", () => {
    const many = Array.from({ length: 200 }, (_, at) => fix(midnight + at * minute, `finding ${at}`));
    const busy = many.reduce(withFix, closed);
    const later = midnight + 220 * minute;

    expect(judge({ fixes: busy.fixes.slice(1) }, "the next", later, "high").until).to.equal(undefined);
    expect(judge(busy, "the next", later, "high").until).to.equal(midnight + 24 * hour);
    expect(busy.fixes).to.have.length(200);
    expect(withFix(busy, fix(midnight + 30 * hour)).fixes).to.have.length(1);
  });

  for (const [what, severity, minutes, expected] of [
    ["lets three fixes through at once", "high", [0, 1, 2], ["fixed", "fixed", "fixed"]],
    [
      "waits five minutes after the third of what is severe",
      "high",
      [0, 1, 2, 3],
      ["fixed", "fixed", "fixed", 7],
    ],
    ["and an hour after the third of what is not", "medium", [0, 1, 2, 3], ["fixed", "fixed", "fixed", 62]],
    [
      "lets its pauses grow from five minutes to half an hour and three hours",
      "critical",
      [0, 0, 0, 5, 6, 35, 36, 215, 216],
      ["fixed", "fixed", "fixed", "fixed", 35, "fixed", 215, "fixed", 24 * 60],
    ],
    [
      "or from an hour to six",
      "low",
      [0, 0, 0, 60, 61, 420, 421],
      ["fixed", "fixed", "fixed", "fixed", 420, "fixed", 780],
    ],
    [
      "puts a finding right six times a day at most",
      "high",
      [0, 0, 0, 5, 35, 215, 800, 1_439, 1_440],
      [...Array<string>(6).fill("fixed"), 1_440, 1_440, "fixed"],
    ],
  ] as const)
    it(what, () => {
      expect(verdicts(severity, minutes)).to.deep.equal(expected);
    });
});

/** Somebody heats the kitchen again, and its event arrives. */
async function fight(account: HouseAccount, id: string, degrees = 30, name = "mallory"): Promise<string> {
  account.home.rooms.kitchen!.degrees = degrees;
  const userIdentity = { type: "IAMUser", arn: `arn:aws:iam::123456789012:user/${name}`, userName: name };
  const { answer } = await account.deliver({ ...heated(["kitchen"], { eventID: id, userIdentity }), id });
  return String(answer?.outcomes[0].outcome);
}

const who = "arn:aws:iam::123456789012:user/mallory";

describe("a fight over a resource", () => {
  it("pauses after three fixes, with a notice that names the guardrail, the other side and its events", async () => {
    const account = houseAccount({ kitchen: 20 });
    const kinds: string[] = [];
    for (let n = 1; n <= 5; n++) kinds.push(await fight(account, `event-${n}`));

    expect(kinds).to.deep.equal(["remediated", "remediated", "remediated", "held", "held"]);
    expect(account.published.map(({ subject }) => subject.replace(/^\[\w+\] /, ""))).to.deep.equal([
      ...Array<string>(3).fill("Fixed: Keep rooms cool: kitchen"),
      "HELD: Keep rooms cool: kitchen",
    ]);
    expect(account.published[3].body)
      .to.contain("Guardrail thermostat")
      .and.to.contain("this guardrail has put it right 3 times")
      .and.to.contain(`${who} through cli`)
      .and.to.contain("(event event-1)")
      .and.to.contain("(event event-3)");
    expect(account.written).to.have.length(3);
    expect(account.open().map(({ code, attention }) => [code, attention])).to.deep.equal([
      ["breaker", "critical"],
    ]);
  });

  it("that nobody goes on with is over after five minutes, without another event", async () => {
    const account = houseAccount({ kitchen: 20 });
    for (let n = 1; n <= 4; n++) await fight(account, `event-${n}`);
    expect(account.home.rooms.kitchen?.degrees).to.equal(30);

    await account.pass(10);

    expect(account.home.rooms.kitchen?.degrees).to.equal(20);
    expect(account.open()).to.deep.equal([]);
    expect(account.published.at(-1)?.subject).to.match(/Fixed: Keep rooms cool: kitchen$/);
  });

  it("that somebody goes on with is put right six times a day, and told every hour until it ends", async () => {
    const account = houseAccount({ kitchen: 20 });
    let events = 0;
    const goesOn = async (minutes: number): Promise<void> => {
      for (let passed = 0; passed < minutes; passed += 5) {
        if (account.home.rooms.kitchen?.degrees === 20) await fight(account, `event-${++events}`);
        await account.pass(5);
      }
    };

    await goesOn(23 * 60);

    expect(account.written).to.have.length(6);
    const held = account.published.filter(({ subject }) => subject.includes("HELD"));
    expect(held.length, "about every hour").to.be.within(20, 26);
    expect(account.open()).to.have.length(1);

    await account.pass(3 * 60);
    expect(account.home.rooms.kitchen?.degrees, "tried again when a day is over").to.equal(20);
    expect(account.open()).to.deep.equal([]);
  });

  it("is told even when the same finding was held, and told, for another reason that day", async () => {
    const account = houseAccount({ kitchen: 20 });
    account.pause("all", 10 * minute);
    expect(await fight(account, "event-0")).to.equal("held");
    account.now += 11 * minute;
    for (let n = 1; n <= 4; n++) await fight(account, `event-${n}`);
    expect(account.published.filter(({ subject }) => subject.includes("HELD"))).to.have.length(2);
  });

  it("is a fight whoever makes the breach: all of them are named", async () => {
    const account = houseAccount({ kitchen: 20 });
    const kinds: string[] = [];
    for (let n = 1; n <= 4; n++) kinds.push(await fight(account, `event-${n}`, 30, `user-${n}`));
    expect(kinds[3]).to.equal("held");
    for (const n of [1, 2, 3]) expect(account.published[3].body).to.contain(`user/user-${n} through cli`);
  });

  it("over one finding leaves others of the resource to be put right", async () => {
    const account = houseAccount({ kitchen: 20 });
    for (let n = 1; n <= 4; n++) await fight(account, `event-${n}`);
    expect(await fight(account, "event-5", 31)).to.equal("remediated");
    expect(await fight(account, "event-6", 30)).to.equal("held");
  });

  it("with ever new findings pauses too, after twenty fixes", async () => {
    const account = houseAccount({ kitchen: 20 });
    const kinds: string[] = [];
    for (let n = 1; n <= 21; n++) kinds.push(await fight(account, `event-${n}`, 30 + n));
    expect(kinds).to.deep.equal([...Array<string>(20).fill("remediated"), "held"]);

    await account.pass(10);
    expect(account.home.rooms.kitchen?.degrees).to.equal(20);
  });
});
