import { expect } from "chai";
import type { GuardrailEvent } from "../../../runtime/events";
import { houseAccount } from "../../support/crash";
import { heated } from "../../support/thermostat";

const minute = 60_000;
const cooler = "arn:aws:iam::123456789012:role/cooler";

const call = (id: string, userIdentity: object, more: object = {}): GuardrailEvent => ({
  ...heated(["kitchen"], { eventID: id, userIdentity: userIdentity as never, ...more }),
  id,
});
const ada = { type: "IAMUser", arn: "arn:aws:iam::123456789012:user/ada", userName: "ada" };
const role = (arn: string) => ({
  type: "AssumedRole",
  arn: `${arn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")}/session`,
  sessionContext: { sessionIssuer: { arn } },
});

describe("a resource with a mark that anybody can set", () => {
  const marked = async () => {
    const account = houseAccount({ kitchen: 30 });
    const room = account.home.rooms.kitchen;
    if (room === undefined) throw new Error("There is no kitchen");
    room.tags = { "kubernetes.io/cluster/prod": "owned" };
    const heat = (id: string) => {
      room.degrees = 30;
      return account.deliver(call(id, role(cooler)));
    };
    return { account, heat };
  };

  it("is put right once; what comes back is held, critical, with the line that lists the caller as a controller", async () => {
    const { account, heat } = await marked();
    await heat("event-1");
    expect(account.written).to.have.length(1);

    account.now += 20 * minute;
    await heat("event-2");

    expect(account.written).to.have.length(1);
    expect(account.open().map(({ code, attention, due }) => [code, attention, due])).to.deep.equal([
      ["contested", "critical", undefined],
    ]);
    expect(account.published.at(-1)?.body).to.include(`pulumi config set --path 'controllers[0]' ${cooler}`);
  });

  it("is held when it comes back two hours later, too, and put right once more when it comes back after a day", async () => {
    const { account, heat } = await marked();
    await heat("event-1");
    account.now += 2 * 60 * minute;
    await heat("event-2");
    expect(account.written).to.have.length(1);

    account.home.rooms.kitchen!.degrees = 18;
    await account.pass(25 * 60);
    await heat("event-3");
    expect(account.written).to.have.length(2);
  });

  it("is not written again however long it waits, and told every hour until it is gone", async () => {
    const { account, heat } = await marked();
    await heat("event-1");
    await heat("event-2");

    await account.pass(30 * 60);

    expect(account.written).to.have.length(1);
    const held = account.published.filter(({ subject }) => subject.includes("HELD"));
    expect(held.length).to.be.within(28, 31);

    account.home.rooms.kitchen = { degrees: 18, tags: {} };
    await account.pass(10);
    expect(account.open()).to.deep.equal([]);
  });
});

describe("what a listed controller has broken", () => {
  it("is told and not written, and written once at most where the stack says that managed resources may be", async () => {
    const who = { trusted: { accounts: [] }, controllers: [cooler], expected: [] };
    const telling = houseAccount({ kitchen: 30 }, { config: { who } });
    await telling.deliver(call("event-1", role(cooler)));
    await telling.pass(3 * 60);
    expect(telling.written).to.deep.equal([]);
    expect(telling.open().map(({ code, attention }) => [code, attention])).to.deep.equal([
      ["managed", "daily"],
    ]);

    const acting = houseAccount({ kitchen: 30 }, { config: { who, managed: "act" } });
    for (const id of ["event-1", "event-2", "event-3"]) {
      acting.home.rooms.kitchen = { degrees: 30, tags: {} };
      await acting.deliver(call(id, role(cooler)));
    }
    await acting.pass(3 * 60);
    expect(acting.written).to.have.length(1);
    expect(acting.open().map(({ code }) => code)).to.deep.equal(["contested"]);
  });
});

describe("what CloudFormation has just called for", () => {
  it("is told at once with its stack, and put right half an hour after the call", async () => {
    const account = houseAccount({ kitchen: 30 });
    const room = account.home.rooms.kitchen;
    if (room === undefined) throw new Error("There is no kitchen");
    room.tags = { "aws:cloudformation:stack-name": "web", "aws:cloudformation:logical-id": "Kitchen" };

    await account.deliver(call("event-1", { ...ada, invokedBy: "cloudformation.amazonaws.com" }));
    expect(account.published[0].body)
      .to.match(/CloudFormation stack "web", logical id "Kitchen"/)
      .and.to.include("is put right after 2026-01-01T00:30Z");
    await account.pass(25);
    expect(account.written).to.deep.equal([]);

    await account.pass(10);
    expect(account.written).to.have.length(1);
    expect(account.open()).to.deep.equal([]);
  });

  it("waits once, however often its calls break the same again meanwhile", async () => {
    const account = houseAccount({ kitchen: 30 });
    await account.deliver(call("event-1", { ...ada, invokedBy: "cloudformation.amazonaws.com" }));
    await account.pass(25);
    const again = call("event-2", { ...ada, invokedBy: "cloudformation.amazonaws.com" });
    await account.deliver({ ...again, time: new Date(account.now).toISOString() });
    expect(account.written).to.deep.equal([]);

    await account.pass(10);
    expect(account.written).to.have.length(1);
  });
});
