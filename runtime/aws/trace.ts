/** The one thing of an SDK client that tracing needs. */
interface Traceable {
  middlewareStack: { add(middleware: unknown, options: { step: "initialize"; name: string }): void };
}
type Next = (args: unknown) => Promise<unknown>;

const isTraceable = (value: unknown): value is Traceable =>
  typeof value === "object" && value !== null && "middlewareStack" in value;

/**
 * Remembers which operations a guardrail's clients send. Command names come from the SDK's own context: class names
 * do not survive minification.
 */
export function traceCalls(): { watch(clients: unknown): unknown; take(): string[] } {
  let calls: string[] = [];
  const record = (next: Next, context: { commandName?: string }) => (args: unknown) => {
    calls.push((context.commandName ?? "unknown").replace(/Command$/, ""));
    return next(args);
  };
  const watchOne = (client: unknown): void => {
    if (isTraceable(client)) client.middlewareStack.add(record, { step: "initialize", name: "traceCalls" });
  };
  return {
    watch: clients => {
      if (isTraceable(clients)) watchOne(clients);
      else if (typeof clients === "object" && clients !== null) Object.values(clients).forEach(watchOne);
      return clients;
    },
    take: () => {
      const taken = calls;
      calls = [];
      return taken;
    },
  };
}
