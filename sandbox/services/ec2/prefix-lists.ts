import {
  DescribeManagedPrefixListsCommand,
  EC2Client,
  GetManagedPrefixListEntriesCommand,
  type Filter,
  type ManagedPrefixList,
} from "@aws-sdk/client-ec2";
import type { Account } from "../../state/account";
import { awsError, type Call, type Handler, type Handlers } from "../../ground/call";
import type { MadeElsewhere } from "./made-elsewhere";

/**
 * Prefix lists that another account shares: seen and used as one's own, changed by their owner alone.
 * https://docs.aws.amazon.com/vpc/latest/userguide/sharing-managed-prefix-lists.html
 */
export function prefixListHandlers(account: Account, { sharedLists }: MadeElsewhere): Handlers {
  const ownersOnly: Handler = ({ call, forward }) => {
    const owner = sharedLists().get(String(call.input.PrefixListId));
    if (owner === undefined || owner === call.account) return forward();
    throw awsError("UnauthorizedOperation", "You are not authorized to perform this operation.", 403);
  };
  return {
    DescribeManagedPrefixLists: async ({ call, forward }) => {
      const { output } = await forward({ ...call.input, PrefixListIds: undefined });
      const { Filters, PrefixListIds } = call.input as { Filters?: Filter[]; PrefixListIds?: string[] };
      const own = (output.PrefixLists ?? []) as ManagedPrefixList[];
      const all = [...own, ...(await shared(account, sharedLists(), call, Filters))];
      const missing = PrefixListIds?.find(id => !all.some(list => list.PrefixListId === id));
      if (missing !== undefined && !Filters?.length) throw noList(missing);
      const asked = PrefixListIds?.length
        ? all.filter(({ PrefixListId = "" }) => PrefixListIds.includes(PrefixListId))
        : all;
      return { output: { ...output, PrefixLists: asked } };
    },
    GetManagedPrefixListEntries: async ({ call, forward }) => {
      const id = String(call.input.PrefixListId);
      const owner = sharedLists().get(id);
      if (owner === undefined) {
        if (!(await hasList(account, call, id))) throw noList(id);
        return forward();
      }
      const client = account.client(EC2Client, { region: call.region, account: owner });
      const { $metadata: _, ...output } = await client.send(
        new GetManagedPrefixListEntriesCommand({ PrefixListId: id }),
      );
      return { output };
    },
    ModifyManagedPrefixList: ownersOnly,
    DeleteManagedPrefixList: ownersOnly,
  };
}

const noList = (id: string) =>
  awsError("InvalidPrefixListID.NotFound", `The prefix list ID '${id}' does not exist`);

/** All lists that rules of the call's account may name, its own, AWS's and shared ones. */
export async function prefixLists(
  account: Account,
  { sharedLists }: MadeElsewhere,
  call: Call,
): Promise<ManagedPrefixList[]> {
  const client = account.client(EC2Client, call);
  const { PrefixLists = [] } = await client.send(new DescribeManagedPrefixListsCommand({}));
  return [...PrefixLists, ...(await shared(account, sharedLists(), call))];
}

async function hasList(account: Account, call: Call, id: string): Promise<boolean> {
  const client = account.client(EC2Client, call);
  const { PrefixLists = [] } = await client.send(new DescribeManagedPrefixListsCommand({}));
  return PrefixLists.some(({ PrefixListId }) => PrefixListId === id);
}

async function shared(
  account: Account,
  lists: ReadonlyMap<string, string>,
  call: Call,
  Filters?: Filter[],
): Promise<ManagedPrefixList[]> {
  const owners = new Set([...lists.values()].filter(owner => owner !== call.account));
  const found = [...owners].map(async owner => {
    const client = account.client(EC2Client, { region: call.region, account: owner });
    const { PrefixLists = [] } = await client.send(new DescribeManagedPrefixListsCommand({ Filters }));
    return PrefixLists.filter(({ PrefixListId = "" }) => lists.get(PrefixListId) === owner);
  });
  return (await Promise.all(found)).flat();
}
