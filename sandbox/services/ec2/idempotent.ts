import type { Account } from "../../state/account";
import { awsError, type Answer, type Handler, type Handlers } from "../../ground/call";

/**
 * The same token gets the same answer, and makes nothing twice.
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
 */
export function idempotent(account: Account, handlers: Handlers, plain: readonly string[]): Handlers {
  const answers = new Map<string, { readonly asked: string; readonly answer: Answer }>();
  const once =
    (serve: Handler): Handler =>
    async exchange => {
      const { call } = exchange;
      const token = call.input.ClientToken;
      if (typeof token !== "string") return serve(exchange);
      const key = `${account.resets} ${call.account} ${call.region} ${call.operation} ${token}`;
      const asked = JSON.stringify(call.input);
      const known = answers.get(key);
      if (known && known.asked !== asked)
        throw awsError(
          "IdempotentParameterMismatch",
          "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
        );
      const answer = known?.answer ?? (await serve(exchange));
      answers.set(key, { asked, answer });
      return { output: answer.output };
    };
  return Object.fromEntries([
    ...Object.entries(handlers).map(([name, handler]) => [name, once(handler)] as const),
    ...plain.map(name => [name, once(({ forward }) => forward())] as const),
  ]);
}
