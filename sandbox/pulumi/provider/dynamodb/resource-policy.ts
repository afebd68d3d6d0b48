import {
  DeleteResourcePolicyCommand,
  DynamoDBClient,
  GetResourcePolicyCommand,
  PutResourcePolicyCommand,
} from "@aws-sdk/client-dynamodb";
import { z } from "zod";
import { remembered, type Existing } from "../existing";
import { arn, json, present } from "../inputs";
import { resourceType } from "../resource-type";

export const resourcePolicy = resourceType({
  type: "aws:dynamodb/resourcePolicy:ResourcePolicy",
  inputs: { resourceArn: arn, policy: json, confirmRemoveSelfResourceAccess: z.boolean().optional() },
  create: async ({ inputs, client }) => {
    const { RevisionId } = await put(client, inputs);
    return {
      id: inputs.resourceArn,
      outputs: {
        policy: inputs.policy,
        revisionId: present(RevisionId, "RevisionId"),
        confirmRemoveSelfResourceAccess: inputs.confirmRemoveSelfResourceAccess ?? false,
      },
    };
  },
  replaces: ["resourceArn"],
  defaults: { confirmRemoveSelfResourceAccess: false },
  read: async ({ id, client }) => {
    const found = await client(DynamoDBClient).send(new GetResourcePolicyCommand({ ResourceArn: id }));
    return { resourceArn: id, policy: found.Policy, revisionId: found.RevisionId };
  },
  updates: [
    { of: ["policy"], by: ({ inputs, client }) => put(client, inputs) },
    remembered("confirmRemoveSelfResourceAccess"),
  ],
  remove: ({ id, client }) =>
    client(DynamoDBClient).send(new DeleteResourcePolicyCommand({ ResourceArn: id })),
});

const put = (
  client: Existing["client"],
  inputs: { resourceArn: string; policy: string; confirmRemoveSelfResourceAccess?: boolean },
) =>
  client(DynamoDBClient).send(
    new PutResourcePolicyCommand({
      ResourceArn: inputs.resourceArn,
      Policy: inputs.policy,
      ConfirmRemoveSelfResourceAccess: inputs.confirmRemoveSelfResourceAccess,
    }),
  );
