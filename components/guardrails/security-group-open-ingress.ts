import { EC2Client } from "@aws-sdk/client-ec2";
import { z } from "zod";
import type { Known, OwnershipFacts, Remediation, Resource } from "../../runtime/guardrail";
import {
  inspect,
  type IngressStates,
  isWatched,
  recorded,
  remembered,
} from "./security-group-open-ingress/inspect";
import { ingressInventory } from "./security-group-open-ingress/inventory";
import { groupsBy } from "./security-group-open-ingress/reads";
import { assessInterface } from "./security-group-open-ingress/interfaces";
import { assessList } from "./security-group-open-ingress/lists";
import { members } from "./security-group-open-ingress/members";
import { guardedPorts } from "./security-group-open-ingress/openings";
import { half, isLeft } from "./security-group-open-ingress/parts";
import { ingressResources, nothingNew } from "./security-group-open-ingress/resources";
import { admitRules, byTags, revokeRules, rulesLost } from "./security-group-open-ingress/writes";
import {
  applianceKey,
  assessGroup,
  type IngressHints,
  type OpenIngress,
} from "./security-group-open-ingress/assess";
import { tagsRead } from "../../runtime/aws/tags";
import { defineGuardrail, type Permissions, type Scope, type StackSettings, succeeded } from "../definition";

type Clients = { ec2: EC2Client };
type Found = Resource<IngressHints>;

const portNumber = z.int().min(1).max(65535);
/** Telnet, Docker, WinRM, Redis, Elasticsearch, the kubelet, memcached and databases. */
const administration = [23, 1433, 1521, 2375, 2376, 3306, 5432, 5985, 5986, 6379, 9200, 10250, 11211, 27017];

const settings = z.strictObject({
  ports: z
    .array(portNumber)
    .min(1)
    .default([22, 3389])
    .describe(
      "TCP and UDP ports that must not be open to the world, and are closed where a rule opens them.",
    ),
  tellPorts: z
    .array(portNumber)
    .default(administration)
    .describe("TCP and UDP ports of which an opening to the world is told, and never closed."),
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
    .enum(["remove-new", "notify"])
    .default("remove-new")
    .describe(
      "What to do about a new rule for all protocols: remove it like any other, but for known appliances, or only tell.",
    ),
  appliances: z
    .array(
      z.string().regex(/^(sg|eni)-[0-9a-f]{8,17}$/, {
        error: "expected the id of a security group or network interface",
      }),
    )
    .default([])
    .describe(
      "Groups and interfaces of firewalls, NAT and VPN appliances, which keep rules for all protocols.",
    ),
});
type Settings = z.output<typeof settings> & Pick<StackSettings, "trusted">;
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
            "RevokeSecurityGroupIngress",
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
  needs: ["trusted"],
  members,
  permissions,
  clients: (region: string): Clients => ({ ec2: new EC2Client({ region }) }),
  resources: ingressResources,
  inspect,
  assess,
  remembered,
  sweptOnly: [applianceKey],
  recorded,
  parts: { half, isLeft },
  isWatched,
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
        actions: [
          "ec2:DescribeManagedPrefixLists",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSecurityGroupRules",
          "ec2:DescribeSecurityGroups",
        ],
        resources: ["*"],
        reason: "EC2 cannot limit these to a resource",
      },
      // A list may be AWS's own or shared by another account.
      { actions: ["ec2:GetManagedPrefixListEntries"], resources: arns("*", "prefix-list/*") },
    ],
    write: [
      {
        actions: ["ec2:RevokeSecurityGroupIngress"],
        resources: groups,
        unheld:
          "Any ingress rule of any security group of the account can be removed with it, harmless ones too: EC2 knows no condition on the rule.",
      },
    ],
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

function assess(state: IngressStates, given: Settings, hints: IngressHints, known?: Known) {
  switch (state.kind) {
    case "prefix-list":
      return assessList(state, given);
    case "network-interface":
      return assessInterface(state, given);
    case "security-group":
      return assessGroup(state, given, hints, known);
  }
}

/** EC2 does not say who runs a group or a list; a group's tags may. */
async function ownership({ ec2 }: Clients, _resource: Found, state: IngressStates): Promise<OwnershipFacts> {
  if (state.kind !== "security-group") return {};
  const [group] = await groupsBy(ec2, "group-id", [state.groupId]);
  return { tags: tagsRead(group?.Tags) };
}

async function remediate(
  { ec2 }: Clients,
  work: readonly Remediation<IngressHints, IngressStates, OpenIngress>[],
): Promise<void> {
  for (const { state, finding } of work)
    if (state.kind === "security-group") await revokeRules(ec2, state.groupId, finding.data.remove);
}

async function undo(
  { ec2 }: Clients,
  _resource: Found,
  before: IngressStates,
  after: IngressStates,
): Promise<void> {
  if (before.kind !== "security-group" || after.kind !== "security-group") return;
  await admitRules(ec2, before.groupId, rulesLost(before, after));
}

/** One call makes several rules again, or each has a call of its own. */
function undone(
  group: Found,
  before: IngressStates,
  after: IngressStates,
): { resource: Found; state: IngressStates }[] {
  if (before.kind !== "security-group" || after.kind !== "security-group") return [];
  const back = rulesLost(before, after);
  const calls = [back, ...byTags(back), ...back.map(rule => [rule])];
  return calls.map(admissions => ({
    resource: { ...group, hints: { ...nothingNew, route: "rule-added", admissions } },
    state: before,
  }));
}

function inventory(
  { ec2 }: Clients,
  scope: { account: string; region: string },
  given: Settings,
  from?: string,
) {
  return ingressInventory(ec2, scope, guardedPorts(given), from);
}
