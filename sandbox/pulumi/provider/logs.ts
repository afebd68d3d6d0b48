import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DescribeLogGroupsCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { z } from "zod";
import { arn, nameOf, present, tags } from "./inputs";
import { resourceType } from "./resource-type";

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html; 0: forever. */
const retentionDays = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const logGroup = resourceType({
  type: "aws:cloudwatch/logGroup:LogGroup",
  inputs: {
    name: nameOf(/^[.\-_/#A-Za-z0-9]+$/, 512).optional(),
    retentionInDays: z
      .number()
      .refine(days => retentionDays.includes(days), `expected one of ${retentionDays.join(", ")}`)
      .optional(),
    kmsKeyId: arn.optional(),
    logGroupClass: z.enum(["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"]).optional(),
    deletionProtectionEnabled: z.boolean().optional(),
    skipDestroy: z.boolean().optional(),
    tags: tags.optional(),
  },
  create: async ({ inputs, client, autoName, tags }) => {
    const logs = client(CloudWatchLogsClient);
    const name = inputs.name ?? autoName;
    await logs.send(
      new CreateLogGroupCommand({
        logGroupName: name,
        kmsKeyId: inputs.kmsKeyId,
        logGroupClass: inputs.logGroupClass,
        deletionProtectionEnabled: inputs.deletionProtectionEnabled,
        tags: Object.keys(tags).length > 0 ? tags : undefined,
      }),
    );
    if ((inputs.retentionInDays ?? 0) > 0)
      await logs.send(
        new PutRetentionPolicyCommand({ logGroupName: name, retentionInDays: inputs.retentionInDays }),
      );
    const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
    const found = logGroups.find(group => group.logGroupName === name);
    return {
      id: name,
      outputs: {
        name,
        namePrefix: "",
        // DescribeLogGroups ends the ARN in :*, the provider does not.
        arn: present(found?.arn, "the log group's ARN").replace(/:\*$/, ""),
        retentionInDays: found?.retentionInDays ?? 0,
        logGroupClass: found?.logGroupClass ?? inputs.logGroupClass ?? "STANDARD",
        deletionProtectionEnabled: inputs.deletionProtectionEnabled ?? false,
        skipDestroy: inputs.skipDestroy ?? false,
      },
    };
  },
});

export const logTypes = [logGroup];
