import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Place } from "../regions";
import type { Settings } from "../settings";
import { listedIn } from "../settings/people";
import { strangerInWords } from "./deployers";
import { stackNameInWords } from "./stack-name";
import { keyProblems, requiredKeys } from "./keys";

/** @throws RunError, at a preview too, when AWS would refuse names that are made of the stack's */
export function admitName({ guardrails }: Settings): void {
  const problem = stackNameInWords(pulumi.getStack(), guardrails);
  if (problem !== undefined) throw new pulumi.RunError(problem);
}

/**
 * Holds what the stack config says against the account, with the credentials of whoever deploys: they are among the
 * stack's deployers, where it names any, and every KMS key that a guardrail would write can be used. A preview warns.
 * @param caller the ARN that STS gives of them
 * @throws RunError at `pulumi up`, with all that is wrong: before anything is changed
 */
export async function admit(
  { deployers, guardrails }: Settings,
  place: Place,
  caller: string,
): Promise<void> {
  const keys = requiredKeys(guardrails);
  const stranger =
    deployers &&
    strangerInWords(
      deployers.map(entry => listedIn(entry, place)),
      caller,
    );
  const problems = [...(stranger === undefined ? [] : [stranger]), ...(await keyProblems(keys, place, look))];
  if (problems.length === 0) return;
  if (!pulumi.runtime.isDryRun()) throw new pulumi.RunError(problems.join("\n"));
  for (const problem of problems) await pulumi.log.warn(problem);
}

async function look(keyId: string, region: string) {
  const { arn, keyState, keyUsage, keySpec } = await aws.kms.getKey({ keyId, region });
  return { arn, state: keyState, usage: keyUsage, spec: keySpec };
}
