import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { type GuardrailConfig, readConfig } from "./config";
import { readEnvironment, type Environment } from "./environment";
import { failureOf } from "./aws/errors";
import {
  type EventClaim,
  type GuardrailEvent,
  isExpected,
  isFailedCall,
  isOwnCall,
  occasionOf,
  readEvent,
} from "./events";
import type { Invocation, Memory } from "./invocation/invocation";
import { hear } from "./invocation/hear";
import { createLedger } from "./ledger/ledger";
import { hearingOutages } from "./ledger/outage";
import { type Machine, machine } from "./machine";
import { capabilities } from "./modes";
import type { Message } from "./telling/notify";
import { createPost } from "./telling/post";
import { publicationOf } from "./telling/publication";
import type { Occasion } from "./occasion";
import { plain } from "./plain";
import type { Outcome } from "./pipeline/outcome";
import type { Remediator } from "./pipeline/run";
import { takeAsked, takesIn } from "./tick/take-up";
import { isTick, runTick } from "./tick/tick";
import { traceCalls } from "./aws/trace";

/** The part of Lambda's context that is used: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
export interface LambdaContext {
  /** The same for Lambda's own retries of an invocation. */
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** What an invocation returns: nobody reads it but a person who tests by hand. */
export interface Summary {
  readonly outcomes: readonly { readonly resource: string; readonly outcome: string }[];
  readonly ignored?: string;
}

/**
 * What Lambda calls, built once per container. The only place that catches: it logs and rethrows, so that Lambda
 * retries and the event ends in the dead-letter queue rather than nowhere.
 * @param on the machine, which tests replace
 * @param expected the patterns of the guardrail's own rules; an event that none of them names is refused.
 */
export function createHandler(
  guardrail: Remediator,
  expected: readonly EventClaim[],
  on: Machine = machine,
): (payload: unknown, context: LambdaContext) => Promise<Summary> {
  const environment = readEnvironment(guardrail.id);
  const sns = new SNSClient({});
  const memory: Memory = { last: 0 };
  const dynamodb = hearingOutages(new DynamoDBClient({}), () => (memory.cutOff ??= on.now()));
  const ledger = createLedger(dynamodb, environment.ledgerTable, on);
  const trace = traceCalls();
  const built: Record<string, unknown> = {};
  const clients = (region: string): unknown => (built[region] ??= trace.watch(guardrail.clients(region)));
  const { write } = on;

  async function publish(notice: Message): Promise<void> {
    await sns.send(new PublishCommand(publicationOf(environment.topicArn, notice)));
  }

  /** Works with all that an invocation has at hand, and sends at last what it has taken upon itself to send. */
  async function withInvocation<T>(
    config: GuardrailConfig,
    context: LambdaContext,
    work: (invocation: Invocation) => Promise<T>,
  ): Promise<T> {
    const world = {
      now: on.now,
      random: on.random,
      pause: on.pause,
      takeCalls: trace.take,
      remaining: () => context.getRemainingTimeInMillis(),
      invocation: context.awsRequestId,
    };
    const waiting = capabilities[config.mode].usesLedger ? ledger.waiting : undefined;
    const post = createPost({ guardrail: guardrail.id, ledger: waiting, publish, world, memory });
    try {
      const asked = { ...guardrail, clients };
      return await work({ guardrail: asked, environment, config, world, ledger, sns, post, memory, write });
    } finally {
      await post.finish();
    }
  }

  async function configuration(occasion: Occasion): Promise<GuardrailConfig> {
    try {
      return readConfig(environment.folder);
    } catch (error) {
      await publish(unreadable(guardrail.id, environment, occasion, failureOf(error).message));
      throw error;
    }
  }

  return async (payload, context) => {
    try {
      const takes = takesIn(payload);
      if (takes !== undefined) {
        await withInvocation(readConfig(environment.folder), context, asked => takeAsked(asked, takes));
        return { outcomes: [] };
      }
      const event = readEvent(payload);
      if (isTick(event, guardrail.id, environment)) {
        await withInvocation(readConfig(environment.folder), context, tick => runTick(tick, event));
        return { outcomes: [] };
      }
      const why = refusal(event, environment, expected);
      if (why !== undefined) {
        write(JSON.stringify({ ignored: why, guardrail: guardrail.id, event: event.id }));
        return { outcomes: [], ignored: why };
      }
      const occasion = occasionOf(event);
      const config = await configuration(occasion);
      const { outcomes, left, ignored } = await withInvocation(config, context, invocation =>
        hear(invocation, event),
      );
      if (ignored !== undefined) write(JSON.stringify({ ignored, guardrail: guardrail.id, event: event.id }));
      rethrow(outcomes);
      if (left.length > 0)
        throw new Error(
          `${left.length} resources are left, for lack of time: the next try goes on with them`,
        );
      return { outcomes: outcomes.map(({ resource, kind }) => ({ resource: resource.arn, outcome: kind })) };
    } catch (error) {
      write(JSON.stringify({ error: failureOf(error), guardrail: guardrail.id, payload }));
      throw error;
    }
  };
}

/** Why an event concerns nobody here, or undefined. @throws Error for an event that no rule of ours can have sent. */
function refusal(
  event: GuardrailEvent,
  environment: Environment,
  expected: readonly EventClaim[],
): string | undefined {
  if (event.account !== environment.account) return `the event is of account ${plain(event.account, 20)}`;
  if (!isExpected(event, expected))
    throw new Error("The event is not one that this guardrail's rules deliver");
  if (isFailedCall(event)) return "the call failed";
  if (isOwnCall(event, environment.roleArn)) return "the call was this guardrail's own";
  return undefined;
}

/** Makes Lambda try again when a resource failed, or was held, for a reason that may pass. */
function rethrow(outcomes: readonly Outcome[]): void {
  const failed = outcomes.flatMap(outcome => {
    const { arn } = outcome.resource;
    const because = outcome.kind === "held" && outcome.retry ? outcome.because : undefined;
    if (because !== undefined) return [{ arn, code: "LedgerUnavailable", message: because }];
    return outcome.kind === "failed" && !outcome.error.final
      ? [{ arn, code: outcome.error.code, message: outcome.error.message }]
      : [];
  });
  if (failed.length === 0) return;
  const [{ arn, code, message }] = failed;
  const text = `${failed.length} of ${outcomes.length} resources failed, first ${arn}: ${message}`;
  throw Object.assign(new Error(text), { name: code });
}

const unreadable = (
  id: string,
  { stack, account, region }: Environment,
  occasion: Occasion,
  message: string,
): Message => ({
  subject: `[high] FAILED: guardrail ${id} cannot read its configuration`.slice(0, 99),
  body: `Guardrail ${id} of stack ${stack} cannot read its configuration, so it wrote nothing and looked at nothing.\n\n${message}\n\nThe event ${occasion.id} is tried again, then kept in the dead-letter queue. Deploy the stack again: pulumi up\n`,
  attributes: { guardrail: id, severity: "high", outcome: "failed", account, region },
});
