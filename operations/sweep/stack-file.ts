import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { judgeStackFile, mistakesOf } from "../../components/admission/stack-file";
import { catalogue, defaultPack } from "../../components/guardrails";
import { readSettings, type Settings } from "../../components/settings";
import { readStackConfig } from "../../components/settings/file/stack-config";
import { refusal } from "../refusals";
import { stackFileOf } from "../../components/settings/file/names";

const projectFolder = join(__dirname, "..", "..");

/**
 * What `Pulumi.<stack>.yaml` in this folder says, checked.
 * @param filled stands for keys that it leaves out
 * @throws Refusal when it is not here or has mistakes
 */
export function readStackFile(
  stack: string,
  folder = projectFolder,
  filled: Readonly<Record<string, string>> = {},
): Settings {
  const file = join(folder, stackFileOf(stack));
  if (!existsSync(file))
    throw refusal(
      `There is no ${stackFileOf(stack)} here, and only it says what this stack requires: check out the one that was deployed.`,
      2,
    );
  const text = readFileSync(file, "utf8");
  const verdict = judgeStackFile(stack, text, filled);
  if (verdict.mistakes.length > 0) throw refusal(mistakesOf(verdict).join("\n"), 2);
  return readSettings(
    { ...filled, ...readStackConfig(text, "aws-event-guardrails") },
    catalogue,
    defaultPack,
  );
}
