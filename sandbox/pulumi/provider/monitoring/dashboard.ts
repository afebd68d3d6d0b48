import {
  CloudWatchClient,
  DeleteDashboardsCommand,
  GetDashboardCommand,
  PutDashboardCommand,
} from "@aws-sdk/client-cloudwatch";
import { arnOf } from "../../../../runtime/aws/partition";
import type { Existing } from "../existing";
import { json, nameOf } from "../inputs";
import { resourceType } from "../resource-type";

export const dashboard = resourceType({
  type: "aws:cloudwatch/dashboard:Dashboard",
  inputs: { dashboardName: nameOf(/^[\w-]+$/, 255), dashboardBody: json },
  create: async ({ inputs: { dashboardName, dashboardBody }, client, region, account }) => {
    await put(client, dashboardName, dashboardBody);
    return {
      id: dashboardName,
      outputs: { dashboardArn: arnIn(region, await account(), dashboardName), dashboardBody },
    };
  },
  namedBy: "dashboardName",
  replaces: ["dashboardName"],
  read: async ({ id, client }) => {
    const found = await client(CloudWatchClient).send(new GetDashboardCommand({ DashboardName: id }));
    return { dashboardName: id, dashboardArn: found.DashboardArn, dashboardBody: found.DashboardBody };
  },
  updates: [{ of: ["dashboardBody"], by: ({ id, inputs, client }) => put(client, id, inputs.dashboardBody) }],
  remove: ({ id, client }) =>
    client(CloudWatchClient).send(new DeleteDashboardsCommand({ DashboardNames: [id] })),
});

/** A dashboard's ARN has no region. */
const arnIn = (region: string, account: string, name: string) =>
  arnOf("cloudwatch", region, account, `dashboard/${name}`).replace(`:${region}:`, "::");

async function put(client: Existing["client"], name: string, body: string): Promise<void> {
  const { DashboardValidationMessages: [problem] = [] } = await client(CloudWatchClient).send(
    new PutDashboardCommand({ DashboardName: name, DashboardBody: body }),
  );
  if (problem !== undefined)
    throw new Error(`${problem.DataPath ?? "dashboardBody"}: ${problem.Message ?? "refused"}`);
}
