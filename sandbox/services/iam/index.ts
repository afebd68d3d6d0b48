import * as sdk from "@aws-sdk/client-iam";
import { recordShapes } from "../../../records";
import { parseIfAny } from "../../iam/policies";
import type { FactsReader, ResourcePolicies } from "../../iam/judged";
import { keysOfMembers } from "../../iam/requirements/members";
import { absent, tagsOf } from "../../state/stored";
import type { Service } from "../service";
import { finders } from "./finders";
import { iamHandlers } from "./handlers";
import { iamResources } from "./resources";

const nameOf = (resource: string) => resource.split("/").pop() ?? "";

/** Tags of roles and users; STS asks for those of roles as well. */
export const iamFacts: FactsReader = async (account, arn) => {
  const client = account.client(sdk.IAMClient, arn);
  const name = nameOf(arn.resource);
  const tags = arn.resource.startsWith("role/")
    ? (await absent(client.send(new sdk.ListRoleTagsCommand({ RoleName: name }))))?.Tags
    : arn.resource.startsWith("user/")
      ? (await absent(client.send(new sdk.ListUserTagsCommand({ UserName: name }))))?.Tags
      : [];
  return { tags: tagsOf(tags) };
};

/** The policy that says who may become a role; only STS asks it. */
export const readTrust: ResourcePolicies["read"] = async (account, arn) => {
  if (!arn.resource.startsWith("role/")) return undefined;
  const command = new sdk.GetRoleCommand({ RoleName: nameOf(arn.resource) });
  const found = await absent(account.client(sdk.IAMClient, arn).send(command));
  return parseIfAny(found?.Role?.AssumeRolePolicyDocument);
};

export const iam: Service = {
  name: "iam",
  sdk: { client: "IAMClient", load: () => import("@aws-sdk/client-iam") },
  record: recordShapes.iam,
  denial: { code: "AccessDenied", status: 403 },
  corrections: ({ account, identities }) => iamHandlers(account, identities),
  newer: ["AcquireRole", "UpdateDelegationRequest"],
  resources: iamResources,
  contextKeys: {
    ...keysOfMembers("iam:PolicyARN", "iam:PermissionsBoundary", "iam:AWSServiceName"),
    // Of the role that a call hands to a service.
    "iam:PassedToService": () => undefined,
  },
  tagging: operation => operation.replace(/^(Create|Upload)(Virtual)?/, "Tag"),
  passes: {
    AddRoleToInstanceProfile: {
      to: "ec2.amazonaws.com",
      roles: async ({ RoleName }, find, place) => {
        const role = await find("iam:role", String(RoleName), place);
        return role === undefined ? [] : [role];
      },
    },
  },
  finders,
  facts: iamFacts,
  resourcePolicies: { holder: () => undefined, read: readTrust },
  lacks: [
    "access keys of the root user",
    "tags of anything but roles and users in conditions",
    "all managed policies but a few (state/account.ts)",
  ],
};
