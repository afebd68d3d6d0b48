import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { partitionOf } from "../runtime/aws/partition";

/** Where a stack is deployed. */
export interface Place {
  readonly stack: string;
  readonly project: string;
  readonly partition: string;
  readonly account: string;
  /** The home region: functions, topic and queue are here. */
  readonly region: string;
}

/** Role path of every function of the product, so that one pattern names them all. */
export const rolePath = "/guardrails/";

/** The account and region of the credentials in use. */
export const homePlace = (): pulumi.Output<Place> =>
  pulumi
    .all([aws.getCallerIdentityOutput().accountId, aws.getRegionOutput().region])
    .apply(([account, region]) => ({
      stack: pulumi.getStack(),
      project: pulumi.getProject(),
      partition: partitionOf(region).id,
      account,
      region,
    }));

/**
 * `guardrails-<stack>-<part>`: known before anything exists, so that policies can name what they admit.
 * @throws Error when it is longer than the 64 characters that rules, roles and functions may have.
 */
export function nameOf(part: string): string {
  const name = `guardrails-${pulumi.getStack()}-${part}`;
  if (name.length > 64)
    throw new Error(
      `"${name}" is ${name.length} characters long, AWS allows 64: give the stack a shorter name (pulumi stack rename)`,
    );
  return name;
}

export const ruleArn = ({ partition, region, account }: Place, name: string): string =>
  `arn:${partition}:events:${region}:${account}:rule/${name}`;
export const roleArn = ({ partition, account }: Place, name: string): string =>
  `arn:${partition}:iam::${account}:role${rolePath}${name}`;

/** On everything that can carry tags. */
export const tagsOf = (guardrail?: string): Record<string, string> => ({
  "guardrails:project": pulumi.getProject(),
  "guardrails:stack": pulumi.getStack(),
  ...(guardrail === undefined ? {} : { "guardrails:guardrail": guardrail }),
});
