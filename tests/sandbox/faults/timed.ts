import { DisableRuleCommand, EnableRuleCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { policyText } from "../../../operations/operator-policy";
import type { Credentials } from "../../../sandbox/iam/identity";
import type { About, Breach, Broken } from "../../guardrails/step";
import { breaches } from "../../guardrails";
import { tickOf } from "../../support/events/ticks";
import { everything } from "../../support/everything";
import { guardrailsHere } from "../support/operating";
import { addUser, type DeployedStack, standing, startStack } from "../support/stack";
import { deliver, nameOf, type Work } from "./trial";

const hour = 3600_000;
const place = { stack: "dev", partition: "aws", account: "123456789012", home: "us-east-1" };
const olgaArn = `arn:aws:iam::${place.account}:user/olga`;
const keys = new WeakMap<DeployedStack, Credentials>();

/** The stack of everything, whose sweeps write, with an operator who may pause. */
export async function startSweptStack(): Promise<DeployedStack> {
  const given = JSON.parse(everything()["aws-event-guardrails:guardrails"]) as Record<string, object>;
  const writing = breaches.map(({ guardrail }) => [guardrail, { ...given[guardrail], sweep: "enforce" }]);
  const guardrails = { ...given, ...Object.fromEntries(writing) };
  const stack = await startStack({ config: { guardrails, operators: [olgaArn] } });
  const policy = JSON.parse(
    policyText(["pause"], place, undefined, process.stderr, stack.stackFiles),
  ) as object;
  keys.set(stack, await addUser(stack.sandbox, "olga", policy));
  return stack;
}

/** A tick of a guardrail that was paused when somebody broke something. The stack is one of {@link startSweptStack}. */
export const takesUp = (breach: About<Breach>): Work =>
  tickFor(breach, async stack => {
    const words = ["pause", breach.guardrail, "--for", "30m", "--reason", "a change that we watch"];
    const { code, err } = await guardrailsHere(stack, keys.get(stack)!, ...words);
    if (code !== 0) throw new Error(`guardrails pause ends with ${code}: ${err}`);
    const broken = await breach.play(stack.stage);
    await stack.sandbox.idle();
    await stack.sandbox.clock.advance(hour);
    return broken;
  });

/** A tick with which the day's sweep is due, after something was broken of which no event ever came. */
export const sweeps = (breach: About<Breach>): Work =>
  tickFor(breach, async stack => {
    const events = stack.sandbox.gateway.client(EventBridgeClient);
    const rule = { Name: nameOf(breach.guardrail) };
    await events.send(new DisableRuleCommand(rule));
    const broken = await breach.play(stack.stage);
    await stack.sandbox.clock.advance(25 * hour);
    await events.send(new EnableRuleCommand(rule));
    return broken;
  });

/** In the first tick of a quarter of an hour the others' open findings are asked for too. */
const quarterBefore = (time: number): number => time - (time % (hour / 4));

/** Breaks it while no timer ticks; then the guardrail gets one tick. */
function tickFor(breach: About<Breach>, breaks: (stack: DeployedStack) => Promise<Broken>): Work {
  let play: Work["play"] | undefined;
  return {
    ...breach,
    prepare: async stack => {
      const { clock, idle } = stack.sandbox;
      const tick = () =>
        deliver(
          stack,
          breach.guardrail,
          JSON.stringify(tickOf(breach.guardrail, quarterBefore(clock.now()))),
        );
      // So that whatever else was due is done.
      tick();
      await idle();
      const broken = await standing(stack, () => breaks(stack));
      play = () => {
        tick();
        return Promise.resolve(broken);
      };
    },
    play: stage => play!(stage),
  };
}
