import { join } from "node:path";
import { startAccount, type Account } from "./account";
import { createActivity } from "./activity";
import { createAuthorizer, type Authorizer } from "./authorize";
import { createBus } from "./bus";
import { createClock, type Clock } from "./clock";
import { runProgram, type RunOptions, type RunResult } from "./engine";
import { functionPolicy } from "./function-store";
import { createFunctions, type Functions } from "./functions";
import { startGateway, type Fault, type Gateway } from "./gateway";
import { createIdentities, type Identities } from "./identity";
import { createJournal, type Journal } from "./journal";
import { parsePolicy } from "./policies";
import { createPolicyStore } from "./policy-store";
import { createProvider } from "./provider";
import type { Python } from "./python";
import { eventsHandlers } from "./services/events";
import { lambdaHandlers } from "./services/lambda";
import { snsHandlers } from "./services/sns";
import { createTopics, type InvokeAs } from "./sns";
import { admit, createQueues } from "./sqs";

export interface SandboxOptions {
  readonly python: Python;
  /** The gateway's port; 0 or absent: any free one. */
  readonly port?: number;
  /** Sandbox milliseconds that every call takes at least. */
  readonly delayPerCall?: number;
  readonly fault?: Fault;
  readonly faultAfter?: Fault;
}

/** An AWS account on this machine: state, permissions, events, functions and mail, on one clock. */
export interface Sandbox {
  readonly url: string;
  readonly account: Account;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly functions: Functions;
  readonly gateway: Gateway;
  readonly identities: Identities;
  readonly journal: Journal;
  /** Deliveries and invocations that wait for their next try, on the sandbox clock. */
  readonly retrying: number;
  /** Resolves when nothing is under way; what waits for its next try does not count. */
  idle(): Promise<void>;
  /** Runs a Pulumi program, by default this project, on the account. */
  deploy(
    options: Pick<RunOptions, "config" | "stack" | "progress"> & { readonly folder?: string },
  ): Promise<RunResult>;
  /** Empties the account and forgets everything: as new, in milliseconds. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

export const projectFolder = join(__dirname, "..");
export const project = "aws-event-guardrails";

/** @throws Error with one sentence when a port is taken or the account's process does not start. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const [clock, journal] = [createClock(), createJournal()];
  const account = await startAccount({ python: options.python });
  const activity = createActivity(clock);
  const elsewhere = (arn: string) => {
    if (!arn.startsWith("arn:aws:lambda:")) return undefined;
    const [, , , region = "", owner = ""] = arn.split(":");
    const record = functions.store.find(arn, { region, account: owner });
    const text = record && functionPolicy(record);
    return text === undefined ? undefined : parsePolicy(text, "resource");
  };
  const policies = createPolicyStore({ account, elsewhere });
  const authorizer = createAuthorizer({ policies });
  const identities = createIdentities({ account, clock, mayAssume: authorizer.mayAssume });
  const queues = createQueues({ account, resourcePolicy: policies.resourcePolicy });
  const invokeAs: InvokeAs = async (sender, functionArn, payload, cause) => {
    await admit(
      { ...sender, action: "lambda:InvokeFunction", resource: functionArn },
      policies.resourcePolicy,
    );
    functions.invokeAsync(functionArn, payload, cause);
  };
  const topics = createTopics({
    clock,
    journal,
    activity,
    account,
    queues,
    resourcePolicy: policies.resourcePolicy,
    invokeAs,
  });
  const bus = createBus({ clock, journal, activity, invokeAs, topics, queues });
  const functions: Functions = await createFunctions({
    clock,
    journal,
    activity,
    endpoint: () => gateway.url,
    credentialsFor: identities.credentialsFor,
  });
  const gateway: Gateway = await startGateway({
    account,
    clock,
    journal,
    identities,
    authorizer,
    port: options.port,
    delayPerCall: options.delayPerCall,
    fault: options.fault,
    faultAfter: options.faultAfter,
    deliver: (event, place) => bus.put(event, place),
    handlers: {
      ...eventsHandlers({ bus, clock }),
      ...lambdaHandlers({ functions, clock }),
      ...snsHandlers({ topics, clock, journal, confirmsMail: true }),
    },
  }).catch(async error => {
    await Promise.all([functions.stop(), account.stop()]);
    throw error;
  });

  return {
    url: gateway.url,
    account,
    authorizer,
    clock,
    functions,
    gateway,
    identities,
    journal,
    get retrying() {
      return bus.retrying + functions.retrying;
    },
    idle: () => activity.idle(),
    deploy: ({ config, stack, progress, folder = projectFolder }) =>
      runProgram({
        cwd: folder,
        stack,
        project,
        config,
        progress,
        provider: createProvider({
          clients: (make, region) => gateway.client(make, { region }),
          config,
          folder,
        }),
      }),
    reset: async () => {
      bus.reset();
      topics.reset();
      await functions.reset();
      await account.reset();
      identities.reset();
      authorizer.reset();
    },
    stop: async () => {
      await functions.stop();
      await gateway.close();
      await account.stop();
    },
  };
}
