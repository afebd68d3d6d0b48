import { expect } from "chai";
import type { Finding, State } from "../../../runtime/guardrail";
import { houseAccount } from "../../support/crash";
import { arn, heated, type Room, thermostat } from "../../support/thermostat";

const hour = 3600_000;
const hot = (id: string) => ({ ...heated(["kitchen"], { eventID: id }), id });

/** The thermostat's account, where every finding says this much more of itself. */
function accountWhere(
  says: Partial<Finding<number>>,
  given: Parameters<typeof houseAccount>[1] = {},
  degrees = 30,
) {
  const { assess } = thermostat(account().home);
  function account() {
    return houseAccount(
      { kitchen: degrees },
      {
        ...given,
        more: {
          ...given.more,
          assess: (state, settings, hints) => {
            const finding = assess(state, settings, hints);
            return finding && { ...finding, ...says };
          },
        },
      },
    );
  }
  return account();
}

describe("what a finding may say of itself", () => {
  it("leaveToExpected: is told as critical and not written where the caller does ordinary work, and written for others", async () => {
    const leaveToExpected = "it is what the caller is there for";
    const who = {
      trusted: { accounts: [] },
      controllers: [],
      expected: ["arn:aws:iam::123456789012:user/ada"],
    };
    const expected = accountWhere({ leaveToExpected }, { config: { who } });
    const anybody = accountWhere({ leaveToExpected });

    await expected.deliver(hot("event-1"));
    await anybody.deliver(hot("event-1"));

    expect(expected.written).to.deep.equal([]);
    expect(expected.published[0].subject).to.equal("[critical] Found: Keep rooms cool: kitchen");
    expect(expected.published[0].body).to.include(`because ${leaveToExpected}`);
    expect(anybody.written).to.have.length(1);
  });

  it("arn: the name by which exemptions are looked up, where the event had another", async () => {
    const exemptions = [
      {
        guardrail: "thermostat",
        resource: arn("room-7"),
        reason: "sauna",
        owner: "ada",
        expires: "2026-06-01",
      },
    ];
    const other = accountWhere({}, { config: { exemptions } });
    const exempt = accountWhere({ arn: arn("room-7") }, { config: { exemptions } });

    await other.deliver(hot("event-1"));
    const { answer } = await exempt.deliver(hot("event-1"));

    expect(other.written).to.have.length(1);
    expect(answer?.outcomes.map(({ outcome }) => outcome)).to.deep.equal(["exempt"]);
    expect(exempt.written).to.deep.equal([]);
  });

  it("once: is told once and for good, unless it was seen gone in between", async () => {
    const account = accountWhere({ once: true, notifyOnly: "it may become wrong at any time" });
    const mails = () => account.published.length;

    await account.deliver(hot("event-1"));
    account.now += 48 * hour;
    await account.deliver(hot("event-2"));
    expect(mails(), "two days later").to.equal(1);

    account.home.rooms.kitchen!.degrees = 18;
    await account.deliver(hot("event-3"));
    account.home.rooms.kitchen!.degrees = 30;
    await account.deliver(hot("event-4"));
    expect(mails(), "anew").to.equal(2);
  });
});

describe("what a guardrail records of a state", () => {
  it("is the part that its finding concerns, before and after; mails and reads have all of it", async () => {
    const recorded = ({ degrees }: State): Room => ({ degrees: Number(degrees), tags: {} });
    const account = houseAccount({ kitchen: 30 }, { more: { recorded } });
    account.home.rooms.kitchen!.tags = { bystander: "x".repeat(200) };

    await account.deliver(hot("event-1"));

    const [{ before, after }] = account.actions();
    expect([before, after]).to.deep.equal([
      { degrees: 30, tags: {} },
      { degrees: 20, tags: {} },
    ]);
    expect(account.home.rooms.kitchen?.tags).to.have.property("bystander");
  });
});
