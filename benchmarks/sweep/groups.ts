import { securityGroupOpenIngress } from "../../components/guardrails/security-group-open-ingress";
import { connect } from "../../operations/operator";
import { sweep, sweepable } from "../../operations/sweep/sweep";

/** What one sweep of the account's security groups came to. */
export interface GroupSweep {
  readonly ms: number;
  readonly looked: number;
  readonly wrong: number;
  readonly calls: number;
  /** What lived in the heap before the sweep, and at most after one of its pages, in bytes: garbage was taken out first. */
  readonly before: number;
  readonly peak: number;
}

/** A process of its own, run with --expose-gc, so that nothing else lives in its heap. */
async function run(): Promise<GroupSweep> {
  const operator = await connect({ stack: "bench", region: "us-east-1" });
  const definition = securityGroupOpenIngress;
  const settings = { ...definition.settings.parse({}), trusted: { accounts: [] } };
  const rest = { managed: "notify", sweep: "notify", budget: 50, exemptions: [] } as const;
  const enabled = sweepable([{ definition, mode: "notify", settings, ...rest }], undefined);
  const living = (): number => {
    global.gc!();
    return process.memoryUsage().heapUsed;
  };
  const before = living();
  let peak = before;
  const start = performance.now();
  const { sweeps, calls } = await sweep(operator, enabled, () => (peak = Math.max(peak, living())));
  const ms = performance.now() - start;
  const [{ looked, wrong, error }] = sweeps;
  if (error !== undefined) throw new Error(`The sweep failed: ${error.message}`);
  return { ms, looked, wrong: wrong.length, calls, before, peak };
}

void run().then(result => process.send?.(result));
