import { recordShapes } from "../../../records";
import { lacks } from "../../iam/judged";
import { byMembers, keysOfMembers, rolesAt } from "../../iam/requirements/members";
import type { Service } from "../service";
import { monitoringHandlers } from "./handlers";

export const monitoring: Service = {
  name: "monitoring",
  prefix: "cloudwatch",
  sdk: { client: "CloudWatchClient", load: () => import("@aws-sdk/client-cloudwatch") },
  record: recordShapes.monitoring,
  denial: { code: "AccessDenied", status: 403 },
  handlers: monitoringHandlers,
  newer: [
    "AssociateDatasetKmsKey",
    "CreateResourceMetricsConfiguration",
    "DeleteResourceMetricsConfiguration",
    "DescribeAlarmContributors",
    "DisassociateDatasetKmsKey",
    "GetResourceMetricsConfiguration",
    "UpdateOTelEnrichment",
    "UpdateResourceMetricsConfiguration",
  ],
  resources: byMembers({
    "insight-rule": ["RuleName", "RuleNames"],
    "metric-stream": ["Name", "Names"],
  }),
  contextKeys: keysOfMembers("cloudwatch:namespace"),
  passes: { PutMetricStream: rolesAt("RoleArn", "streams.metrics.cloudwatch.amazonaws.com") },
  facts: lacks("tags of alarms in conditions"),
  resourcePolicies: "none",
  lacks: [
    "alarms on percentiles, anomalies or less than a minute, composite alarms, actions but topics, events of their state",
    "metric math but + - * /, `SUM`, `MIN`, `MAX` and `AVG` of lists, and `FILL`",
  ],
};
