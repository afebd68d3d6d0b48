import {
  GetRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  ListRolesCommand,
} from "@aws-sdk/client-iam";
import { rolePath } from "../../runtime/names";
import type { Account } from "../state/account";
import type { RolePolicies } from "./audit";
import { parsePolicy } from "./policies";

/** The product's roles and their policies, as the account holds them: under one path, inline only. */
export async function deployedRoles(account: Pick<Account, "client">): Promise<RolePolicies[]> {
  const iam = account.client(IAMClient);
  const { Roles = [] } = await iam.send(new ListRolesCommand({ PathPrefix: rolePath }));
  return Promise.all(
    Roles.map(async ({ Arn: arn = "", RoleName }) => {
      const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
      const policies = await Promise.all(
        PolicyNames.map(async PolicyName => {
          const { PolicyDocument = "" } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
          return parsePolicy(PolicyDocument);
        }),
      );
      return { arn, policies };
    }),
  );
}
