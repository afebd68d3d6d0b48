import { GetTopicAttributesCommand } from "@aws-sdk/client-sns";
import { inParallel } from "../aws/parallel";
import { capabilities } from "../modes";
import { gaugeLine } from "../telling/metrics";
import type { Tick } from "./chore";
import { longest, periodOf } from "./period";

/** So many others are asked at a time. */
const atOnce = 10;

/**
 * Says how much is open, zero too, because an alarm takes silence for a guardrail that no longer ticks; how late the
 * timer rang, as an event would come; and how many of those who should get the mails do not. Whose tick cannot count
 * what is open says nothing of its timer either, so that it is missed.
 */
export async function gauges(tick: Tick): Promise<void> {
  const { guardrail, environment, ledger, occasion, world, write } = tick;
  const source = { stack: environment.stack, guardrail: guardrail.id };
  const say = (values: Parameters<typeof gaugeLine>[1]): void =>
    write(gaugeLine(source, values, world.now()));
  say({ Open: (await ledger.countOpen(guardrail.id)) + (await openElsewhere(tick)) });
  say({ TickDelay: Math.max(0, world.now() - Date.parse(occasion.time)) });
  const missing = await recipientsMissing(tick);
  if (missing > 0) say({ RecipientsMissing: missing });
}

/**
 * How many other guardrails have something open: the alarm takes the most that any tick says, and whoever switches one
 * timer off must not end it. Said once in a quarter of an hour, which is the longest time between two ticks of any.
 */
async function openElsewhere({ guardrail, config, ledger, occasion }: Tick): Promise<number> {
  const period = periodOf(guardrail.severity, capabilities[config.mode].acts);
  if (new Date(occasion.time).getUTCMinutes() % longest >= period) return 0;
  const others = config.ticking.filter(id => id !== guardrail.id);
  const have = await inParallel(others, atOnce, id => ledger.hasOpen(id));
  return have.filter(Boolean).length;
}

/** https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html */
async function recipientsMissing({ config, environment, sns }: Tick): Promise<number> {
  const asked = new GetTopicAttributesCommand({ TopicArn: environment.topicArn });
  const { Attributes = {} } = await sns.send(asked);
  const { SubscriptionsConfirmed = 0, SubscriptionsPending = 0 } = Attributes;
  // One that SNS has suspended is pending again, whoever else may have subscribed meanwhile.
  return Math.max(config.recipients - Number(SubscriptionsConfirmed), Number(SubscriptionsPending));
}
