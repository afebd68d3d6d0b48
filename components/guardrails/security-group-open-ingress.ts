import { EC2Client } from "@aws-sdk/client-ec2";
import { z } from "zod";
import type { OwnershipFacts, Remediation, Resource } from "../../runtime/guardrail";
import { groupIdOf, groupPage, groupsBy, readGroups, readList } from "./security-group-open-ingress/reads";
import { groupAt, ingressResources, isList, nothingNew } from "./security-group-open-ingress/resources";
import type { IngressState } from "./security-group-open-ingress/rules";
import { admitRules, byTags, revokeRules, rulesLost } from "./security-group-open-ingress/writes";
import {
  assessGroup,
  assessList,
  type IngressHints,
  type ListState,
  type OpenIngress,
} from "./security-group-open-ingress/assess";
import { tagsRead } from "../../runtime/aws/tags";
import { defineGuardrail, type Permissions, type Scope, succeeded } from "../definition";

type Clients = { ec2: EC2Client };
type State = IngressState | ListState;
type Found = Resource<IngressHints>;

const settings = z.strictObject({
  ports: z
    .array(z.int().min(1).max(65535))
    .min(1)
    .default([22, 3389])
    .describe("TCP and UDP ports that must not be open to the world, e.g. 22, 3389, 3306, 5432."),
  openIpv4Prefix: z
    .int()
    .min(1)
    .max(32)
    .default(8)
    .describe(
      "A port is open to the world when it admits more public IPv4 addresses than one block this long.",
    ),
  openIpv6Prefix: z
    .int()
    .min(4)
    .max(128)
    .default(16)
    .describe(
      "A port is open to the world when it admits more public IPv6 addresses than one block this long.",
    ),
  allProtocols: z
    .enum(["notify", "remove"])
    .default("notify")
    .describe("What to do about a new rule for all protocols; appliances need such rules by design."),
});
type Settings = z.output<typeof settings>;

export const securityGroupOpenIngress = defineGuardrail({
  id: "security-group-open-ingress",
  title: "Close administration ports that are open to the world",
  why: "A port for SSH or remote desktop that the whole internet reaches is found by scanners within minutes, and from then on only a password or a key stands between them and the machine.",
  severity: "high",
  triggers: [
    {
      scope: "regional",
      pattern: {
        source: ["aws.ec2"],
        "detail-type": ["AWS API Call via CloudTrail"],
        detail: {
          eventSource: ["ec2.amazonaws.com"],
          eventName: [
            "AuthorizeSecurityGroupIngress",
            "ModifySecurityGroupRules",
            "ModifyManagedPrefixList",
            "RestoreManagedPrefixListVersion",
            "RunInstances",
            "CreateNetworkInterface",
            "ModifyInstanceAttribute",
            "ModifyNetworkInterfaceAttribute",
          ],
          ...succeeded,
        },
      },
    },
  ],
  settings,
  needs: [],
  permissions,
  clients: (region: string): Clients => ({ ec2: new EC2Client({ region }) }),
  resources: ingressResources,
  inspect,
  assess,
  ownership,
  remediate,
  // A rule that was just made is not known everywhere in EC2 for some seconds.
  notYet: ["InvalidGroup.NotFound", "InvalidSecurityGroupRuleId.NotFound"],
  undo,
  undone,
  inventory,
});

function permissions({ partition, account, regions }: Scope<Settings>): Permissions {
  const arns = (owner: string, resource: string) =>
    regions.map(region => `arn:${partition}:ec2:${region}:${owner}:${resource}`);
  const groups = arns(account, "security-group/*");
  const rules = arns(account, "security-group-rule/*");
  return {
    read: [
      {
        actions: ["ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups"],
        resources: ["*"],
        reason: "EC2 cannot limit these two to a resource",
      },
      // A list may be AWS's own or shared by another account.
      { actions: ["ec2:GetManagedPrefixListEntries"], resources: arns("*", "prefix-list/*") },
    ],
    write: [{ actions: ["ec2:RevokeSecurityGroupIngress"], resources: groups }],
    undo: [
      { actions: ["ec2:AuthorizeSecurityGroupIngress"], resources: [...groups, ...rules] },
      {
        actions: ["ec2:CreateTags"],
        resources: rules,
        conditions: { StringEquals: { "ec2:CreateAction": "AuthorizeSecurityGroupIngress" } },
      },
    ],
    inventory: [],
  };
}

async function inspect({ ec2 }: Clients, found: readonly Found[], { ports }: Settings) {
  const states: Record<string, State> = {};
  for (const list of found.filter(isList)) {
    const state = await readList(ec2, list.id, ports);
    if (state !== undefined) states[list.arn] = state;
  }
  const groups: { arn: string; id?: string }[] = [];
  for (const { arn, id, hints } of found.filter(one => !isList(one)))
    groups.push({ arn, id: hints.byName ? await groupIdOf(ec2, id) : id });
  const ids = groups.map(({ id }) => id).filter(id => id !== undefined);
  const read = await readGroups(ec2, ids, ports);
  for (const { arn, id } of groups) if (id !== undefined && Object.hasOwn(read, id)) states[arn] = read[id];
  return states;
}

function assess(state: State, settings: Settings, hints: IngressHints) {
  return state.kind === "prefix-list" ? assessList(state, settings) : assessGroup(state, settings, hints);
}

/** EC2 does not say who runs a group or a list; a group's tags may. */
async function ownership({ ec2 }: Clients, _resource: Found, state: State): Promise<OwnershipFacts> {
  if (state.kind === "prefix-list") return {};
  const [group] = await groupsBy(ec2, "group-id", [state.groupId]);
  return { tags: tagsRead(group?.Tags) };
}

async function remediate(
  { ec2 }: Clients,
  work: readonly Remediation<IngressHints, State, OpenIngress>[],
): Promise<void> {
  for (const { state, finding } of work)
    if (state.kind === "security-group") await revokeRules(ec2, state.groupId, finding.data.remove);
}

async function undo({ ec2 }: Clients, _resource: Found, before: State, after: State): Promise<void> {
  if (before.kind === "prefix-list" || after.kind === "prefix-list") return;
  await admitRules(ec2, before.groupId, rulesLost(before, after));
}

/** One call makes several rules again, or each has a call of its own. */
function undone(group: Found, before: State, after: State): { resource: Found; state: State }[] {
  if (before.kind === "prefix-list" || after.kind === "prefix-list") return [];
  const back = rulesLost(before, after);
  const calls = [back, ...byTags(back), ...back.map(rule => [rule])];
  return calls.map(admissions => ({
    resource: { ...group, hints: { ...nothingNew, route: "rule-added", admissions } },
    state: before,
  }));
}

async function* inventory(
  { ec2 }: Clients,
  scope: { account: string; region: string },
  { ports }: Settings,
  from?: string,
) {
  let token = from;
  do {
    const page = await groupPage(ec2, { NextToken: token });
    const ids = page.items.map(group => group.GroupId).filter(id => id !== undefined);
    const read = Object.entries(await readGroups(ec2, ids, ports));
    token = page.NextToken === "" ? undefined : page.NextToken;
    yield {
      items: read.map(([id, state]) => ({
        resource: groupAt(id, scope.account, scope.region, nothingNew),
        state,
      })),
      next: token,
    };
  } while (token !== undefined);
}
