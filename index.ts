import * as pulumi from "@pulumi/pulumi";
import { admit, admitName } from "./components/admission";
import { catalogue, defaultPack } from "./components/guardrails";
import { readSettings } from "./components/settings";
import { createStack } from "./components/stack";

const settings = readSettings(pulumi.runtime.allConfig(), catalogue, defaultPack);
admitName(settings);
settings.warnings.forEach(warning => void pulumi.log.warn(warning));

/** What it gives are the stack's outputs. */
export = async () => {
  await admit(settings);
  return createStack(settings);
};
