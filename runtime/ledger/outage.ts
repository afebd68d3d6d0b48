import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { codeOf } from "../aws/errors";

type Client = Pick<DynamoDBClient, "send">;

/** How the table says that a condition of ours does not hold. */
const answers = ["ConditionalCheckFailedException", "TransactionCanceledException"];

/**
 * The same client, which says so whenever the table has not done what it was asked to: it cannot be reached, has too much
 * to do, or refuses this function.
 */
export function hearingOutages(client: Client, onOutage: () => void): Client {
  const send = async (command: Parameters<DynamoDBClient["send"]>[0]): Promise<unknown> => {
    try {
      return await client.send(command);
    } catch (error) {
      if (!answers.includes(codeOf(error))) onOutage();
      throw error;
    }
  };
  return { send } as Client;
}
