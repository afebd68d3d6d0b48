import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { catalogue, defaultPack } from "../components/guardrails";
import { judgeStackFile } from "../components/admission/stack-file";
import { readSettings } from "../components/settings";
import type { StackKey } from "../components/settings/keys";
import type { StackPlace } from "../runtime/names";
import { inspectingGuardrails } from "./operator";
import { policyFor, type Command, type Subject } from "./permissions";
import { refusal } from "./refusals";
import { readStackConfig } from "../components/settings/file/stack-config";
import { stackFileOf } from "../components/settings/file/names";

const projectFolder = join(__dirname, "..");

/**
 * The policy of these commands as text to paste.
 * @param folder where the stack files are: the project's, unless a test has its own
 * @throws Refusal for an unknown guardrail
 */
export const policyText = (
  asked: readonly Command[],
  place: StackPlace,
  guardrail: string | undefined,
  stderr: Writable,
  folder?: string,
): string => {
  const subjects = subjectsOf(guardrail, settingsOf(place.stack, stderr, folder));
  return `${JSON.stringify(policyFor(asked, place, subjects), null, 2)}\n`;
};

/**
 * The guardrails with the settings that this stack gives them, which decide what a policy must allow; defaults where
 * the stack's file is not here or does not enable one.
 */
function subjectsOf(only: string | undefined, settings: Record<string, unknown>): Subject[] {
  const definitions = inspectingGuardrails().filter(({ id }) => only === undefined || id === only);
  if (definitions.length === 0)
    throw refusal(
      `There is no guardrail "${only}" that changes anything; there are ${inspectingGuardrails()
        .map(({ id }) => id)
        .join(", ")}.`,
      2,
    );
  return definitions.map(definition => ({
    definition,
    settings: settings[definition.id] ?? {
      ...(definition.settings.parse({}) as object),
      adminSecurityGroupId: { tag: { Key: "value" } },
      trusted: { accounts: [] },
    },
  }));
}

function settingsOf(stack: string, stderr: Writable, folder = projectFolder): Record<string, unknown> {
  const file = join(folder, stackFileOf(stack));
  if (!existsSync(file)) {
    stderr.write(
      `There is no ${stackFileOf(stack)} here: the policy is for every guardrail's default settings.\n`,
    );
    return {};
  }
  const project = "aws-event-guardrails";
  const group: StackKey = "adminSecurityGroupId";
  const text = readFileSync(file, "utf8");
  // The group's id is often set by hand only; it changes nothing in a policy.
  const given = { [`${project}:${group}`]: "sg-00000000000000000" };
  if (judgeStackFile(stack, text, given).mistakes.length > 0) {
    stderr.write(
      `${stackFileOf(stack)} has mistakes, which \`npm run guardrails -- check --stack ${stack}\` tells: the policy is for default settings.\n`,
    );
    return {};
  }
  const { guardrails } = readSettings(
    { ...given, ...readStackConfig(text, project) },
    catalogue,
    defaultPack,
  );
  return Object.fromEntries(guardrails.map(({ definition, settings }) => [definition.id, settings]));
}
