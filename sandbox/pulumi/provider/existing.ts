import type { Properties } from "../values";

/** Makes SDK clients that talk to the sandbox account. */
export type Clients = <C>(make: new (config: never) => C, region: string) => C;

export type Tags = Readonly<Record<string, string>>;

/** A resource that was made, for whoever reads it or removes it. */
export interface Existing {
  readonly id: string;
  /** Its inputs and outputs as they were last known; empty where nothing but the id is. */
  readonly state: Properties;
  /** Of these the inputs, as they were given. */
  readonly given: Properties;
  readonly region: string;
  /** A client in the resource's region. */
  client<C>(make: new (config: never) => C): C;
}

/** A resource that is to become what its new inputs say. */
export interface Change<Inputs> extends Existing {
  /** All of them; where one is not given, what AWS has then. */
  readonly inputs: Inputs;
  /** The names of those that differ. */
  readonly changed: readonly string[];
  /** The resource's tags over the provider's default tags. */
  readonly tags: Tags;
}

/** One call, and the inputs that it changes. */
export interface Update<Inputs> {
  readonly of: readonly string[];
  by(change: Change<Inputs>): Promise<unknown>;
}

/** What only says how to remove or overwrite a resource changes without a call. */
export const remembered = (...of: string[]): Update<unknown> => ({ of, by: () => Promise.resolve() });

/** One call for each of several inputs that AWS keeps as attributes: texts, empty where the input is not given. */
export const attributeUpdates = (
  names: Readonly<Record<string, string>>,
  set: (existing: Existing, attribute: string, value: string) => Promise<unknown>,
): Update<Properties>[] =>
  Object.entries(names).map(([name, attribute]) => ({
    of: [name],
    by: change => set(change, attribute, String(change.inputs[name] ?? "")),
  }));

/** How a resource's tags are set and taken away. */
export interface Tagging {
  add(tags: Tags): Promise<unknown>;
  drop(keys: string[]): Promise<unknown>;
}

/** Brings the tags that were last known to those that are wanted. */
export async function retag({ state, tags }: Change<unknown>, { add, drop }: Tagging): Promise<void> {
  const known = Object.keys((state.tagsAll ?? state.tags ?? {}) as Tags);
  const gone = known.filter(key => !(key in tags));
  if (gone.length > 0) await drop(gone);
  if (Object.keys(tags).length > 0) await add(tags);
}

/** By the code of the error: how the services say that something is not there. */
const goneCodes = /NotFound|NoSuchEntity|NonExistentQueue|QueueDoesNotExist/;

/** What `work` answers, or undefined where AWS says that the resource is not there. */
export const unlessGone = <T>(work: Promise<T>): Promise<T | undefined> =>
  work.catch((error: Error) => {
    if ("$metadata" in error && goneCodes.test(error.name)) return undefined;
    throw error;
  });

/** Tags as most services tell them. */
export const tagsOf = (list: readonly { Key?: string; Value?: string }[] = []): Tags =>
  Object.fromEntries(list.map(({ Key = "", Value = "" }) => [Key, Value]));

/**
 * The policy of what may also have it from a resource of its own, which then looks after it: told only where the
 * resource itself was given one.
 */
export const ownPolicy = ({ given }: Existing, policy: string | undefined) =>
  given.policy === undefined ? {} : { policy };

/** An empty text of AWS's is what is not set. */
export const orUnset = (text: string | undefined): string | undefined => (text === "" ? undefined : text);
