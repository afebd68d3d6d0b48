/** What a mode lets a guardrail do. */
export interface Capabilities {
  /** Whether people hear of a finding. Failures are told in every mode. */
  readonly tells: boolean;
  /** Whether the function that looks may write; only then does its role hold `permissions.write`. */
  readonly writes: boolean;
  /** Whether a finding waits for somebody's yes before anything is written. */
  readonly asks: boolean;
  /** Whether the ledger remembers what was told and done; only then may the function touch it. */
  readonly usesLedger: boolean;
}

/** How far a guardrail may go: log and metric; tell; put right. From the least to the most. */
export const capabilities = {
  observe: { tells: false, writes: false, asks: false, usesLedger: false },
  notify: { tells: true, writes: false, asks: false, usesLedger: true },
  enforce: { tells: true, writes: true, asks: false, usesLedger: true },
} as const satisfies Readonly<Record<string, Capabilities>>;

export type Mode = keyof typeof capabilities;
export const modes = Object.keys(capabilities) as readonly Mode[];
