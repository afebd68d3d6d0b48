import { assert } from "chai";
import { ec2LaunchBaseline as guardrail } from "../../../components/guardrails/ec2-launch-baseline";
import type { GuardrailEvent } from "../../../runtime/events";
import { type Known, namedIn } from "../../../runtime/guardrail";

/* What the tests of ec2-launch-baseline and of its parts in runtime/ talk about. */

export type Settings = Parameters<typeof guardrail.resources>[1];
export type State = Parameters<typeof guardrail.assess>[0];
export type Hints = Parameters<typeof guardrail.assess>[2];

export const account = "123456789012";
export const admins = "sg-0ad314ad314ad314a";
export const web = "sg-0aaaaaaaaaaaaaaaa";
export const vpc = "vpc-0123456789abcdef0";
export const number = (n: number) => `0aaaaaaaaaaaaaa${String(n).padStart(2, "0")}`;
export const [i1, vol1, eni1] = [`i-${number(1)}`, `vol-${number(1)}`, `eni-${number(1)}`];

export const set = (knobs: Partial<Settings> = {}): Settings => {
  const { adminSecurityGroupId = admins, ...rest } = knobs;
  return { ...guardrail.settings.parse(rest), adminSecurityGroupId };
};
export const always = set({ when: "always" });
export const named = (event: GuardrailEvent, settings = always) =>
  namedIn(guardrail.resources(event, settings));
/** Why an event names nothing: its one word for that. */
export const reasonOf = (event: GuardrailEvent, settings = always) =>
  Object.keys(guardrail.resources(event, settings))[0];

/** When the instances of the events were launched, as EC2 says. */
export const at = "2026-11-20T09:15:30.000Z";
export const tagged = { Owner: "team-shop" };

/** What one read finds: instance 1 with a volume and an interface, as `change` alters it. */
export const aState = (change: Partial<State["instances"][number]> = {}, only = ""): State => ({
  instances: [
    {
      id: i1,
      vpcId: vpc,
      subnetId: "subnet-0123456789abcdef0",
      isEnded: false,
      launchedAt: at,
      attachedAt: at,
      isIsolated: false,
      operator: "",
      parts: [
        { id: i1, kind: "instance", tags: {}, groups: [] },
        { id: vol1, kind: "volume", tags: {}, groups: [] },
        { id: eni1, kind: "network-interface", tags: {}, groups: [web] },
      ],
      adminGroup: { id: admins, problem: "" },
      subnetTags: {},
      vpcTags: {},
      ...change,
    },
  ],
  only,
});
export const parts = (tags: Record<string, string>, groups: string[]) => [
  { id: i1, kind: "instance" as const, tags, groups: [] },
  { id: vol1, kind: "volume" as const, tags, groups: [] },
  { id: eni1, kind: "network-interface" as const, tags, groups },
];
/** What an event of a later change, and a sweep, know of a launch. */
export const none: Hints = {};
/** What the record of the launch of instance 1 says. */
export const launched = (change: Partial<NonNullable<Hints["launch"]>> = {}): Hints => ({
  launch: { at: "2026-11-20T09:15:30Z", tags: {}, personTags: {}, groups: { [eni1]: [web] }, ...change },
});
export const findingOf = (state: State, settings = set(), hints = launched(), known?: Known) => {
  const finding = guardrail.assess(state, settings, hints, known);
  assert.isDefined(finding);
  return finding!;
};
