import { plainRecord } from "../../../records";
import { lacks } from "../../iam/judged";
import { byMembers } from "../../iam/requirements/members";
import type { Service } from "../service";
import { cloudtrailHandlers } from "./handlers";

export const cloudtrail: Service = {
  name: "cloudtrail",
  sdk: { client: "CloudTrailClient", load: () => import("@aws-sdk/client-cloudtrail") },
  record: plainRecord,
  handlers: cloudtrailHandlers,
  newer: ["ListInsightsMetricData"],
  resources: byMembers({ trail: ["Name", "TrailName"] }),
  contextKeys: {},
  tagging: "AddTags",
  facts: lacks("tags of trails in conditions"),
  resourcePolicies: "none",
  lacks: [
    "all but `LookupEvents`: trails, event data stores, Insights; events come without a trail",
    "of an event's resources only those of common types (shown.ts)",
  ],
};
