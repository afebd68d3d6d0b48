import * as pulumi from "@pulumi/pulumi";
import { admit, admitName } from "./components/admission";
import { catalogue, defaultPack } from "./components/guardrails";
import { lookUp } from "./components/place";
import { readSettings } from "./components/settings";
import { warningInWords } from "./components/settings/mistakes";
import { createStack } from "./components/stack";

const stack = pulumi.getStack();
const settings = readSettings(pulumi.runtime.allConfig(), catalogue, defaultPack, { stack });
admitName(settings);
settings.warnings.forEach(warning => void pulumi.log.warn(warningInWords(warning, stack)));

/** What it gives are the stack's outputs. */
export = async () => {
  const { place, caller } = await lookUp();
  await admit(settings, place, caller);
  return createStack(settings, place);
};
