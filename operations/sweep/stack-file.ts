import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
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
  try {
    return readSettings(
      readStackConfig(readFileSync(file, "utf8"), "aws-event-guardrails"),
      catalogue,
      defaultPack,
    );
  } catch (error) {
    throw refusal(`Pulumi.${stack}.yaml cannot be read: ${(error as Error).message}`, 2);
  }
}
