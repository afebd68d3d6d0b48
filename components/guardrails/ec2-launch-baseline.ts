import {
  CreateTagsCommand,
  DeleteTagsCommand,
  EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
} from "@aws-sdk/client-ec2";
import { z } from "zod";
import { allowedGroups, groupFilters } from "./ec2-launch-baseline/admin-groups";
import { codeOf } from "../../runtime/aws/errors";
import { textAt, type GuardrailEvent } from "../../runtime/events";
import {
  finalError,
  itemsOf,
  type Finding,
  type Known,
  type OwnershipFacts,
  type Remediation,
  type Resource,
} from "../../runtime/guardrail";
import { instancePages, readBehind } from "./ec2-launch-baseline/reads";
import type { BaselineState } from "./ec2-launch-baseline/instances";
import { changedIn, claimsBreach, isLaunch, launchedIn, partOf } from "./ec2-launch-baseline/launch";
import { fingerprintOf, lackOf, tagCalls } from "./ec2-launch-baseline/baseline";
import { beforeUndone, partStates, reversalOf } from "./ec2-launch-baseline/reversal";
import type { LaunchHints, Missing } from "./ec2-launch-baseline/baseline";
import { launchTagsIn, personTags, tagSources } from "./ec2-launch-baseline/tags";
import { arnOf } from "../../runtime/aws/partition";
import { tagList } from "../../runtime/aws/tags";
import { defineGuardrail, succeeded, type Permissions, type Scope, type StackSettings } from "../definition";

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
    // One tag, by which a notice finds its reader, and a value that no scheduler, patcher or policy acts upon.
    .default({ Owner: "unassigned" })
    .describe("Tags that instances, volumes and interfaces carry, with the value for a missing one."),
  infer: z
    .array(z.enum(tagSources))
    // Network tags and people's names can start schedules or grant access, so they are a choice.
    .default(["launch"])
    .describe("Where the value of a missing tag is looked for, in this order, before its default is used."),
  quarantineGroups: z
    .array(z.string().min(1))
    .default([])
    .describe("Security groups, by id or name, that isolate an instance; its groups are then left alone."),
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
            "RequestSpotFleet",
            "RequestSpotInstances",
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
  clients: (region: string): Clients => ({ ec2: new EC2Client({ region }) }),
  resources,
  inspect,
  assess,
  // What was there before was not launched again.
  remembered: ({ instances }): Known => Object.fromEntries(instances.map(({ id }) => [id, "launched"])),
  ownership,
  remediate,
  batch: 1000,
  notYet: ["InvalidInstanceID.NotFound", "InvalidVolume.NotFound", "InvalidNetworkInterfaceID.NotFound"],
  undo,
  undone,
  inventory,
});

function permissions({ partition, account, regions, settings }: Scope<Settings>): Permissions {
  const every = (...types: string[]) =>
    types.flatMap(type => regions.map(region => `arn:${partition}:ec2:${region}:${account}:${type}/*`));
  const { infer, adminSecurityGroupId, requiredTags } = settings;
  const asked = [
    "ec2:DescribeInstances",
    "ec2:DescribeVolumes",
    "ec2:DescribeNetworkInterfaces",
    ...(groupFilters(adminSecurityGroupId, ["any"]) ? ["ec2:DescribeSecurityGroups"] : []),
    ...(infer.includes("subnet") ? ["ec2:DescribeSubnets"] : []),
    ...(infer.includes("vpc") ? ["ec2:DescribeVpcs"] : []),
  ];
  const tagged = every("instance", "volume", "network-interface");
  const conditions = { "ForAllValues:StringEquals": { "aws:TagKeys": Object.keys(requiredTags) } };
  const tags = (action: string) =>
    Object.keys(requiredTags).length > 0 ? [{ actions: [action], resources: tagged, conditions }] : [];
  const groups = {
    actions: ["ec2:ModifyNetworkInterfaceAttribute"],
    resources: every("network-interface", "instance", "security-group"),
  };
  return {
    read: [{ actions: asked, resources: ["*"], reason: "EC2 does not scope its Describe actions" }],
    write: [...tags("ec2:CreateTags"), groups],
    undo: [...tags("ec2:DeleteTags"), groups],
    inventory: [],
  };
}

function resources(event: GuardrailEvent, settings: Settings): Named[] {
  const region = textAt(event.detail, "awsRegion") ?? event.region;
  const at = (id: string) => resourceAt(id, region, event.account);
  if (isLaunch(event)) {
    const hints = { launchTags: launchTagsIn(event), personTags: personTags(event, settings.requiredTags) };
    return launchedIn(event).map(id => ({ ...at(id), hints, claim: "exists" }));
  }
  if (settings.when === "launch") return [];
  const claim = event.detail.eventName === "AttachNetworkInterface" ? "exists" : claimIn(event, settings);
  return changedIn(event).map(id => ({ ...at(id), ...(claim !== undefined && { claim }) }));
}

const claimIn = (event: GuardrailEvent, settings: Settings) =>
  claimsBreach(event, Object.keys(settings.requiredTags), allowedGroups(settings)) ? "breach" : undefined;

function resourceAt(id: string, region: string, account: string): Named {
  const { kind, type } = partOf(id);
  const arn = arnOf("ec2", region, account, `${kind}/${id}`);
  return { arn, type, id, region, account, hints: { launchTags: {}, personTags: {} } };
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

function assess(state: BaselineState, settings: Settings, hints: LaunchHints): Finding<Missing> | undefined {
  const { words, missing, problems } = lackOf(state, settings, hints);
  if (words.length === 0) return undefined;
  const isNothingToWrite = Object.keys({ ...missing.tags, ...missing.groups }).length === 0;
  return {
    fingerprint: fingerprintOf(words),
    summary: words.join("; "),
    data: missing,
    attribute: "tags, volume_tags and vpc_security_group_ids of aws_instance",
    ...(isNothingToWrite && { notifyOnly: problems.join("; ") }),
  };
}

async function ownership(_: Clients, __: Named, { instances }: BaselineState): Promise<OwnershipFacts> {
  const tags = instances[0]?.parts.find(part => part.kind === "instance")?.tags ?? {};
  const operator = instances.map(instance => instance.operator).find(name => name !== "");
  return { tags, ...(operator !== undefined && { operator }) };
}

type Work = readonly Remediation<LaunchHints, BaselineState, Missing>[];
async function remediate({ ec2 }: Clients, work: Work): Promise<void> {
  // What is full must not keep the others, or its own groups, from being put right.
  const tagged: string[] = [];
  const full: string[] = [];
  for (const { ids, tags } of tagCalls(work.map(({ finding }) => finding.data.tags)))
    await unlessFull(tagLimit, tagged, ids, () =>
      ec2.send(new CreateTagsCommand({ Resources: ids, Tags: tagList(tags) })),
    );
  for (const [NetworkInterfaceId, Groups] of work.flatMap(({ finding }) =>
    Object.entries(finding.data.groups),
  ))
    await unlessFull(groupLimit, full, [NetworkInterfaceId], () =>
      ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups })),
    );
  const tagless = `No further tag fits on ${tagged.join(", ")}: AWS allows 50. Delete some`;
  if (tagged.length > 0) throw finalError(tagLimit, tagless);
  if (full.length > 0)
    throw finalError(
      groupLimit,
      `The administrators' group does not fit on ${full.join(", ")}: the quota "Security groups per network interface" is used up. Take it out of a group or raise the quota; required tags were added`,
    );
}

/** Runs a call; when it is refused with this code, remembers what it was about and goes on. */
async function unlessFull(
  code: string,
  full: string[],
  ids: string[],
  call: () => Promise<unknown>,
): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (codeOf(error) !== code) throw error;
    full.push(...ids);
  }
}

const groupLimit = "SecurityGroupsPerInterfaceLimitExceeded";
const tagLimit = "TagLimitExceeded";

async function undo({ ec2 }: Clients, _: Named, before: BaselineState, after: BaselineState): Promise<void> {
  const { tags, groups } = reversalOf(before.instances, after.instances);
  for (const { ids, tags: added } of tagCalls([tags]))
    await ec2.send(new DeleteTagsCommand({ Resources: ids, Tags: tagList(added) }));
  for (const [id, Groups] of Object.entries(groups))
    await ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: id, Groups }));
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
