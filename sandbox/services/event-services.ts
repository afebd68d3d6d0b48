import type { Account } from "../state/account";
import { createActivity, type Activity } from "../ground/activity";
import { createBus, type Bus } from "../delivery/bus";
import { awsError, type Handlers } from "../ground/call";
import type { Clock } from "../ground/clock";
import { createFunctions, type Functions, type FunctionsOptions } from "../lambda/functions";
import { functionPolicy } from "../lambda/store";
import type { Journal } from "../ground/journal";
import { parsePolicy, type PolicyDocument } from "../iam/policies";
import { handlersOf } from ".";
import { createAlarmActions } from "../delivery/alarm-actions";
import { createWatch, type Watch } from "../watch";
import { createTopics, type InvokeAs, type Topics } from "../delivery/topics";
import { admit, createQueues, type ReadPolicy } from "../delivery/queues";

/** Everything between an event and its end: bus, functions, topics, queues, logs and alarms. */
export interface EventServices {
  readonly bus: Bus;
  readonly functions: Functions;
  readonly topics: Topics;
  readonly watch: Watch;
  readonly activity: Activity;
  /** For the gateway: what services serve outside the account's state. */
  readonly handlers: Handlers;
  /** Policies and tags of what lives here and not in the account's state: functions and event buses. */
  policyOf(arn: string): PolicyDocument | undefined;
  tagsOf(arn: string): Readonly<Record<string, string>> | undefined;
  /** Resolves when no delivery, invocation or mail is under way; retries that wait for their time are not. */
  idle(): Promise<void>;
  /** Deliveries and invocations that wait for their next try. */
  readonly retrying: number;
  /** Forgets rules, functions and subscriptions, and ends the functions' processes. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

export interface EventServicesOptions {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly account: Account;
  /** The policy on a topic, queue, function or bus by its ARN: the policy store's, which asks `policyOf` first. */
  readonly resourcePolicy: ReadPolicy;
  /** The gateway's URL and keys; asked for when the first function runs. */
  readonly endpoint: FunctionsOptions["endpoint"];
  readonly credentialsFor: FunctionsOptions["credentialsFor"];
  /** Whether recipients confirm their mail subscriptions by themselves (the default), with a note. */
  readonly confirmsMail?: boolean;
  /** Processes of one function that may run at once (1), and that are kept in all (8). */
  readonly concurrency?: number;
  readonly warm?: number;
  /** Milliseconds from one firing of each schedule to its next, whatever it says. */
  readonly every?: number;
}

export async function createEventServices(options: EventServicesOptions): Promise<EventServices> {
  const { clock, journal, account, resourcePolicy } = options;
  const activity = createActivity(clock);
  const watch = createWatch({ clock, changed: (...change) => act(...change) });
  const { meter, messages } = watch;
  const functions = await createFunctions({ ...options, activity, meter });
  const queues = createQueues({ account, resourcePolicy, messages });
  const invokeAs: InvokeAs = async (sender, arn, payload, cause) => {
    if (functions.store.byArn(arn) === undefined)
      throw awsError("ResourceNotFoundException", `Function not found: ${arn}`, 404);
    await admit({ ...sender, action: "lambda:InvokeFunction", resource: arn }, resourcePolicy);
    functions.invokeAsync(arn, payload, cause);
  };
  const around = { clock, journal, activity, meter, queues, invokeAs };
  const topics = createTopics({ ...around, account, resourcePolicy });
  const act = createAlarmActions({ ...around, topics });
  const bus = createBus({ ...around, topics, every: options.every });
  const reset = async () => {
    watch.reset();
    bus.reset();
    topics.reset();
    await functions.reset();
  };

  return {
    bus,
    functions,
    topics,
    watch,
    activity,
    handlers: handlersOf({
      account,
      clock,
      journal,
      bus,
      functions,
      watch,
      topics,
      confirmsMail: options.confirmsMail ?? true,
    }),
    policyOf: arn => {
      const record = functions.store.byArn(arn);
      const found = bus.buses.byArn(arn);
      const policy = record ? functionPolicy(record) : found && "policy" in found ? found.policy : undefined;
      return policy === undefined ? undefined : parsePolicy(policy);
    },
    tagsOf: arn => functions.store.byArn(arn)?.tags ?? bus.buses.byArn(arn)?.tags,
    idle: () => activity.idle(),
    get retrying() {
      return bus.retrying + functions.retrying;
    },
    reset,
    stop: async () => {
      await reset();
      await functions.stop();
    },
  };
}
