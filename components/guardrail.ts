import * as pulumi from "@pulumi/pulumi";
import type { Bundle } from "./bundle";
import { hasFunction } from "./kinds";
import { partsOf } from "./parts";
import { Remediator, type Shared } from "./remediator";
import type { EnabledGuardrail } from "./settings/guardrails";
import { createSources, transformerOf, type Target } from "./sources";

export interface GuardrailArgs {
  readonly enabled: EnabledGuardrail;
  /** The code of every enabled guardrail's function, by id. */
  readonly bundles: Promise<Readonly<Record<string, Bundle>>>;
  readonly shared: Shared;
}

/** One enabled guardrail: a rule per trigger, and what the rules invoke. Everything of it goes when it is disabled. */
export class Guardrail extends pulumi.ComponentResource {
  readonly id: string;
  /** What the stack's outputs say of it. */
  readonly summary: { mode: string; rules: pulumi.Output<string>[]; function?: pulumi.Output<string> };

  constructor(name: string, args: GuardrailArgs, opts?: pulumi.ComponentResourceOptions) {
    super("aws-event-guardrails:index:Guardrail", name, {}, opts);
    const within = { parent: this };
    const { enabled, shared, bundles } = args;
    const { definition, mode } = enabled;
    const parts = partsOf(definition, { stack: pulumi.getStack() }, mode);
    const target = createTarget();
    const sources = createSources(parts, { definition, mode, target, shared }, within);
    this.id = definition.id;
    this.summary = { mode, rules: sources.map(rule => rule.name), function: target.functionName };
    this.registerOutputs({
      ruleArns: sources.map(rule => rule.arn),
      functionArn: target.functionName && target.arn,
    });

    function createTarget(): Target {
      if (!hasFunction(definition))
        return { arn: shared.topicArn, inputTransformer: transformerOf(definition.notice) };
      const bundle = bundles.then(all => all[definition.id]);
      const remediator = new Remediator(
        name,
        { enabled: { ...enabled, definition }, bundle, shared },
        within,
      );
      return { arn: remediator.functionArn, functionName: remediator.functionName };
    }
  }
}
