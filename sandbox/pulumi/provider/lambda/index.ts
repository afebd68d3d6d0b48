import { functionEventInvokeConfig } from "./event-invoke-config";
import { fn } from "./function";
import { permission } from "./permission";

/** `folder`: where the paths of file assets begin. */
export const lambdaTypes = (folder: string) => [fn(folder), permission, functionEventInvokeConfig];
