import * as iam from "@aws-sdk/client-iam";
import type { Account } from "../state/account";
import type { PolicyStore } from "./authorize";
import { isLacking } from "./judged";
import type { PolicyDocument } from "./policies";
import { readPrincipal } from "./principal-policies";
import type { Requirements } from "./requirements";
import { splitArn } from "../state/stored";

export interface PolicyStoreOptions {
  readonly account: Account;
  readonly requirements: Requirements;
  /** Policies of resources that live outside the account's state, asked first; undefined: not one of them. */
  readonly elsewhere?: (arn: string) => PolicyDocument | undefined;
  /** Tags of such resources. */
  readonly tagsElsewhere?: (arn: string) => Readonly<Record<string, string>> | undefined;
}

/** The authorizer's view of the account: always what is stored now, read once between two changes. */
export function createPolicyStore(options: PolicyStoreOptions): PolicyStore {
  const { account, requirements, elsewhere, tagsElsewhere } = options;
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
  const readPolicy = async (resource: string) => {
    const arn = splitArn(resource, account.region);
    const policies = requirements.prefixed(arn.service)?.resourcePolicies ?? "none";
    return policies === "none" || isLacking(policies) ? undefined : policies.read(account, arn);
  };
  const readFacts = async (resource: string) => {
    const arn = splitArn(resource, account.region);
    const facts = requirements.prefixed(arn.service)?.facts ?? "none";
    return facts === "none" || isLacking(facts) ? undefined : facts(account, arn);
  };

  return {
    principal: identity =>
      once(`principal ${identity.account} ${identity.role?.name ?? ""} ${identity.userName ?? ""}`, () =>
        readPrincipal(account.client(iam.IAMClient, { account: identity.account }), identity),
      ),
    resourcePolicy: async arn => elsewhere?.(arn) ?? (await once(`policy ${arn}`, () => readPolicy(arn))),
    resourceFacts: async arn => {
      const tags = tagsElsewhere?.(arn);
      return tags ? { tags } : once(`facts ${arn}`, () => readFacts(arn));
    },
    find: (kind, name, place, within) =>
      once(`${kind} ${name} ${place.region} ${place.account} ${within ?? ""}`, async () => {
        const [service = "", what = ""] = kind.split(":");
        const finder = requirements.named(service)?.finders?.[what];
        if (!finder)
          throw new Error(`Nobody finds ${kind}: add ${what} to finders in sandbox/services/${service}/`);
        return finder(account, name, place, within);
      }),
  };
}
