import { expect } from "chai";
import { securityGroupOpenIngress as guardrail } from "../../../components/guardrails/security-group-open-ingress";
import { type GuardrailEvent, occasionOf } from "../../../runtime/events";
import type { Finding, Resource } from "../../../runtime/guardrail";
import type { JsonObject } from "../../../runtime/json";
import { namedIn } from "../../../runtime/guardrail";
import { createLedger } from "../../../runtime/ledger/ledger";
import type { OpenFinding } from "../../../runtime/ledger/open";
import { runPipeline } from "../../../runtime/pipeline/pipeline";
import type { Remediator } from "../../../runtime/pipeline/run";
import { takeUp } from "../../../runtime/tick/take-up";
import { fakeTable } from "../../support/fakes/table";
import { config, house, stillWorld } from "../../support/thermostat";
import { group, rule, ruleId, set, stateOf } from "../../guardrails/security-group-open-ingress/ingress";

const minute = 60_000;
const world22 = rule(1, "tcp 22", "0.0.0.0/0");

/** A call about the group, as CloudTrail records it. */
const call = (
  name: string,
  requestParameters: JsonObject,
  responseElements: JsonObject,
  identity: JsonObject = {},
): GuardrailEvent => ({
  id: `event-${name}`,
  "detail-type": "AWS API Call via CloudTrail",
  source: "aws.ec2",
  account: "123456789012",
  region: "eu-west-1",
  time: "2026-01-01T00:00:02Z",
  resources: [],
  detail: {
    eventID: `event-${name}`,
    eventName: name,
    eventSource: "ec2.amazonaws.com",
    awsRegion: "eu-west-1",
    requestParameters,
    responseElements,
    userIdentity: { type: "IAMUser", arn: "arn:aws:iam::123456789012:user/mallory", ...identity },
  },
});
const opened = call(
  "AuthorizeSecurityGroupIngress",
  {
    groupId: group,
    ipPermissions: {
      items: [
        { ipProtocol: "tcp", fromPort: 22, toPort: 22, ipRanges: { items: [{ cidrIp: "0.0.0.0/0" }] } },
      ],
    },
  },
  { securityGroupRuleSet: { items: [{ groupId: group, securityGroupRuleId: ruleId(1) }] } },
  { invokedBy: "cloudformation.amazonaws.com" },
);

/** A group that CloudFormation has opened, which is held for half an hour. */
async function deployed() {
  const table = fakeTable();
  const ledger = createLedger(table.client, "ledger");
  const world = Object.assign(stillWorld(house({})), { remaining: () => 300_000 });
  let rules = [rule(9, "tcp 443", "0.0.0.0/0"), world22];
  const on = {
    ...guardrail,
    clients: () => ({}),
    inspect: async (_: unknown, found: Resource[]) =>
      Object.fromEntries(found.map(({ arn }) => [arn, stateOf(...rules)])),
    ownership: async () => ({ tags: {} }),
    remediate: async (_: unknown, work: { finding: Finding }[]) => {
      const gone = work.flatMap(({ finding }) => (finding.data as { remove: { ruleId: string }[] }).remove);
      rules = rules.filter(one => !gone.some(({ ruleId: id }) => id === one.SecurityGroupRuleId));
    },
  } as unknown as Remediator;
  const given = { ...config("enforce"), settings: set() };
  const hear = (event: GuardrailEvent) =>
    runPipeline(on, occasionOf(event), namedIn(guardrail.resources(event, set())), given, world, ledger);
  let ticks = 0;
  async function pass(minutes: number): Promise<void> {
    for (let at = 0; at < minutes; at += 5) {
      world.time += 5 * minute;
      const time = new Date(world.time).toISOString();
      const place = { account: "123456789012", region: "eu-west-1" };
      const words = "looked again";
      const occasion = {
        kind: "tick" as const,
        key: `tick#${++ticks}`,
        id: `${ticks}`,
        time,
        words,
        ...place,
      };
      await takeUp({
        guardrail: on,
        environment: { stack: "dev", ...place } as never,
        config: given,
        world,
        ledger,
        post: { send: async () => undefined, finish: async () => undefined },
        write: () => undefined,
        occasion,
      } as never);
    }
  }
  await hear(opened);
  return { ledger, hear, pass, isOpen: () => rules.includes(world22) };
}

describe("what is held", () => {
  const others: [string, GuardrailEvent][] = [
    [
      "a harmless rule of the group is removed",
      call("RevokeSecurityGroupIngress", { groupId: group }, { _return: true }),
    ],
    [
      "the group is attached to an interface",
      call(
        "ModifyNetworkInterfaceAttribute",
        { networkInterfaceId: "eni-0123456789abcdef0", groupSet: { items: [{ groupId: group }] } },
        { _return: true },
      ),
    ],
  ];
  for (const [what, event] of others)
    it(`stays held, and is put right in the end, when ${what} meanwhile`, async () => {
      const { ledger, hear, pass, isOpen } = await deployed();
      const [before] = await ledger.openFindings(guardrail.id);
      await hear(event);
      const [after] = await ledger.openFindings(guardrail.id);

      expect(before.code).to.equal("deployment");
      expect(after).to.deep.equal(before);
      await pass(40);
      expect(isOpen()).to.equal(false);
      expect(await ledger.openFindings(guardrail.id)).to.deep.equal([]);
    });

  const item = async (): Promise<OpenFinding> => {
    const { ledger } = await deployed();
    return (await ledger.openFindings(guardrail.id))[0];
  };

  it("is not replaced by what is less loud, whoever says it, and is by what is louder", async () => {
    const ledger = createLedger(fakeTable().client, "ledger");
    const held = await item();
    const codes = async () => (await ledger.openFindings(guardrail.id)).map(({ code }) => code);
    await ledger.open(held);
    await ledger.openUnlessLouder({ ...held, kind: "notified", code: "sweep", attention: "critical" });
    expect(await codes()).to.deep.equal(["deployment"]);
    await ledger.openUnlessLouder({ ...held, code: "contested", attention: "critical" });
    expect(await codes()).to.deep.equal(["contested"]);
  });

  it("is read in part where there is too much, each time from another place, and nothing twice", async () => {
    const ledger = createLedger(fakeTable().client, "ledger");
    const held = await item();
    const all = Array.from({ length: 20 }, (_, n) => `finding-${n}`);
    for (const fingerprint of all) await ledger.open({ ...held, finding: { ...held.finding, fingerprint } });
    const read = async (place: number) =>
      (await ledger.openFindings(guardrail.id, { most: 8, place: () => place })).map(
        ({ finding }) => finding.fingerprint,
      );

    const parts = await Promise.all([0, 0.2, 0.4, 0.6, 0.8, 0.99].map(read));

    for (const part of parts) expect(new Set(part)).to.have.length(8);
    expect(new Set(parts.flat())).to.deep.equal(new Set(all));
    expect(await ledger.countOpen(guardrail.id)).to.equal(20);
  });

  it("is opened anew once it was closed", async () => {
    const ledger = createLedger(fakeTable().client, "ledger");
    const held = await item();
    await ledger.open(held);
    await ledger.revise(held, undefined, 0);
    await ledger.openUnlessLouder({ ...held, kind: "notified", code: "left-to-people", attention: "daily" });
    expect(await ledger.openFindings(guardrail.id)).to.have.length(1);
  });

  it("is open even if what is to be written, and what is known of it, is too large for the ledger", async () => {
    const ledger = createLedger(fakeTable().client, "ledger");
    const held = await item();
    const large = Array.from({ length: 300_000 }, (_, at) =>
      String.fromCharCode(0x4e00 + ((at * 7919) % 20_000)),
    ).join("");
    await ledger.open({
      ...held,
      finding: { ...held.finding, data: large },
      resource: { ...held.resource, hints: { large } },
    });
    const [kept] = await ledger.openFindings(guardrail.id);
    expect(kept.finding.summary).to.equal(held.finding.summary);
    expect(kept.resource.arn).to.equal(held.resource.arn);
  });
});
