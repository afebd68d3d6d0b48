import * as pulumi from "@pulumi/pulumi";
import { admit, admitName } from "./components/admission";
import { catalogue, defaultPack } from "./components/guardrails";
import { readSettings } from "./components/settings";
import { warningInWords } from "./components/settings/mistakes";
import { createStack } from "./components/stack";

const stack = pulumi.getStack();
const settings = readSettings(pulumi.runtime.allConfig(), catalogue, defaultPack, { stack });
admitName(settings);
settings.warnings.forEach(warning => void pulumi.log.warn(warningInWords(warning, stack)));

/** What it gives are the stack's outputs. */
export = async () => {
  await admit(settings);
  return createStack(settings);
};
