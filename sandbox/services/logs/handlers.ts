import type * as sdk from "@aws-sdk/client-cloudwatch-logs";
import { CloudWatchLogsClient, DescribeLogStreamsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { Account } from "../../state/account";
import { awsError, type Call, type Handlers } from "../../ground/call";
import type { Clock } from "../../ground/clock";
import type { Journal } from "../../ground/journal";
import type { Watch } from "../../watch";
import { readEmbedded } from "../../watch/emf";
import { notImplemented } from "../refused";

interface LogEvent {
  readonly id: number;
  readonly stream: string;
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
}

/**
 * Log events are kept here: the account's state judges their times by its own clock and refuses those of a clock that
 * was advanced. Groups and streams are the account's state.
 */
export function logsHandlers({
  account,
  clock,
  journal,
  watch,
}: {
  readonly account: Pick<Account, "client">;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly watch: Pick<Watch, "metrics" | "meter">;
}): Handlers {
  const groups = new Map<string, LogEvent[]>();
  let last = 0;
  const eventsOf = (call: Call) => {
    const key = `${call.account} ${call.region} ${groupOf(call)}`;
    const found = groups.get(key) ?? [];
    groups.set(key, found);
    return found;
  };
  const forget = (call: Call, stream?: string) => {
    const events = eventsOf(call);
    events.splice(
      0,
      events.length,
      ...events.filter(event => stream !== undefined && event.stream !== stream),
    );
  };

  /** Lines in the embedded metric format become metrics; what is wrong with one is counted, as on AWS, and said. */
  const measure = (call: Call, line: string) => {
    try {
      const embedded = readEmbedded(line);
      for (const { metric, summary, unit } of embedded?.values ?? [])
        watch.metrics.put(call, metric, summary, embedded?.at ?? clock.now(), unit);
    } catch (error) {
      const LogGroupName = groupOf(call);
      watch.meter(call, "AWS/Logs", { LogGroupName }, { EMFValidationErrors: 1 });
      const text = `CloudWatch takes no metric of a line in ${LogGroupName}: ${(error as Error).message}`;
      journal.add({ at: clock.now(), kind: "note", text });
    }
  };

  return {
    PutLogEvents: async ({ call }) => {
      const { logStreamName = "", logEvents = [] } = call.input as unknown as sdk.PutLogEventsCommandInput;
      await checkStream(account, call, logStreamName);
      const ingestionTime = Math.round(clock.now());
      for (const { timestamp = ingestionTime, message = "" } of logEvents) {
        eventsOf(call).push({ id: (last += 1), stream: logStreamName, timestamp, ingestionTime, message });
        measure(call, message);
      }
      return { output: { nextSequenceToken: String(last) } };
    },
    GetLogEvents: async ({ call }) => {
      const input = call.input as unknown as sdk.GetLogEventsCommandInput;
      await checkStream(account, call, input.logStreamName ?? "");
      const events = within(eventsOf(call), input).filter(({ stream }) => stream === input.logStreamName);
      const { limit = 10_000, startFromHead = false } = input;
      const shown = startFromHead ? events.slice(0, limit) : events.slice(-limit);
      // All at once: the same token again tells the caller that there is no more.
      const [nextForwardToken, nextBackwardToken] = [`f/${last}`, `b/${last}`];
      const page = input.nextToken === undefined ? shown.map(withoutStream) : [];
      return { output: { events: page, nextForwardToken, nextBackwardToken } };
    },
    FilterLogEvents: async ({ call }) => {
      const input = call.input as unknown as sdk.FilterLogEventsCommandInput;
      const { filterPattern, logStreamNames, logStreamNamePrefix = "", limit = 10_000, nextToken } = input;
      const matches = patternTest(filterPattern ?? "");
      const found = within(eventsOf(call), input)
        .filter(({ stream }) => logStreamNames?.includes(stream) ?? stream.startsWith(logStreamNamePrefix))
        .filter(({ message }) => matches(message));
      const start = Number(nextToken ?? 0);
      const events = found.slice(start, start + limit).map(event => ({
        ...withoutStream(event),
        logStreamName: event.stream,
        eventId: String(event.id),
      }));
      const more = start + limit < found.length ? { nextToken: String(start + limit) } : {};
      return { output: { events, searchedLogStreams: [], ...more } };
    },
    DeleteLogGroup: async ({ call, forward }) => {
      const answer = await forward();
      forget(call);
      return answer;
    },
    DeleteLogStream: async ({ call, forward }) => {
      const answer = await forward();
      forget(call, call.input.logStreamName as string);
      return answer;
    },
    PutMetricFilter: refuse,
    PutSubscriptionFilter: refuse,
    StartQuery: refuse,
    StartLiveTail: refuse,
    TestMetricFilter: refuse,
  };
}

const refuse: Handlers[string] = async ({ call }) => {
  throw notImplemented("logs", call.operation);
};

const groupOf = ({ input }: Call): string => {
  const name = (input.logGroupName ?? input.logGroupIdentifier ?? "") as string;
  return /:log-group:([^:]+)/.exec(name)?.[1] ?? name;
};

/** @throws AwsError ResourceNotFoundException */
async function checkStream(account: Pick<Account, "client">, call: Call, stream: string): Promise<void> {
  const missing = (what: string) =>
    awsError("ResourceNotFoundException", `The specified log ${what} does not exist.`);
  const client = account.client(CloudWatchLogsClient, call);
  const command = new DescribeLogStreamsCommand({
    logGroupName: groupOf(call),
    logStreamNamePrefix: stream,
  });
  const { logStreams = [] } = await client.send(command).catch((error: Error) => {
    throw error.name === "ResourceNotFoundException" ? missing("group") : error;
  });
  if (!logStreams.some(({ logStreamName }) => logStreamName === stream)) throw missing("stream");
}

/** In time order, from the start on and before the end. */
const within = (
  events: readonly LogEvent[],
  { startTime = 0, endTime = Infinity }: sdk.GetLogEventsRequest | sdk.FilterLogEventsRequest,
) =>
  events
    .filter(({ timestamp }) => timestamp >= startTime && timestamp < endTime)
    .sort((one, other) => one.timestamp - other.timestamp || one.id - other.id);

const withoutStream = ({ timestamp, message, ingestionTime }: LogEvent) => ({
  timestamp,
  message,
  ingestionTime,
});

/** Plain terms: all must be there, "-term" must not, quotes keep words together. Other pattern forms are refused. */
function patternTest(pattern: string): (message: string) => boolean {
  if (/^\s*[{[%]|\?/.test(pattern))
    throw notImplemented("logs", "FilterLogEvents", `the filter pattern ${pattern}`);
  const terms = [...pattern.matchAll(/(-?)(?:"((?:\\.|[^"])*)"|(\S+))/g)].map(([, minus, quoted, word]) => ({
    isWanted: minus === "",
    text: quoted?.replace(/\\(.)/g, "$1") ?? word ?? "",
  }));
  return message => terms.every(({ isWanted, text }) => message.includes(text) === isWanted);
}
