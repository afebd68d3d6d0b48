import { resourcePolicy } from "./resource-policy";
import { table } from "./table";

export const dynamodbTypes = [table, resourcePolicy];
