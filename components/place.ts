import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { partitionOf } from "../runtime/aws/partition";
import { partName } from "../runtime/names";
import { strangerInWords } from "./deployers";
import { covering, type Place } from "./regions";
import { type Entry, listedIn } from "./settings/people";

/** The account and region of the credentials in use, and what is covered from there. */
export const homePlace = (): pulumi.Output<Place> =>
  pulumi
    .all([aws.getCallerIdentityOutput().accountId, aws.getRegionOutput().region])
    .apply(([account, home]) =>
      covering({ stack: pulumi.getStack(), partition: partitionOf(home).id, account, home }),
    );

/**
 * Where the stack names its deployers and the credentials in use are nobody's among them, a preview warns.
 * @throws RunError at `pulumi up`: before anything is changed
 */
export async function admitDeployer(deployers: readonly Entry[] | undefined): Promise<void> {
  if (deployers === undefined) return;
  const [{ accountId, arn }, { region }] = await Promise.all([aws.getCallerIdentity(), aws.getRegion()]);
  const where = { partition: partitionOf(region).id, account: accountId };
  const stranger = strangerInWords(
    deployers.map(entry => listedIn(entry, where)),
    arn,
  );
  if (stranger === undefined) return;
  if (!pulumi.runtime.isDryRun()) throw new pulumi.RunError(stranger);
  await pulumi.log.warn(stranger);
}

/** The name of a part of the stack that is being deployed. @throws Error when it is too long */
export const nameOf = (part: string): string => partName(pulumi.getStack(), part);

/** On everything that can carry tags. */
export const tagsOf = (guardrail?: string): Record<string, string> => ({
  "guardrails:project": pulumi.getProject(),
  "guardrails:stack": pulumi.getStack(),
  ...(guardrail === undefined ? {} : { "guardrails:guardrail": guardrail }),
});
