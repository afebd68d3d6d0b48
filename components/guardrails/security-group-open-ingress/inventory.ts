import { DescribeNetworkInterfacesCommand, type EC2Client } from "@aws-sdk/client-ec2";
import type { Resource } from "../../../runtime/guardrail";
import { arnOf } from "../../../runtime/aws/partition";
import type { IngressHints } from "./assess";
import type { IngressStates } from "./inspect";
import { groupsOn } from "./interfaces";
import { isOwnedElsewhere } from "./lists";
import { groupPage, listsPage, readGroups, readList, withInterfaces } from "./reads";
import { groupAt, listAt, nothingNew } from "./resources";

type Item = { resource: Resource<IngressHints>; state: IngressStates };
interface Where {
  readonly account: string;
  readonly region: string;
}

/** The three parts of an inventory, in their order; a page's `next` is a part and EC2's own token in it. */
const parts = { groups, interfaces, lists };
type Part = keyof typeof parts;
const order = Object.keys(parts) as Part[];

/** Every group with its interfaces, then every interface with several groups, then lists that other accounts own. */
export async function* ingressInventory(
  ec2: EC2Client,
  where: Where,
  ports: readonly number[],
  from = `${order[0]} `,
): AsyncGenerator<{ items: Item[]; next?: string | undefined }> {
  let next: string | undefined = from;
  while (next !== undefined) {
    const space: number = next.indexOf(" ");
    const part = next.slice(0, space) as Part;
    const page: { items: Item[]; token?: string | undefined } = await parts[part](
      ec2,
      where,
      ports,
      next.slice(space + 1) || undefined,
    );
    const following: Part | undefined = order[order.indexOf(part) + 1];
    next = page.token ? `${part} ${page.token}` : following && `${following} `;
    yield { items: page.items, next };
  }
}

async function groups(ec2: EC2Client, where: Where, ports: readonly number[], token?: string) {
  const page = await groupPage(ec2, { NextToken: token });
  const ids = page.items.flatMap(({ GroupId }) => GroupId ?? []);
  const states = await withInterfaces(ec2, await readGroups(ec2, ids, ports), []);
  const items = Object.entries(states).map(([id, state]) => ({
    resource: groupAt(id, where.account, where.region, nothingNew),
    state,
  }));
  return { items, token: page.NextToken };
}

async function interfaces(ec2: EC2Client, where: Where, ports: readonly number[], token?: string) {
  const page = await ec2.send(new DescribeNetworkInterfacesCommand({ MaxResults: 500, NextToken: token }));
  const several = (page.NetworkInterfaces ?? []).filter(one => groupsOn(one).length > 1);
  const read = await readGroups(ec2, [...new Set(several.flatMap(groupsOn))].sort(), ports);
  const items = several.map(one => {
    const id = one.NetworkInterfaceId ?? "";
    const arn = arnOf("ec2", where.region, where.account, `network-interface/${id}`);
    return {
      resource: { arn, type: "AWS::EC2::NetworkInterface", id, ...where, hints: nothingNew },
      state: {
        kind: "network-interface" as const,
        interfaceId: id,
        groups: groupsOn(one).flatMap(groupId => (Object.hasOwn(read, groupId) ? [read[groupId]] : [])),
      },
    };
  });
  return { items, token: page.NextToken };
}

async function lists(ec2: EC2Client, where: Where, ports: readonly number[], token?: string) {
  const page = await listsPage(ec2, { NextToken: token });
  const items: Item[] = [];
  for (const { PrefixListId: id = "", OwnerId: ownerId = "" } of page.items) {
    if (!isOwnedElsewhere({ ownerId, account: where.account })) continue;
    const state = await readList(ec2, { id, account: where.account }, ports);
    if (state !== undefined && state.groups.length > 0)
      items.push({ resource: listAt(id, where.account, where.region, nothingNew), state });
  }
  return { items, token: page.NextToken };
}
