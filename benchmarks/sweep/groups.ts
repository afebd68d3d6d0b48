import { securityGroupOpenIngress } from "../../components/guardrails/security-group-open-ingress";
import { connect } from "../../operations/operator";
import { sweep, sweepable } from "../../operations/sweep/sweep";

/** What one sweep of the account's security groups came to. */
export interface GroupSweep {
  readonly ms: number;
  readonly looked: number;
  readonly wrong: number;
  readonly calls: number;
  /** The most memory that the process had before the sweep and up to its end, in bytes. */
  readonly before: number;
  readonly peak: number;
}

/** A process of its own, so that the most memory it ever had is that of one sweep. */
async function run(): Promise<GroupSweep> {
  const operator = await connect({ stack: "bench", region: "us-east-1" });
  const definition = securityGroupOpenIngress;
  const settings = { ...definition.settings.parse({}), trusted: { accounts: [] } };
  const rest = { managed: "notify", sweep: "notify", budget: 50, exemptions: [] } as const;
  const enabled = sweepable([{ definition, mode: "notify", settings, ...rest }], undefined);
  const most = (): number => process.resourceUsage().maxRSS * 1024;
  const before = most();
  const start = performance.now();
  const { sweeps, calls } = await sweep(operator, enabled);
  const ms = performance.now() - start;
  const [{ looked, wrong, error }] = sweeps;
  if (error !== undefined) throw new Error(`The sweep failed: ${error.message}`);
  return { ms, looked, wrong: wrong.length, calls, before, peak: most() };
}

void run().then(result => process.send?.(result));
