import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { judgeStackFile, mistakesOf } from "../../components/admission/stack-file";
import { catalogue, defaultPack } from "../../components/guardrails";
import { readSettings, type Settings } from "../../components/settings";
import { readStackConfig } from "../../components/settings/file/stack-config";
import { refusal } from "../refusals";

const projectFolder = join(__dirname, "..", "..");

/** What `Pulumi.<stack>.yaml` in this folder says, checked. @throws Refusal when it is not here or has mistakes */
export function readStackFile(stack: string, folder = projectFolder): Settings {
  const file = join(folder, `Pulumi.${stack}.yaml`);
  if (!existsSync(file))
    throw refusal(
      `There is no Pulumi.${stack}.yaml here, and only it says what this stack requires: check out the one that was deployed.`,
      2,
    );
  const text = readFileSync(file, "utf8");
  const verdict = judgeStackFile(stack, text);
  if (verdict.mistakes.length > 0) throw refusal(mistakesOf(verdict).join("\n"), 2);
  return readSettings(readStackConfig(text, "aws-event-guardrails"), catalogue, defaultPack);
}
