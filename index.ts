import * as pulumi from "@pulumi/pulumi";
import { catalogue, defaultPack } from "./components/guardrails";
import { readSettings } from "./components/settings";
import { createStack } from "./components/stack";

const settings = readSettings(pulumi.runtime.allConfig(), catalogue, defaultPack);
settings.warnings.forEach(warning => void pulumi.log.warn(warning));

export const { topicArn, deadLetterQueueUrl, ledgerTable, dashboardName, guardrails, regions, reminder } =
  createStack(settings);
