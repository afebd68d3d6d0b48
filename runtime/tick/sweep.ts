import { partitionOf } from "../aws/partition";
import { report, settle } from "../invocation/settle";
import type { Occasion } from "../occasion";
import type { Outcome } from "../pipeline/outcome";
import { keepOpen } from "../pipeline/remain";
import { digestOf } from "../sweep/digest";
import { sweepOn } from "../sweep/sweep";
import { auditLine } from "../telling/audit";
import type { Tick } from "./chore";

/**
 * Begins the region's sweep when it is due, or goes on where the last tick left it. What is part of the baseline is
 * recorded in the log alone: it is counted in the digest, and neither told one by one nor open.
 */
export async function sweep(tick: Tick): Promise<void> {
  const { guardrail, environment, config, world, ledger, post, write } = tick;
  const { account, region, stack } = environment;
  const { inventory } = guardrail;
  if (inventory === undefined || config.sweep === "off") return;
  const { id, title, severity } = guardrail;
  await sweepOn({
    guardrail: { ...guardrail, inventory },
    clients: guardrail.clients(region),
    config,
    place: { account, region, partition: partitionOf(region).id },
    ledger,
    world,
    putRight: async (occasion, resources) => (await settle(tick, occasion, resources)).outcomes,
    report: async (occasion, outcomes) => {
      for (const outcome of outcomes.filter(isBaseline))
        write(auditLine(stack, id, config, occasion, outcome));
      const told = outcomes.filter(outcome => !isBaseline(outcome));
      if (told.length === 0) return;
      const problems: unknown[] = [];
      const run = { guardrail, occasion, received: world.now(), config, world, ledger, problems };
      await keepOpen(
        run,
        told.map(outcome => ({ resource: outcome.resource, calls: [], outcome })),
      );
      await report(tick, occasion, { outcomes: told, actions: {}, closing: [], problems });
      if (problems.length > 0) throw problems[0];
    },
    finish: async (occasion: Occasion, done) => {
      const digest = digestOf({ id, title, severity, mode: config.mode, stack }, occasion, done);
      if (digest !== undefined) await post.send([digest]);
    },
  });
}

const isBaseline = (outcome: Outcome): boolean => outcome.kind === "notified" && outcome.code === "baseline";
