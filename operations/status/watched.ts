import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { GetQueueAttributesCommand, GetQueueUrlCommand } from "@aws-sdk/client-sqs";
import { alarmsOf as deployedWith } from "../../components/shared/alarms";
import { partName, queueName } from "../../runtime/names";
import type { Operator } from "../operator";

/** An alarm of the stack. */
export interface Alarm {
  /** Without the stack's part of its name, such as `held`. */
  readonly what: string;
  readonly state: "OK" | "ALARM" | "INSUFFICIENT_DATA";
  /** What is so when it sounds, and what to do: our words, and not what may stand with the alarm by now. */
  readonly description: string;
  /** Since when it has this state, epoch milliseconds. */
  readonly since?: number;
}

/** Those that are deployed; without functions a stack has fewer. @throws Error of CloudWatch */
export async function alarmsOf({ cloudwatch, place }: Operator): Promise<Alarm[]> {
  const { stack } = place;
  const known = deployedWith({ stack, functions: 1, ticksAnHour: 1 }).map(
    ({ what, description }) => [partName(stack, what), { what, description }] as const,
  );
  const AlarmNames = known.map(([name]) => name);
  const { MetricAlarms = [] } = await cloudwatch.send(
    new DescribeAlarmsCommand({ AlarmNames, AlarmTypes: ["MetricAlarm"], MaxRecords: 100 }),
  );
  return known.flatMap(([name, about]) => {
    const there = MetricAlarms.find(({ AlarmName }) => AlarmName === name);
    if (there === undefined) return [];
    const since = there.StateTransitionedTimestamp ?? there.StateUpdatedTimestamp;
    return [{ ...about, state: there.StateValue ?? "INSUFFICIENT_DATA", since: since?.getTime() }];
  });
}

/** How many events are in the dead-letter queue, roughly; those that somebody is reading just now among them. @throws Error of SQS */
export async function failedEventsOf({ sqs, place }: Operator): Promise<number> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queueName(place.stack) }));
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    }),
  );
  return (
    Number(Attributes.ApproximateNumberOfMessages ?? 0) +
    Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0)
  );
}
