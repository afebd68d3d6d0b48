import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { tagsOf } from "../place";
import { logGroupName } from "../../runtime/names";

/** The stack's one log group: it outlives a disabled guardrail, so that what it once did stays on record. */
export class AuditLog extends pulumi.ComponentResource {
  readonly logGroupName: pulumi.Output<string>;
  readonly logGroupArn: pulumi.Output<string>;

  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("aws-event-guardrails:index:AuditLog", name, {}, opts);
    const logGroup = new aws.cloudwatch.LogGroup(
      name,
      { name: logGroupName(pulumi.getStack()), retentionInDays: 400, tags: tagsOf() },
      { parent: this, deleteBeforeReplace: true },
    );
    this.logGroupName = logGroup.name;
    this.logGroupArn = logGroup.arn;
    this.registerOutputs({ logGroupName: this.logGroupName, logGroupArn: this.logGroupArn });
  }
}
