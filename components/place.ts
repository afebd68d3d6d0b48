import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { partitionOf } from "../runtime/aws/partition";
import { partName } from "../runtime/names";
import { covering, type Place } from "./regions";

/**
 * The account and region of the credentials in use and what is covered from there, and the ARN of whoever deploys, as STS
 * gives it. Asked once, before anything is made of the answer.
 * @throws RunError, one sentence, when AWS does not answer: without it no resource has a name
 */
export async function lookUp(): Promise<{ place: Place; caller: string }> {
  try {
    const [{ accountId: account, arn }, { region: home }] = await Promise.all([
      aws.getCallerIdentity(),
      aws.getRegion(),
    ]);
    const partition = partitionOf(home).id;
    return { place: covering({ stack: pulumi.getStack(), partition, account, home }), caller: arn };
  } catch (error) {
    const said = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ");
    throw new pulumi.RunError(
      `The account and region cannot be looked up: ${said}\n` +
        "Are there credentials (aws sts get-caller-identity), and a region (pulumi config set aws:region <region>)?",
    );
  }
}

/** The name of a part of the stack that is being deployed. @throws Error when it is too long */
export const nameOf = (part: string): string => partName(pulumi.getStack(), part);

/** On everything that can carry tags. */
export const tagsOf = (guardrail?: string): Record<string, string> => ({
  "guardrails:project": pulumi.getProject(),
  "guardrails:stack": pulumi.getStack(),
  ...(guardrail === undefined ? {} : { "guardrails:guardrail": guardrail }),
});
