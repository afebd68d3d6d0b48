import { nameOf } from "../inputs";

/** Limits: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
export const busName = nameOf(/^(arn:\S+|[/.\-_A-Za-z0-9]+)$/, 1600);
export const ruleName = nameOf(/^[.\-_A-Za-z0-9]+$/, 64);

export const isDefault = (bus: string | undefined): boolean => bus === undefined || bus === "default";
