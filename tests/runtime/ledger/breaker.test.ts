import { expect } from "chai";
import { type Breaker, closed, judge, opened, withFix } from "../../../runtime/ledger/breaker";
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

/** What becomes of breaches at these minutes, each put right unless the breaker refuses. */
function verdicts(minutes: readonly number[]): string[] {
  let breaker: Breaker = closed;
  return minutes.map(at => {
    const now = midnight + at * minute;
    const verdict = judge(breaker, "open", now);
    if (verdict === "opens") breaker = opened(breaker, now, `event-${now}`, "open");
    if (verdict === "closed") breaker = withFix(breaker, fix(now));
    return verdict === "closed" ? "fixed" : verdict;
  });
}

describe("the breaker", () => {
  it("is about one finding: others of the resource are still put right", () => {
    const fought = [0, 1, 2].reduce((so, at) => withFix(so, fix(midnight + at * minute)), closed);
    const broken = opened(fought, midnight + 3 * minute, "event", "open");
    expect(judge(fought, "another", midnight + 3 * minute)).to.equal("closed");
    expect(judge(broken, "open", midnight + 4 * minute)).to.equal("open");
    expect(judge(broken, "another", midnight + 4 * minute)).to.equal("closed");
  });

  it("opens for a resource whose findings of all kinds are put right too often", () => {
    const many = Array.from({ length: 20 }, (_, at) => fix(midnight + at * minute, `finding ${at}`));
    const busy = many.reduce(withFix, closed);
    expect(judge(busy, "the next", midnight + 20 * minute)).to.equal("opens");
  });

  for (const [what, minutes, expected] of [
    ["lets three fixes an hour through", [0, 10, 20], ["fixed", "fixed", "fixed"]],
    ["opens at the fourth within an hour", [0, 10, 20, 30], ["fixed", "fixed", "fixed", "opens"]],
    [
      "stays closed for any number of fixes that are an hour's third apart",
      [0, 21, 42, 63, 84, 105],
      Array(6).fill("fixed"),
    ],
    [
      "stays open for an hour",
      [0, 1, 2, 3, 4, 40, 62],
      ["fixed", "fixed", "fixed", "opens", "open", "open", "open"],
    ],
    ["lets one through after an hour", [0, 1, 2, 3, 63], ["fixed", "fixed", "fixed", "opens", "fixed"]],
    [
      "opens again at once when that one did not last",
      [0, 1, 2, 3, 63, 64, 65],
      ["fixed", "fixed", "fixed", "opens", "fixed", "opens", "open"],
    ],
    [
      "lets one an hour through while the fight goes on",
      [0, 1, 2, 3, 63, 64, 124, 125, 185],
      ["fixed", "fixed", "fixed", "opens", "fixed", "opens", "fixed", "opens", "fixed"],
    ],
    [
      "closes after an hour without a fight",
      [0, 1, 2, 3, 63, 190, 191, 192, 193],
      ["fixed", "fixed", "fixed", "opens", "fixed", "fixed", "fixed", "fixed", "opens"],
    ],
  ] as const)
    it(what, () => {
      expect(verdicts(minutes)).to.deep.equal(expected);
    });
});

/** Somebody heats the kitchen again, and its event arrives. */
async function fight(account: HouseAccount, id: string, degrees = 30, name = "mallory"): Promise<string> {
  account.home.rooms.kitchen!.degrees = degrees;
  const userIdentity = { type: "IAMUser", arn: `arn:aws:iam::123456789012:user/${name}`, userName: name };
  const { answer } = await account.deliver({ ...heated(["kitchen"], { eventID: id, userIdentity }), id });
  return String(answer?.outcomes[0].outcome);
}

describe("a fight over a resource", () => {
  it("ends after three fixes in one notice that names the guardrail, the other side and its events", async () => {
    const account = houseAccount({ kitchen: 20 });
    const kinds: string[] = [];
    for (let n = 1; n <= 7; n++) {
      kinds.push(await fight(account, `event-${n}`));
      account.now += 5 * minute;
    }
    expect(kinds).to.deep.equal(["remediated", "remediated", "remediated", "held", "held", "held", "held"]);
    expect(account.published.map(({ subject }) => subject)).to.deep.equal([
      ...Array<string>(3).fill("[high] Fixed: Keep rooms cool: kitchen"),
      "[high] HELD: Keep rooms cool: kitchen",
    ]);
    expect(account.published[3].body)
      .to.contain("Guardrail thermostat")
      .and.to.contain("this guardrail has put it right 3 times")
      .and.to.contain("arn:aws:iam::123456789012:user/mallory through cli")
      .and.to.contain("(event event-1)")
      .and.to.contain("(event event-3)");
    expect(account.written).to.have.length(3);
    expect(account.actions().filter(({ state }) => state === "held")).to.have.length(4);
  });

  it("goes on with one fix an hour, and as before after an hour of peace", async () => {
    const account = houseAccount({ kitchen: 20 });
    for (let n = 1; n <= 4; n++) await fight(account, `event-${n}`);
    account.now += hour + minute;
    expect(await fight(account, "event-5"), "half-open").to.equal("remediated");
    expect(await fight(account, "event-6"), "and still fought over").to.equal("held");
    account.now += hour + minute;
    expect(await fight(account, "event-7")).to.equal("remediated");
    account.now += 3 * hour;
    for (const n of [8, 9, 10]) expect(await fight(account, `event-${n}`), "closed").to.equal("remediated");
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

  it("with ever new findings ends too, at twenty fixes an hour", async () => {
    const account = houseAccount({ kitchen: 20 });
    const kinds: string[] = [];
    for (let n = 1; n <= 21; n++) kinds.push(await fight(account, `event-${n}`, 30 + n));
    expect(kinds).to.deep.equal([...Array<string>(20).fill("remediated"), "held"]);
  });
});
