import { GetQueueUrlCommand, QueueDoesNotExist, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Account } from "../state/account";
import { awsError } from "../ground/call";
import { serviceMay } from "../iam/decide";
import { stringAttributes } from "../lambda/destinations";
import type { QueueMessages } from "../watch/queue-messages";
import type { PolicyDocument } from "../iam/policies";

/** A service that acts on its own, on behalf of a rule, a topic or an alarm. */
export interface ServiceSender {
  /** e.g. events.amazonaws.com */
  readonly service: string;
  readonly sourceArn: string;
  readonly sourceAccount: string;
}

/** The policy on a resource, by its ARN. */
export type ReadPolicy = (arn: string) => Promise<PolicyDocument | undefined>;

export interface Message {
  readonly queueArn: string;
  readonly body: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly groupId?: string;
}

/** Queues as services reach them. Their messages are kept by the account's state. */
export interface Queues {
  /** Sends a message if the queue's policy admits the service. @throws AwsError AccessDenied, AWS.SimpleQueueService.NonExistentQueue */
  sendAs(sender: ServiceSender, message: Message): Promise<void>;
}

export function createQueues(options: {
  readonly account: Pick<Account, "client">;
  readonly resourcePolicy: ReadPolicy;
  readonly messages: Pick<QueueMessages, "sent">;
}): Queues {
  return {
    sendAs: async (sender, { queueArn, body, attributes = {}, groupId }) => {
      const [, , , region = "", account = "", QueueName] = queueArn.split(":");
      const client = options.account.client(SQSClient, { region, account });
      const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName })).catch(missing);
      await admit({ ...sender, action: "sqs:SendMessage", resource: queueArn }, options.resourcePolicy);
      const { MessageId = "" } = await client.send(
        new SendMessageCommand({
          QueueUrl,
          MessageBody: body,
          MessageAttributes: stringAttributes(attributes),
          MessageGroupId: groupId,
        }),
      );
      options.messages.sent(queueArn, MessageId);
    },
  };
}

function missing(error: unknown): never {
  if (!(error instanceof QueueDoesNotExist)) throw error;
  throw awsError("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.");
}

/** @throws AwsError AccessDenied when the resource's policy does not admit the service. */
export async function admit(
  request: ServiceSender & { readonly action: string; readonly resource: string },
  resourcePolicy: ReadPolicy,
): Promise<void> {
  const decision = serviceMay({ ...request, policy: await resourcePolicy(request.resource) });
  if (!decision.allowed)
    throw awsError(
      "AccessDenied",
      `User: ${request.service} is not authorized to perform: ${request.action} on resource: ${request.resource} ${decision.reason}`,
      403,
    );
}
