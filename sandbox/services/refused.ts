import { awsError, type Handler, type Handlers } from "../ground/call";

/** The error for what the sandbox does not do: it names the operation, and the member if only that is missing. */
export const notImplemented = (service: string, operation: string, member?: string) =>
  awsError(
    "NotImplemented",
    member === undefined
      ? `The sandbox does not implement ${service}:${operation}.`
      : `The sandbox does not implement ${member} of ${service}:${operation}.`,
    501,
  );

export const refuse: Handler = async ({ call }) => {
  throw notImplemented(call.service, call.operation);
};

/**
 * Handlers that refuse every operation of a service that is not among those given: for services whose state is our
 * own, where the account's state would answer about things that it does not know. `sdk` is the service's client package.
 */
export function withRefusals(sdk: object, handlers: Handlers): Handlers {
  const operations = Object.keys(sdk)
    .filter(name => /^[A-Z]\w*Command$/.test(name))
    .map(name => name.slice(0, -"Command".length));
  return { ...Object.fromEntries(operations.map(operation => [operation, refuse])), ...handlers };
}

/** Throws NotImplemented for the first member of the input that is set and not among the known ones. */
export function onlyKnown(
  service: string,
  operation: string,
  input: Readonly<Record<string, unknown>>,
  known: readonly string[],
): void {
  const unknown = Object.keys(input).find(name => !known.includes(name) && !isEmpty(input[name]));
  if (unknown !== undefined) throw notImplemented(service, operation, unknown);
}

/** Absent in every way in which an SDK or a tool writes "not used". */
const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  value === "" ||
  (typeof value === "object" && Object.values(value).every(isEmpty));
