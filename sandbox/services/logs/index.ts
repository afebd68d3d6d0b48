import { recordShapes } from "../../../records";
import { lacks, type Asked, type Named } from "../../iam/judged";
import { rolesAt, text, textsOf } from "../../iam/requirements/members";
import type { Service } from "../service";
import { logsHandlers } from "./handlers";

function resources({ input, action }: Asked): Named {
  const { logGroupName, logGroupIdentifier, logGroupArnList, logStreamName } = input;
  const groups = textsOf([logGroupName, logGroupIdentifier, logGroupArnList].flat());
  const bare = groups.map(group => group.replace(/:\*$/, ""));
  // Only tagging asks about the bare ARN, all else about the group's streams:
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
  return {
    "log-group": /(Tag|Untag)Resource$|:ListTagsForResource$/.test(action)
      ? textsOf(input.resourceArn)
      : bare.map(group => `${group}:log-stream:`),
    "log-stream": bare.map(group => `${group}:log-stream:${text(logStreamName) ?? "*"}`),
    destination: textsOf(input.destinationName),
  };
}

export const logs: Service = {
  name: "logs",
  sdk: { client: "CloudWatchLogsClient", load: () => import("@aws-sdk/client-cloudwatch-logs") },
  record: recordShapes.logs,
  handlers: logsHandlers,
  newer: ["GetLogObject"],
  resources,
  contextKeys: {},
  passes: {
    PutDestination: rolesAt("roleArn", "logs.amazonaws.com"),
    PutSubscriptionFilter: rolesAt("roleArn", "logs.amazonaws.com"),
  },
  facts: lacks("tags of log groups in conditions"),
  resourcePolicies: lacks("policies on destinations and log groups"),
  lacks: ["Logs Insights, live tail; filter patterns but for words"],
};
