import { join } from "node:path";
import { after } from "mocha";
import { startAccount, type Account } from "../../../sandbox/state/account";
import { createAuthorizer } from "../../../sandbox/iam/authorize";
import type { Handlers } from "../../../sandbox/ground/call";
import { createClock } from "../../../sandbox/ground/clock";
import { startGateway, type Gateway, type GatewayOptions } from "../../../sandbox/gateway/gateway";
import { requirementsWith } from "../../../sandbox/services";
import type { TransactionReading } from "../../../sandbox/services/dynamodb/leading-keys";
import { createIdentities, type Identities } from "../../../sandbox/iam/identity";
import { createJournal, type Journal } from "../../../sandbox/ground/journal";
import { createPolicyStore } from "../../../sandbox/iam/policy-store";
import { ensurePython, type Python } from "../../../sandbox/state/python";
import type { Clock } from "../../../sandbox/ground/clock";
import type { JsonObject } from "../../../runtime/json";

const folder = join(__dirname, "..", "..", "..", ".sandbox");
let python: Promise<Python> | undefined;
let running: Promise<Account> | undefined;

/** The interpreter with its packages. Give the test that calls this first a timeout of minutes: it may install them. */
export const sharedPython = (): Promise<Python> =>
  (python ??= ensurePython({ folder, progress: text => process.stderr.write(`${text}\n`) }));

/** The account's state, one process for the whole test run. Give the test that calls this first a timeout of minutes. */
export function sharedAccount(): Promise<Account> {
  running ??= sharedPython().then(found => startAccount({ python: found }));
  return running;
}

// Mocha runs a hook that is registered outside of any suite once, after everything.
after(async () => {
  if (running) await (await running).stop();
});

export interface World {
  readonly account: Account;
  readonly gateway: Gateway;
  readonly identities: Identities;
  readonly clock: Clock;
  readonly journal: Journal;
  /** The events of recorded calls, oldest first. */
  readonly events: JsonObject[];
  close(): Promise<void>;
}

/** An empty account behind a gateway. */
export async function startWorld(
  options: Partial<GatewayOptions> & {
    readonly handlers?: Handlers;
    readonly transactions?: TransactionReading;
  } = {},
): Promise<World> {
  const requirements = requirementsWith(options.transactions ?? "item");
  const account = await sharedAccount();
  await account.reset();
  const [clock, journal] = [createClock(), createJournal()];
  const policies = createPolicyStore({ account, requirements });
  const authorizer = createAuthorizer({ policies, requirements });
  const identities = createIdentities({ account, clock, mayAssume: authorizer.mayAssume });
  const events: JsonObject[] = [];
  const gateway = await startGateway({
    account,
    clock,
    journal,
    identities,
    authorizer,
    handlers: {},
    deliver: event => void events.push(event),
    ...options,
  });
  return { account, gateway, identities, clock, journal, events, close: () => gateway.close() };
}
