import * as sdk from "@aws-sdk/client-iam";
import type { Finder, Judged } from "../../iam/judged";
import { absent } from "../../state/stored";

type Find = (client: sdk.IAMClient, name: string) => Promise<string | undefined>;

/** IAM's names are one account's, whatever the region. */
const finder =
  (find: Find): Finder =>
  (account, name, place) =>
    find(account.client(sdk.IAMClient, { account: place.account }), name);

const profile = async (client: sdk.IAMClient, name: string) => {
  const InstanceProfileName = name.split("/").pop() ?? name;
  const found = await absent(client.send(new sdk.GetInstanceProfileCommand({ InstanceProfileName })));
  return found?.InstanceProfile;
};

/** The full ARN, path included, by a name. */
export const finders: NonNullable<Judged["finders"]> = {
  role: finder(
    async (client, name) =>
      (await absent(client.send(new sdk.GetRoleCommand({ RoleName: name }))))?.Role?.Arn,
  ),
  user: finder(
    async (client, name) =>
      (await absent(client.send(new sdk.GetUserCommand({ UserName: name }))))?.User?.Arn,
  ),
  group: finder(
    async (client, name) =>
      (await absent(client.send(new sdk.GetGroupCommand({ GroupName: name }))))?.Group?.Arn,
  ),
  "instance-profile": finder(async (client, name) => (await profile(client, name))?.Arn),
  /** By the profile's name or ARN. */
  "role-of-profile": finder(async (client, name) => (await profile(client, name))?.Roles?.[0]?.Arn),
};
