import { EC2Client } from "@aws-sdk/client-ec2";
import { z } from "zod";
import { allowedGroups } from "./ec2-launch-baseline/admin-groups";
import { textAt, type GuardrailEvent } from "../../runtime/events";
import {
  itemsOf,
  type Finding,
  type Known,
  type Naming,
  type OwnershipFacts,
  type Remediation,
  type Resource,
} from "../../runtime/guardrail";
import { instancePages, launchedAround, readBehind } from "./ec2-launch-baseline/reads";
import type { BaselineState } from "./ec2-launch-baseline/instances";
import {
  changedIn,
  claimsBreach,
  isLaunch,
  launchedIn,
  launchOf,
  members,
  partOf,
} from "./ec2-launch-baseline/launch";
import { fingerprintOf, lackOf } from "./ec2-launch-baseline/baseline";
import { beforeUndone, partStates, reversalOf } from "./ec2-launch-baseline/reversal";
import type { LaunchHints, Missing } from "./ec2-launch-baseline/baseline";
import { permissions } from "./ec2-launch-baseline/permissions";
import { tagSources } from "./ec2-launch-baseline/tags";
import { putRight, takeBack } from "./ec2-launch-baseline/writes";
import { arnOf } from "../../runtime/aws/partition";
import { defineGuardrail, succeeded, type StackSettings } from "../definition";

type Clients = { ec2: EC2Client };
type Named = Resource<LaunchHints>;

const settings = z.strictObject({
  when: z
    .enum(["launch", "always"])
    .default("launch")
    .describe(
      "Only launches, or also what is changed later: responders isolate instances by changing groups.",
    ),
  requiredTags: z
    .record(z.string().regex(/^(?!aws:).{1,128}$/), z.string().max(256))
    // Each key needs a statement of its own, and a role's policy has 10,240 characters.
    .refine(tags => Object.keys(tags).length <= 10, { error: "expected at most 10 tags" })
    // One tag, by which a notice finds its reader, and a value that no scheduler, patcher or policy acts upon.
    .default({ Owner: "unassigned" })
    .describe("Tags that instances, volumes and interfaces carry, with the value for a missing one."),
  infer: z
    .array(z.enum(tagSources))
    // Network tags and people's names can start schedules or grant access, so they are a choice.
    .default(["launch"])
    .describe(
      "Where the value of a missing tag is looked for, in this order, before its default is used. Whoever launches chooses all of these values.",
    ),
  protectedTags: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "Keys that give access, e.g. in policies on aws:ResourceTag: where one is missing it gets the default of requiredTags, never a value that a caller can choose.",
    ),
  quarantineGroups: z
    .array(
      z.string().regex(/^sg-[0-9a-f]{8,17}$/, {
        error: "expected the id of a security group, since a name can be anybody's",
      }),
    )
    .default([])
    .describe(
      "Ids of the security groups that isolate: the groups of an instance that has no others on any interface are left alone.",
    ),
});
type Settings = z.output<typeof settings> & Pick<StackSettings, "adminSecurityGroupId">;

export const ec2LaunchBaseline = defineGuardrail({
  id: "ec2-launch-baseline",
  title: "Give new instances the required tags and admin group",
  why: "An instance without an owner is nobody's to patch, and one that administrators cannot reach cannot be patched. Whoever launches forgets both, and no launch template reaches everybody.",
  severity: "medium",
  triggers: [
    {
      scope: "regional",
      pattern: {
        source: ["aws.ec2"],
        "detail-type": ["AWS API Call via CloudTrail"],
        detail: {
          eventSource: ["ec2.amazonaws.com"],
          eventName: [
            "RunInstances",
            "CreateFleet",
            "AttachNetworkInterface",
            "DeleteTags",
            "ModifyInstanceAttribute",
            "ModifyNetworkInterfaceAttribute",
          ],
          ...succeeded,
        },
      },
    },
  ],
  settings,
  needs: ["adminSecurityGroupId"],
  // One scale-out is hundreds of instances within a minute.
  budget: 1000,
  permissions,
  members,
  clients: (region: string): Clients => ({ ec2: new EC2Client({ region }) }),
  resources,
  look,
  inspect,
  assess,
  remembered,
  ownership,
  remediate,
  batch: 1000,
  notYet: ["InvalidInstanceID.NotFound", "InvalidVolume.NotFound", "InvalidNetworkInterfaceID.NotFound"],
  undo,
  undone,
  inventory,
});

function resources(event: GuardrailEvent, settings: Settings): Naming<LaunchHints> {
  const name = textAt(event.detail, "eventName") ?? event["detail-type"];
  if (!Object.hasOwn(members, name)) return { elsewhere: `${name} launches and changes no instance itself` };
  if (isLaunch(event)) {
    const ids = launchedIn(event);
    return "elsewhere" in ids || "unreadable" in ids ? ids : launched(event, ids, settings);
  }
  if (settings.when === "launch")
    return { elsewhere: "it is no launch, and only launches count (when: launch)" };
  const ids = changedIn(event);
  if ("elsewhere" in ids || "unreadable" in ids) return ids;
  const claim = name === "AttachNetworkInterface" ? "exists" : claimIn(event, settings);
  // Nothing tells here when somebody gives a tag back, so that each call that takes it away is news.
  const made = name === "DeleteTags" ? `deleted at ${event.time}` : undefined;
  return ids.map(id => ({
    ...namedBy(event, id),
    ...(claim !== undefined && { claim }),
    ...(made !== undefined && { made }),
  }));
}

/** What a launch made, with all that only its record knows. */
const launched = (event: GuardrailEvent, ids: readonly string[], settings: Settings): Named[] =>
  ids.map(id => ({
    ...namedBy(event, id),
    hints: { launch: launchOf(event, id, settings.requiredTags) },
    claim: "exists",
    fresh: [id],
  }));

const claimIn = (event: GuardrailEvent, settings: Settings) =>
  claimsBreach(event, Object.keys(settings.requiredTags), allowedGroups(settings)) ? "breach" : undefined;

const namedBy = (event: GuardrailEvent, id: string): Named =>
  resourceAt(id, textAt(event.detail, "awsRegion") ?? event.region, event.account);

function resourceAt(id: string, region: string, account: string): Named {
  const { kind, type } = partOf(id);
  const arn = arnOf("ec2", region, account, `${kind}/${id}`);
  return { arn, type, id, region, account, hints: {} };
}

/** It may be somebody else's launch of the same minute, which must get neither this caller's name nor this call's tags. */
const ofNobody = (one: Named): Named => {
  const { launch } = one.hints;
  return launch === undefined ? one : { ...one, hints: { launch: { ...launch, tags: {}, personTags: {} } } };
};

/** The instances that EC2 says were launched then; what a later change was about no read can tell. */
async function look({ ec2 }: Clients, event: GuardrailEvent, settings: Settings) {
  if (!isLaunch(event)) return undefined;
  const token = textAt(event.detail, "requestParameters", "clientToken");
  const around = await launchedAround(ec2, event.time, token);
  const ids = around.map(({ id }) => id);
  const its = around.flatMap(one => (one.token === token ? [one.id] : []));
  return launched(event, ids, settings).map(one => (its.includes(one.id) ? one : ofNobody(one)));
}

async function inspect({ ec2 }: Clients, resources: readonly Named[], settings: Settings) {
  const ids = resources.map(({ id }) => id);
  const states = await readBehind(ec2, ids, settings);
  const seen = (state: BaselineState): BaselineState => {
    const ended = { ...state, gone: true };
    return state.instances.every(({ isEnded }) => isEnded) ? ended : state;
  };
  return Object.fromEntries(
    resources.flatMap(({ arn, id }) => (Object.hasOwn(states, id) ? [[arn, seen(states[id])]] : [])),
  );
}

function assess(
  state: BaselineState,
  settings: Settings,
  hints: LaunchHints,
  known?: Known,
): Finding<Missing> | undefined {
  const { words, missing, told } = lackOf(state, settings, hints, known);
  if (words.length === 0) return undefined;
  const isNothingToWrite = Object.keys({ ...missing.tags, ...missing.groups }).length === 0;
  return {
    fingerprint: fingerprintOf(words),
    summary: [...words, ...(isNothingToWrite ? [] : told)].join("; "),
    data: missing,
    attribute: "tags, volume_tags and vpc_security_group_ids of aws_instance",
    ...(isNothingToWrite && { notifyOnly: told.join("; ") }),
  };
}

/** Each instance by its id: what was there before was not launched again. */
function remembered({ instances }: BaselineState): Known {
  return Object.fromEntries(instances.map(({ id, launchedAt }) => [id, `launched at ${launchedAt}`]));
}

async function ownership(_: Clients, __: Named, { instances }: BaselineState): Promise<OwnershipFacts> {
  const tags = instances[0]?.parts.find(part => part.kind === "instance")?.tags ?? {};
  const operator = instances.map(instance => instance.operator).find(name => name !== "");
  return { tags, ...(operator !== undefined && { operator }) };
}

type Work = readonly Remediation<LaunchHints, BaselineState, Missing>[];
async function remediate({ ec2 }: Clients, work: Work): Promise<void> {
  await putRight(
    ec2,
    work.map(({ finding }) => finding.data),
  );
}

async function undo({ ec2 }: Clients, _: Named, before: BaselineState, after: BaselineState): Promise<void> {
  await takeBack(ec2, reversalOf(before.instances, after.instances));
}

/** Tags and groups go in calls of their own, so a function may read the one without the other; parts are named alone. */
function undone(resource: Named, before: BaselineState, after: BaselineState) {
  return beforeUndone(before, after).flatMap(state => [
    { resource, state },
    ...partStates(state, after).map(([id, alone]) => ({
      resource: resourceAt(id, resource.region, resource.account),
      state: alone,
    })),
  ]);
}

async function* inventory(
  clients: Clients,
  scope: { account: string; region: string },
  settings: Settings,
  from?: string,
) {
  for await (const { ids, next } of instancePages(clients.ec2, from)) {
    const resources = ids.map(id => resourceAt(id, scope.region, scope.account));
    const states = await inspect(clients, resources, settings);
    yield { items: itemsOf(resources, states), next };
  }
}
