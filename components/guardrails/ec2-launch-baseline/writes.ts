import {
  CreateTagsCommand,
  DeleteTagsCommand,
  type EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
} from "@aws-sdk/client-ec2";
import { codeOf } from "../../../runtime/aws/errors";
import { tagList, type Tags } from "../../../runtime/aws/tags";
import { finalError } from "../../../runtime/guardrail";
import type { Missing } from "./baseline";

/** Adds what is missing. @throws Error that is final, after everything else is done, where a tag or a group does not fit */
export async function putRight(ec2: EC2Client, work: readonly Missing[]): Promise<void> {
  // What is full must not keep the others, or its own groups, from being put right.
  const tagged: string[] = [];
  const full: string[] = [];
  for (const { ids, tags } of tagCalls(work.map(({ tags }) => tags)))
    await unlessFull(tagLimit, tagged, ids, () =>
      ec2.send(new CreateTagsCommand({ Resources: ids, Tags: tagList(tags) })),
    );
  for (const [NetworkInterfaceId, Groups] of work.flatMap(({ groups }) => Object.entries(groups)))
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

/** Takes away what was added and puts the groups back. */
export async function takeBack(ec2: EC2Client, { tags, groups }: Missing): Promise<void> {
  for (const { ids, tags: added } of tagCalls([tags]))
    await ec2.send(new DeleteTagsCommand({ Resources: ids, Tags: tagList(added) }));
  for (const [id, Groups] of Object.entries(groups))
    await ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: id, Groups }));
}

/**
 * One tag for ids that need exactly the same, in calls of at most 1,000 ids, which is what CreateTags takes. One key a
 * call, because the permission for each key holds only where that key is missing.
 */
function tagCalls(missing: readonly Record<string, Tags>[]): { ids: string[]; tags: Tags }[] {
  const ids: Record<string, string[]> = {};
  for (const [id, tags] of missing.flatMap(part => Object.entries(part)))
    for (const tag of Object.entries(tags)) {
      const same = JSON.stringify(tag);
      ids[same] = [...new Set([...(ids[same] ?? []), id])];
    }
  return Object.entries(ids).flatMap(([same, all]) =>
    Array.from({ length: Math.ceil(all.length / 1000) }, (_, at) => ({
      ids: all.slice(at * 1000, (at + 1) * 1000),
      tags: Object.fromEntries([JSON.parse(same) as [string, string]]),
    })),
  );
}
