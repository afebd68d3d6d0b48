import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { partitionOf } from "../../runtime/aws/partition";
import { covering } from "../regions";
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
 * @throws RunError at `pulumi up`, with all that is wrong: before anything is changed
 */
export async function admit({ deployers, guardrails }: Settings): Promise<void> {
  const keys = requiredKeys(guardrails);
  if (deployers === undefined && keys.length === 0) return;
  const [{ accountId, arn }, { region }] = await Promise.all([aws.getCallerIdentity(), aws.getRegion()]);
  const partition = partitionOf(region).id;
  const place = covering({ stack: pulumi.getStack(), partition, account: accountId, home: region });
  const listed = deployers?.map(entry => listedIn(entry, { partition, account: accountId }));
  const stranger = listed && strangerInWords(listed, arn);
  const problems = [...(stranger === undefined ? [] : [stranger]), ...(await keyProblems(keys, place, look))];
  if (problems.length === 0) return;
  if (!pulumi.runtime.isDryRun()) throw new pulumi.RunError(problems.join("\n"));
  for (const problem of problems) await pulumi.log.warn(problem);
}

async function look(keyId: string, region: string) {
  const { arn, keyState, keyUsage, keySpec } = await aws.kms.getKey({ keyId, region });
  return { arn, state: keyState, usage: keyUsage, spec: keySpec };
}
