import type { Definition } from "../../components/definition";
import { catalogue } from "../../components/guardrails";
import { capabilitiesOf } from "../../components/kinds";
import { proofs } from "../guardrails";

const project = "aws-event-guardrails";

/** What a guardrail is given in the stack of everything: it goes as far as it can, with the settings of its proof. */
function given(definition: Definition): object {
  const proof = proofs.find(({ guardrail }) => guardrail === definition.id);
  const settings = proof === undefined || proof.kind === "direct" ? {} : proof.settings;
  return { mode: capabilitiesOf(definition).modes.at(-1), ...settings };
}

/**
 * The config of a stack with every guardrail of the catalogue on, as Pulumi hands it to a program. Only
 * `adminSecurityGroupId` is for whoever makes the account to add. Stack files are the user's: no test reads them.
 */
export const everything = (): Record<string, string> => ({
  "aws:region": "us-east-1",
  [`${project}:recipients`]: JSON.stringify(["secops@example.com", "netops@example.com"]),
  [`${project}:guardrails`]: JSON.stringify(
    Object.fromEntries((catalogue as readonly Definition[]).map(one => [one.id, given(one)])),
  ),
});
