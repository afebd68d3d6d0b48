import { join } from "node:path";
import { startAccount, type Account } from "./state/account";
import { createAuthorizer, type Authorizer } from "./iam/authorize";
import { createClock, type Clock } from "./ground/clock";
import { runProgram, type RunOptions, type RunResult } from "./pulumi/engine";
import { createEventServices, type EventServices } from "./services/event-services";
import type { EventHistory } from "./watch/history";
import type { Functions } from "./lambda/functions";
import type { Timers } from "./delivery/bus";
import { startGateway, type Fault, type Gateway } from "./gateway/gateway";
import { createIdentities, type Credentials, type Identities } from "./iam/identity";
import { createJournal, type Journal } from "./ground/journal";
import { createPolicyStore } from "./iam/policy-store";
import { requirementsWith } from "./services";
import type { TransactionReading } from "./services/dynamodb/leading-keys";
import { createProvider } from "./pulumi/provider";
import type { Python } from "./state/python";

export interface SandboxOptions {
  readonly python: Python;
  /** Where whoever names no region is, us-east-1 unless said: the account is in its partition. */
  readonly region?: string;
  /** The gateway's port; 0 or absent: any free one. */
  readonly port?: number;
  /** Sandbox milliseconds that every call takes at least. */
  readonly delayPerCall?: number;
  /** Processes of one function that may run at once; 1 unless said. */
  readonly concurrency?: number;
  /** Milliseconds from one firing of each schedule to its next, whatever it says, for whoever watches. */
  readonly every?: number;
  /** What policies see of DynamoDB's transactions, which AWS's pages leave open; "item" unless said. */
  readonly transactions?: TransactionReading;
  readonly fault?: Fault;
  readonly faultAfter?: Fault;
}

/** An AWS account on this machine: state, permissions, events, functions and mail, on one clock. */
export interface Sandbox {
  readonly url: string;
  /** Where whoever names no region is. */
  readonly region: string;
  readonly account: Account;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly functions: Functions;
  readonly gateway: Gateway;
  /** What CloudTrail knows; its delay can be set. */
  readonly history: EventHistory;
  readonly identities: Identities;
  readonly journal: Journal;
  /** Deliveries and invocations that wait for their next try, on the sandbox clock. */
  readonly retrying: number;
  /** Of the rules with a schedule. */
  readonly timers: Timers;
  /** Resolves when nothing is under way; what waits for its next try does not count. */
  idle(): Promise<void>;
  /** Runs a Pulumi program, by default this project, on the account. */
  deploy(
    options: Pick<RunOptions, "config" | "stack" | "progress"> & {
      readonly folder?: string;
      /** Who runs `pulumi up`; the account's root, who may do all, unless said. */
      readonly as?: Credentials;
    },
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
  const account = await startAccount({ python: options.python, region: options.region });
  const requirements = requirementsWith(options.transactions ?? "item");
  const policies = createPolicyStore({
    account,
    requirements,
    elsewhere: arn => services.policyOf(arn),
    tagsElsewhere: arn => services.tagsOf(arn),
  });
  const authorizer = createAuthorizer({ policies, requirements });
  const identities = createIdentities({ account, clock, mayAssume: authorizer.mayAssume });
  const services: EventServices = await createEventServices({
    clock,
    journal,
    account,
    resourcePolicy: policies.resourcePolicy,
    endpoint: () => gateway.url,
    credentialsFor: identities.credentialsFor,
    concurrency: options.concurrency,
    every: options.every,
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
    deliver: (event, place) => services.bus.put(event, place),
    keep: record => services.watch.history.keep(record),
    served: (call, output) => services.watch.messages.served(call, output),
    handlers: services.handlers,
  }).catch(async error => {
    await Promise.all([services.stop(), account.stop()]);
    throw error;
  });

  return {
    url: gateway.url,
    region: account.region,
    account,
    authorizer,
    clock,
    functions: services.functions,
    gateway,
    history: services.watch.history,
    identities,
    journal,
    get retrying() {
      return services.retrying;
    },
    timers: services.bus.timers,
    idle: () => services.idle(),
    deploy: ({ config, stack, progress, folder = projectFolder, as }) =>
      runProgram({
        cwd: folder,
        stack,
        project,
        config,
        progress,
        provider: createProvider({
          clients: (make, region) => gateway.client(make, { region }, as),
          config,
          folder,
        }),
      }),
    reset: async () => {
      await services.reset();
      await account.reset();
      identities.reset();
      authorizer.reset();
    },
    stop: async () => {
      await services.stop();
      await gateway.close();
      await account.stop();
    },
  };
}
