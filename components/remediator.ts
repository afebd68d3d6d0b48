import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Bundle } from "./bundle";
import { memoryMegabytes, nodeVersion, timeoutSeconds } from "./function";
import { roleDescription } from "./parts";
import { nameOf, tagsOf } from "./place";
import type { Place } from "./regions";
import type { EnabledGuardrail } from "./settings/guardrails";
import { type Inspected, roleStatements } from "./role-statements";
import { policyDocument } from "./statements";
import type { GuardrailConfig } from "../runtime/config";
import { roleName, rolePath, type StackPlace } from "../runtime/names";

/** The parts of a stack that every guardrail uses. */
export interface Shared {
  readonly place: pulumi.Output<Place>;
  readonly topicArn: pulumi.Output<string>;
  readonly ledgerArn: pulumi.Output<string>;
  readonly deadLetterQueueArn: pulumi.Output<string>;
  readonly logGroupName: pulumi.Output<string>;
  readonly logGroupArn: pulumi.Output<string>;
  readonly permissionsBoundary?: string;
  /** What every guardrail's `config.json` says of the stack. */
  readonly config: pulumi.Output<StackConfig>;
}

/** What `config.json` says that is the same for every guardrail of a stack. */
export type StackConfig = Pick<GuardrailConfig, "who" | "recipients" | "metrics" | "ticking">;

export interface RemediatorArgs {
  readonly enabled: Inspected;
  readonly bundle: Promise<Bundle>;
  readonly shared: Shared;
}

/** Tries of a failed invocation after the first, a minute and two minutes later. */
const retries = 2;

/** The function of one guardrail: its own role with exactly the declared permissions, its code, its way to fail. */
export class Remediator extends pulumi.ComponentResource {
  readonly functionArn: pulumi.Output<string>;
  readonly functionName: pulumi.Output<string>;
  readonly roleArn: pulumi.Output<string>;

  constructor(name: string, args: RemediatorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("aws-event-guardrails:index:Remediator", name, {}, opts);
    const within = { parent: this };
    const { shared, enabled } = args;
    const { id } = enabled.definition;
    const tags = tagsOf(id);
    const role = createRole();
    const policy = new aws.iam.RolePolicy(name, { role: role.name, policy: createPolicy(args) }, within);
    const lambda = createFunction();
    createFailureWiring();
    this.functionArn = lambda.arn;
    this.functionName = lambda.name;
    this.roleArn = role.arn;
    this.registerOutputs({
      functionArn: this.functionArn,
      functionName: this.functionName,
      roleArn: this.roleArn,
    });

    function createRole(): aws.iam.Role {
      const trust = {
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
        ],
      };
      return new aws.iam.Role(
        name,
        {
          name: shared.place.apply(place => roleName(place, id)),
          path: rolePath,
          description: roleDescription(id, enabled.mode),
          assumeRolePolicy: JSON.stringify(trust),
          permissionsBoundary: shared.permissionsBoundary,
          tags,
        },
        { ...within, deleteBeforeReplace: true },
      );
    }

    function createFunction(): aws.lambda.Function {
      const code = pulumi.all([args.bundle, shared.config, shared.place]).apply(
        ([{ text, hash }, config, place]) =>
          new pulumi.asset.AssetArchive({
            "index.js": new pulumi.asset.StringAsset(text),
            "config.json": new pulumi.asset.StringAsset(configText(enabled, config, hash)),
            "place.json": new pulumi.asset.StringAsset(placeText(place)),
          }),
      );
      return new aws.lambda.Function(
        name,
        {
          name: nameOf(id),
          description: enabled.definition.title,
          role: role.arn,
          runtime: `nodejs${nodeVersion}.x`,
          architectures: ["arm64"],
          handler: "index.handler",
          code,
          memorySize: memoryMegabytes,
          timeout: timeoutSeconds,
          // Text, so that a line of ours stays a bare line: CloudWatch reads metrics from those only.
          loggingConfig: { logFormat: "Text", logGroup: shared.logGroupName },
          tags,
        },
        { ...within, deleteBeforeReplace: true, dependsOn: [policy] },
      );
    }

    function createFailureWiring(): void {
      new aws.lambda.FunctionEventInvokeConfig(
        name,
        {
          functionName: lambda.name,
          maximumRetryAttempts: retries,
          maximumEventAgeInSeconds: 6 * 3600,
          destinationConfig: { onFailure: { destination: shared.deadLetterQueueArn } },
        },
        { ...within, dependsOn: [policy] },
      );
    }
  }
}

/** `config.json` of the archive: what the stack config says of the guardrail and of who is who. */
export function configText(enabled: EnabledGuardrail, stack: StackConfig, code: string): string {
  const { mode, managed, sweep, budget, settings, exemptions } = enabled;
  const own = { mode, managed, sweep, budget, settings, exemptions };
  const config: GuardrailConfig = { format: 2, ...own, ...stack, code };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** `place.json` of the archive: where the function is. Names of what it uses are made of it, like those of what is made. */
export function placeText({ stack, partition, account, home }: StackPlace): string {
  const place: StackPlace = { stack, partition, account, home };
  return `${JSON.stringify(place, null, 2)}\n`;
}

/** The role's one policy. */
function createPolicy({ enabled, shared }: RemediatorArgs): pulumi.Output<string> {
  return pulumi
    .all([shared.place, shared.topicArn, shared.deadLetterQueueArn, shared.logGroupArn, shared.ledgerArn])
    .apply(([place, topic, queue, logGroup, ledger]) =>
      JSON.stringify(policyDocument(roleStatements(enabled, place, { topic, queue, logGroup, ledger }))),
    );
}
