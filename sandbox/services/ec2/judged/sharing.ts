import type { Input, Judged } from "../../../iam/judged";

/** Whom a call about a snapshot names, in either of its two forms. */
const named =
  (change: "Add" | "Remove", member: "Group" | "UserId") =>
  ({ input }: { readonly input: Input }): string[] | undefined => {
    const { CreateVolumePermission, OperationType, GroupNames, UserIds } = input as {
      CreateVolumePermission?: Partial<Record<typeof change, Partial<Record<typeof member, string>>[]>>;
      OperationType?: string;
      GroupNames?: string[];
      UserIds?: string[];
    };
    const plain = OperationType === change.toLowerCase() ? (member === "Group" ? GroupNames : UserIds) : [];
    const listed = (CreateVolumePermission?.[change] ?? []).flatMap(one => one[member] ?? []);
    const all = [...(plain ?? []), ...listed];
    return all.length > 0 ? all : undefined;
  };

/** Condition keys of ModifySnapshotAttribute: with whom a snapshot is shared, or no longer. */
export const sharingKeys: Judged["contextKeys"] = {
  "ec2:Add/group": named("Add", "Group"),
  "ec2:Add/userId": named("Add", "UserId"),
  "ec2:Remove/group": named("Remove", "Group"),
  "ec2:Remove/userId": named("Remove", "UserId"),
};
