import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  ListTagsForResourceCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
  type LogGroup,
} from "@aws-sdk/client-cloudwatch-logs";
import { z } from "zod";
import { remembered, type Existing } from "./existing";
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
    const found = await find(client, name);
    return {
      id: name,
      outputs: {
        ...outputsOf(found),
        namePrefix: "",
        deletionProtectionEnabled: inputs.deletionProtectionEnabled ?? false,
        skipDestroy: inputs.skipDestroy ?? false,
      },
    };
  },
  namedBy: "name",
  replaces: ["name", "logGroupClass"],
  defaults: {
    retentionInDays: 0,
    logGroupClass: "STANDARD",
    deletionProtectionEnabled: false,
    skipDestroy: false,
  },
  read: async ({ id, client }) => {
    const found = await find(client, id);
    if (found === undefined) return undefined;
    const outputs = outputsOf(found);
    const { tags } = await client(CloudWatchLogsClient).send(
      new ListTagsForResourceCommand({ resourceArn: outputs.arn }),
    );
    return { ...outputs, kmsKeyId: found.kmsKeyId, tags: tags ?? {} };
  },
  updates: [
    {
      of: ["retentionInDays"],
      by: ({ id: logGroupName, inputs: { retentionInDays = 0 }, client }) =>
        retentionInDays === 0
          ? client(CloudWatchLogsClient).send(new DeleteRetentionPolicyCommand({ logGroupName }))
          : client(CloudWatchLogsClient).send(
              new PutRetentionPolicyCommand({ logGroupName, retentionInDays }),
            ),
    },
    remembered("skipDestroy"),
  ],
  tagging: ({ state, client }) => ({
    add: tags =>
      client(CloudWatchLogsClient).send(new TagResourceCommand({ resourceArn: String(state.arn), tags })),
    drop: tagKeys =>
      client(CloudWatchLogsClient).send(
        new UntagResourceCommand({ resourceArn: String(state.arn), tagKeys }),
      ),
  }),
  remove: async ({ id, state, client }) => {
    if (state.skipDestroy !== true)
      await client(CloudWatchLogsClient).send(new DeleteLogGroupCommand({ logGroupName: id }));
  },
});

async function find(client: Existing["client"], name: string): Promise<LogGroup | undefined> {
  const { logGroups = [] } = await client(CloudWatchLogsClient).send(
    new DescribeLogGroupsCommand({ logGroupNamePrefix: name }),
  );
  return logGroups.find(group => group.logGroupName === name);
}

const outputsOf = (found: LogGroup | undefined) => ({
  name: found?.logGroupName,
  // DescribeLogGroups ends the ARN in :*, the provider does not.
  arn: present(found?.arn, "the log group's ARN").replace(/:\*$/, ""),
  retentionInDays: found?.retentionInDays ?? 0,
  logGroupClass: found?.logGroupClass ?? "STANDARD",
});

export const logTypes = [logGroup];
