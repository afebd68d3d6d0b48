import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { partitionOf } from "../runtime/aws/partition";
import { partName } from "../runtime/names";
import { covering, type Place } from "./regions";

/** The account and region of the credentials in use, and what is covered from there. */
export const homePlace = (): pulumi.Output<Place> =>
  pulumi
    .all([aws.getCallerIdentityOutput().accountId, aws.getRegionOutput().region])
    .apply(([account, home]) =>
      covering({ stack: pulumi.getStack(), partition: partitionOf(home).id, account, home }),
    );

/** The name of a part of the stack that is being deployed. @throws Error when it is too long */
export const nameOf = (part: string): string => partName(pulumi.getStack(), part);

/** On everything that can carry tags. */
export const tagsOf = (guardrail?: string): Record<string, string> => ({
  "guardrails:project": pulumi.getProject(),
  "guardrails:stack": pulumi.getStack(),
  ...(guardrail === undefined ? {} : { "guardrails:guardrail": guardrail }),
});
