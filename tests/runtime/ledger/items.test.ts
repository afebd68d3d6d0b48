import { expect } from "chai";
import type { Action } from "../../../runtime/ledger/actions";
import {
  actionFields,
  actionKey,
  occasionSort,
  fromItem,
  layout,
  pack,
  short,
  toAction,
  toItem,
  unpack,
} from "../../../runtime/ledger/items";
import { arn } from "../../support/thermostat";

const action: Action = {
  id: "0123456789abcdef0123",
  state: "verified",
  guardrail: "thermostat",
  resource: {
    arn: arn("kitchen"),
    type: "House::Room",
    id: "kitchen",
    region: "us-east-1",
    account: "123456789012",
    hints: { broken: true },
  },
  occasionKey: "event-1",
  occasionId: "event-1",
  principal: { arn: "arn:aws:iam::123456789012:user/ada", name: "ada", type: "IAMUser", tool: "cli" },
  finding: { fingerprint: "hot-30", summary: "It is 30 degrees", data: 20 },
  before: { degrees: 30, tags: { "naïve ☃": "" } },
  after: { degrees: 20, tags: {} },
  opened: Date.parse("2026-01-01T00:00:02Z"),
  verified: Date.parse("2026-01-01T00:00:03Z"),
  because: "a test",
  settings: { limit: 20 },
  code: "abc123",
};

describe("the ledger's items", () => {
  it("keep an action whole", () => {
    const item = toItem({ v: layout, ...actionKey(action), ...actionFields(action) });
    expect(toAction(fromItem(item))).to.deep.equal(action);
  });

  it("leave out what an action has not reached", () => {
    const { after, verified, because, ...intended } = action;
    expect([after, verified, because]).not.to.include(undefined);
    const item = toItem({ v: layout, ...actionKey(action), ...actionFields(intended) });
    expect(Object.keys(item)).not.to.include.members(["after"]);
    expect(toAction(fromItem(item))).to.deep.equal({
      ...intended,
      after: undefined,
      verified: undefined,
      because: undefined,
    });
  });

  it("sort a resource's actions by the time when they were opened", () => {
    expect(actionKey(action)).to.deep.equal({
      pk: `thermostat#${arn("kitchen")}`,
      sk: "action#2026-01-01T00:00:02.000Z#0123456789abcdef0123",
    });
  });

  it("are refused when they are of another layout, or of none", () => {
    for (const v of [{ N: "1" }, { N: "3" }, { S: "2" }, undefined])
      expect(() =>
        fromItem({ ...(v && { v }), pk: { S: "thermostat#brake" }, sk: { S: "all" } } as never),
      ).to.throw("layout");
  });

  it("hold short texts as they are, long ones compressed, and refuse what is too long even so", () => {
    expect(pack({ a: 1 })).to.equal('{"a":1}');
    const long = { text: "warm ".repeat(10_000) };
    expect(pack(long)).to.match(/^gz:/).and.have.length.below(1_000);
    expect(unpack(pack(long))).to.deep.equal(long);
    let seed = 7;
    const noise = [...Array(60_000).keys()].map(() => (seed = (seed * 48271) % 2147483647));
    expect(() => pack(noise))
      .to.throw("too large to be recorded")
      .with.property("final", true);
  });

  it("have keys that DynamoDB takes, the same for the same event", () => {
    const long = "ü".repeat(2_000);
    expect(short("event-1")).to.equal("event-1");
    expect(Buffer.byteLength(occasionSort(long))).to.be.below(1_024);
    expect(occasionSort(long))
      .to.equal(occasionSort(long))
      .and.not.to.equal(occasionSort(`${long}ü`));
  });
});
