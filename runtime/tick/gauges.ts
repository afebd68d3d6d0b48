import { GetTopicAttributesCommand } from "@aws-sdk/client-sns";
import { gaugeLine } from "../telling/metrics";
import type { Tick } from "./chore";

/**
 * Says how much is open, zero too, because an alarm takes silence for a guardrail that no longer ticks; how late the
 * timer rang, as an event would come; and how many of those who should get the mails do not.
 */
export async function gauges(tick: Tick): Promise<void> {
  const { guardrail, environment, ledger, occasion, world, write } = tick;
  const source = { stack: environment.stack, guardrail: guardrail.id };
  const say = (values: Parameters<typeof gaugeLine>[1]): void =>
    write(gaugeLine(source, values, world.now()));
  say({ TickDelay: Math.max(0, world.now() - Date.parse(occasion.time)) });
  say({ Open: await ledger.countOpen(guardrail.id) });
  const missing = await recipientsMissing(tick);
  if (missing > 0) say({ RecipientsMissing: missing });
}

/** https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html */
async function recipientsMissing({ config, environment, sns }: Tick): Promise<number> {
  const asked = new GetTopicAttributesCommand({ TopicArn: environment.topicArn });
  const { Attributes = {} } = await sns.send(asked);
  const { SubscriptionsConfirmed = 0, SubscriptionsPending = 0 } = Attributes;
  // One that SNS has suspended is pending again, whoever else may have subscribed meanwhile.
  return Math.max(config.recipients - Number(SubscriptionsConfirmed), Number(SubscriptionsPending));
}
