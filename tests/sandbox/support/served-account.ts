import { createAuthorizer } from "../../../sandbox/iam/authorize";
import { createIdentities } from "../../../sandbox/iam/identity";
import { createPolicyStore } from "../../../sandbox/iam/policy-store";
import { createClock, type Clock } from "../../../sandbox/ground/clock";
import { createJournal, type Happening } from "../../../sandbox/ground/journal";
import { requirements } from "../../../sandbox/services";
import { createEventServices, type EventServices } from "../../../sandbox/services/event-services";
import { sharedAccount, startWorld, type World } from "./account";

/** An empty account behind a gateway, with its event services: all of the sandbox but the program. */
export interface ServedAccount {
  readonly world: World;
  readonly services: EventServices;
  readonly clock: Clock;
  client<C>(make: new (config: never) => C): C;
  /** What happened so far of one kind, oldest first. */
  of<K extends Happening["kind"]>(kind: K): Extract<Happening, { kind: K }>[];
  close(): Promise<void>;
}

export async function startServedAccount(): Promise<ServedAccount> {
  const account = await sharedAccount();
  const [clock, journal] = [createClock(), createJournal()];
  const policies = createPolicyStore({
    requirements,
    account,
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
    endpoint: () => world.gateway.url,
    credentialsFor: identities.credentialsFor,
  });
  const { bus, watch, handlers } = services;
  const world: World = await startWorld({
    ...{ clock, journal, authorizer, identities, handlers },
    deliver: bus.put,
    keep: record => watch.history.keep(record),
    served: (call, output) => watch.messages.served(call, output),
  });
  return {
    world,
    services,
    clock,
    client: make => world.gateway.client(make),
    of: kind =>
      journal.happenings.filter(
        (happening): happening is Extract<Happening, { kind: typeof kind }> => happening.kind === kind,
      ),
    close: async () => {
      await services.stop();
      await world.close();
    },
  };
}
