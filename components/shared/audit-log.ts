import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { tagsOf } from "../place";
import { logGroupName } from "../../runtime/names";

/**
 * The stack's one log group. It outlives a disabled guardrail and the stack itself, so that what they did stays on record;
 * a stack of the same name adopts it with the ledger (`ledger: adopt`).
 */
export class AuditLog extends pulumi.ComponentResource {
  readonly logGroupName: pulumi.Output<string>;
  readonly logGroupArn: pulumi.Output<string>;

  /** @param args.adopt whether it is there already, kept by an earlier stack of this name */
  constructor(name: string, args: { readonly adopt: boolean }, opts?: pulumi.ComponentResourceOptions) {
    super("aws-event-guardrails:index:AuditLog", name, {}, opts);
    const named = logGroupName(pulumi.getStack());
    const logGroup = new aws.cloudwatch.LogGroup(
      name,
      { name: named, retentionInDays: 400, tags: tagsOf() },
      { parent: this, retainOnDelete: true, import: args.adopt ? named : undefined },
    );
    this.logGroupName = logGroup.name;
    this.logGroupArn = logGroup.arn;
    this.registerOutputs({ logGroupName: this.logGroupName, logGroupArn: this.logGroupArn });
  }
}
