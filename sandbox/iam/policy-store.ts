import { DescribeSecurityGroupsCommand, EC2Client } from "@aws-sdk/client-ec2";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import type { Account } from "../state/account";
import type { PolicyStore } from "./authorize";
import type { Place } from "../ground/call";
import type { PolicyDocument } from "./policies";
import { readPrincipal } from "./principal-policies";
import { readFacts } from "./resource-facts";
import { readResourcePolicy } from "./resource-policies";
import { absent, splitArn } from "../state/stored";

export interface PolicyStoreOptions {
  readonly account: Account;
  /** Policies of resources that live outside the account's state, asked first; undefined: not one of them. */
  readonly elsewhere?: (arn: string) => PolicyDocument | undefined;
  /** Tags of such resources. */
  readonly tagsElsewhere?: (arn: string) => Readonly<Record<string, string>> | undefined;
}

/** The authorizer's view of the account: always what is stored now, read once between two changes. */
export function createPolicyStore(options: PolicyStoreOptions): PolicyStore {
  const { account, elsewhere, tagsElsewhere } = options;
  const remembered = new Map<string, Promise<unknown>>();
  let generation = -1;
  const once = <T>(key: string, read: () => Promise<T>): Promise<T> => {
    if (generation !== account.generation) remembered.clear();
    generation = account.generation;
    const found = (remembered.get(key) as Promise<T> | undefined) ?? read();
    remembered.set(key, found);
    found.catch(() => remembered.delete(key));
    return found;
  };
  const iamClient = (place: Pick<Place, "account">) =>
    account.client(iam.IAMClient, { account: place.account });

  return {
    principal: identity =>
      once(`principal ${identity.account} ${identity.role?.name ?? ""} ${identity.userName ?? ""}`, () =>
        readPrincipal(iamClient(identity), identity),
      ),
    resourcePolicy: async arn =>
      elsewhere?.(arn) ?? (await once(`policy ${arn}`, () => readResourcePolicy(account, splitArn(arn)))),
    resourceFacts: async arn => {
      const tags = tagsElsewhere?.(arn);
      return tags ? { tags } : once(`facts ${arn}`, () => readFacts(account, splitArn(arn)));
    },
    iamArn: (kind, name, place) =>
      once(`iam ${kind} ${name} ${place.account}`, () => readIamArn(iamClient(place), kind, name)),
    kmsKeyArn: (keyId, place) =>
      once(`kms ${keyId} ${place.region} ${place.account}`, async () => {
        const client = account.client(kms.KMSClient, place);
        const found = await absent(client.send(new kms.DescribeKeyCommand({ KeyId: keyId })));
        return found?.KeyMetadata?.Arn;
      }),
    securityGroupId: (name, place, vpcId) =>
      once(`group ${name} ${place.region} ${place.account} ${vpcId ?? ""}`, async () => {
        const filters = [{ Name: "group-name", Values: [name] }];
        if (vpcId !== undefined) filters.push({ Name: "vpc-id", Values: [vpcId] });
        const client = account.client(EC2Client, place);
        const { SecurityGroups = [] } = await client.send(
          new DescribeSecurityGroupsCommand({ Filters: filters }),
        );
        return SecurityGroups[0]?.GroupId;
      }),
    instanceProfileRole: (profile, place) =>
      once(`profile ${profile} ${place.account}`, async () => {
        const InstanceProfileName = profile.split("/").pop() ?? profile;
        const found = await absent(
          iamClient(place).send(new iam.GetInstanceProfileCommand({ InstanceProfileName })),
        );
        return found?.InstanceProfile?.Roles?.[0]?.Arn;
      }),
  };
}

async function readIamArn(
  client: iam.IAMClient,
  kind: "role" | "user" | "group" | "instance-profile",
  name: string,
): Promise<string | undefined> {
  switch (kind) {
    case "role":
      return (await absent(client.send(new iam.GetRoleCommand({ RoleName: name }))))?.Role?.Arn;
    case "user":
      return (await absent(client.send(new iam.GetUserCommand({ UserName: name }))))?.User?.Arn;
    case "group":
      return (await absent(client.send(new iam.GetGroupCommand({ GroupName: name }))))?.Group?.Arn;
    case "instance-profile": {
      const command = new iam.GetInstanceProfileCommand({ InstanceProfileName: name });
      return (await absent(client.send(command)))?.InstanceProfile?.Arn;
    }
  }
}
