import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
} from "@aws-sdk/client-cloudwatch-logs";
import type { Clock } from "../ground/clock";
import type { Environment } from "./environment";
import type { FunctionRecord } from "./store";

/** What Lambda does with a function's lines: they reach the function's log group with the permissions of its role. */
export interface FunctionLogs {
  add(environment: Environment, line: string): void;
  /** Writes what has come so far. Never throws: Lambda runs on without its log, and so do we, with a note. */
  flush(record: FunctionRecord, environment: Environment): Promise<void>;
}

export function createFunctionLogs(options: {
  readonly clock: Clock;
  endpoint(): string;
  note(text: string): void;
}): FunctionLogs {
  const lines = new WeakMap<Environment, { timestamp: number; message: string }[]>();
  const streams = new WeakSet<Environment>();
  const refused = new Set<string>();

  const createStream = async (
    client: CloudWatchLogsClient,
    { logging: { group } }: FunctionRecord,
    stream: string,
  ) => {
    const create = () =>
      client.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: stream }));
    try {
      await create();
    } catch (error) {
      if (error instanceof ResourceAlreadyExistsException) return;
      if (!(error instanceof ResourceNotFoundException)) throw error;
      await client.send(new CreateLogGroupCommand({ logGroupName: group }));
      await create();
    }
  };

  return {
    add: (environment, message) => {
      const own = lines.get(environment) ?? [];
      lines.set(environment, own);
      own.push({ timestamp: Math.round(options.clock.now()), message });
    },
    flush: async (record, environment) => {
      const logEvents = lines.get(environment) ?? [];
      lines.delete(environment);
      if (logEvents.length === 0 || refused.has(record.arn)) return;
      const { credentials, logStream } = environment;
      const client = new CloudWatchLogsClient({
        endpoint: options.endpoint(),
        region: record.region,
        credentials,
        maxAttempts: 1,
      });
      try {
        if (!streams.has(environment)) await createStream(client, record, logStream);
        streams.add(environment);
        await client.send(
          new PutLogEventsCommand({
            logGroupName: record.logging.group,
            logStreamName: logStream,
            logEvents,
          }),
        );
      } catch (error) {
        refused.add(record.arn);
        options.note(
          `The log lines of ${record.name} do not reach ${record.logging.group}: ${(error as Error).message}`,
        );
      } finally {
        client.destroy();
      }
    },
  };
}
