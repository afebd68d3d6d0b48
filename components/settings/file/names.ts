import { readdirSync } from "node:fs";

/** Pulumi's name for the file of a stack's settings: https://www.pulumi.com/docs/iac/concepts/projects/stack-settings-file/ */
export const stackFileOf = (stack: string): string => `Pulumi.${stack}.yaml`;

/** The stacks that have a file in this folder. */
export const stacksIn = (folder: string): string[] =>
  readdirSync(folder).flatMap(file => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
