import * as pulumi from "@pulumi/pulumi";
import { catalogue, defaultPack } from "./components/guardrails";
import { admitDeployer } from "./components/place";
import { readSettings } from "./components/settings";
import { createStack } from "./components/stack";

const settings = readSettings(pulumi.runtime.allConfig(), catalogue, defaultPack);
settings.warnings.forEach(warning => void pulumi.log.warn(warning));

/** What it gives are the stack's outputs. */
export = async () => {
  await admitDeployer(settings.deployers);
  return createStack(settings);
};
