import { createRequire } from "node:module";

const load = createRequire(__filename);

/** A command of the SDK, as the simulated AWS sees it. */
export type Send = (service: string, operation: string, input: Record<string, unknown>) => Promise<unknown>;

/** The client class of each service, by module. */
const clients = ["cloudtrail", "cloudwatch", "dynamodb", "ec2", "kms", "lambda", "s3", "sns", "sqs"].map(
  service => {
    const module = load(`@aws-sdk/client-${service}`) as Record<string, unknown>;
    const name = Object.keys(module).find(key => /^[A-Z]\w*Client$/.test(key));
    if (name === undefined) throw new Error(`@aws-sdk/client-${service} has no client`);
    return { service, module, name, real: module[name] };
  },
);

/**
 * Puts one account behind every client that is built meanwhile, of whatever service, and takes the machine's clock,
 * chance and timers away: whoever asks for them is told to ask the `Machine`.
 * @param mistake hears of what the code under test may swallow
 * @returns how to take it back
 */
export function replaceAws(send: Send, mistake: (error: Error) => void): () => void {
  for (const { service, module, name } of clients)
    module[name] = function () {
      return {
        middlewareStack: { add: () => undefined },
        config: { region: async () => "us-east-1" },
        send: (command: { input: Record<string, unknown>; constructor: { name: string } }) =>
          send(service, command.constructor.name.replace(/Command$/, ""), command.input),
      };
    };
  const { now } = Date;
  const { random } = Math;
  const { setTimeout } = globalThis;
  const leak = (what: string) => () => {
    const error = new Error(
      `${what} of the real machine was asked for: take it from the Machine (runtime/machine.ts)`,
    );
    mistake(error);
    throw error;
  };
  Date.now = leak("The clock");
  Math.random = leak("The chance");
  globalThis.setTimeout = leak("A timer") as unknown as typeof setTimeout;
  return () => {
    for (const { module, name, real } of clients) module[name] = real;
    Date.now = now;
    Math.random = random;
    globalThis.setTimeout = setTimeout;
  };
}
