import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { partitionOf } from "../runtime/aws/partition";
import { partName, type StackPlace } from "../runtime/names";

/** Where a stack is deployed. */
export interface Place extends StackPlace {
  /** Every region whose events are heard, home among them. */
  readonly regions: readonly string[];
}

/** The account and region of the credentials in use; no other region is covered yet. */
export const homePlace = (): pulumi.Output<Place> =>
  pulumi
    .all([aws.getCallerIdentityOutput().accountId, aws.getRegionOutput().region])
    .apply(([account, home]) => ({
      stack: pulumi.getStack(),
      partition: partitionOf(home).id,
      account,
      home,
      regions: [home],
    }));

/** The name of a part of the stack that is being deployed. @throws Error when it is too long */
export const nameOf = (part: string): string => partName(pulumi.getStack(), part);

/** On everything that can carry tags. */
export const tagsOf = (guardrail?: string): Record<string, string> => ({
  "guardrails:project": pulumi.getProject(),
  "guardrails:stack": pulumi.getStack(),
  ...(guardrail === undefined ? {} : { "guardrails:guardrail": guardrail }),
});
