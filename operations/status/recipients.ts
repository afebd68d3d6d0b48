import { ListSubscriptionsByTopicCommand } from "@aws-sdk/client-sns";
import { topicArn } from "../../runtime/names";
import type { Operator } from "../operator";

/** One address, and whether mails reach it. */
export interface Recipient {
  readonly address: string;
  /** pending: SNS waits for its link to be followed; missing: it should get mails, and SNS does not know it. */
  readonly state: "confirmed" | "pending" | "missing";
}

/** Who gets the mails, and of those who should, who does not. @throws Error of SNS */
export async function recipientsOf(operator: Operator, wanted: readonly string[]): Promise<Recipient[]> {
  const subscribed = await subscriptionsOf(operator);
  const known = new Set(subscribed.map(({ address }) => address.toLowerCase()));
  const missing = wanted.filter(address => !known.has(address.toLowerCase()));
  return [...subscribed, ...missing.map(address => ({ address, state: "missing" as const }))];
}

async function subscriptionsOf({ sns, place }: Operator): Promise<Recipient[]> {
  const found: Recipient[] = [];
  let NextToken: string | undefined;
  do {
    const page = await sns.send(
      new ListSubscriptionsByTopicCommand({ TopicArn: topicArn(place), NextToken }),
    );
    for (const { Protocol, Endpoint = "", SubscriptionArn = "" } of page.Subscriptions ?? []) {
      if (Protocol !== "email" || SubscriptionArn === "Deleted") continue;
      const isConfirmed = SubscriptionArn.startsWith("arn:");
      found.push({ address: Endpoint, state: isConfirmed ? "confirmed" : "pending" });
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}
