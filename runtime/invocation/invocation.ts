import type { GuardrailConfig } from "../config";
import type { Environment } from "../environment";
import type { Ledger } from "../ledger/ledger";
import type { Remediator, World } from "../pipeline/run";
import type { Notice } from "../telling/notify";

/** What one invocation has at hand, whatever it was called for. */
export interface Invocation {
  readonly guardrail: Remediator;
  readonly environment: Environment;
  readonly config: GuardrailConfig;
  readonly world: World;
  readonly ledger: Ledger;
  publish(notice: Notice): Promise<void>;
  /** A line of the log. */
  write(line: string): void;
}
