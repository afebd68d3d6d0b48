/** What a mode lets a guardrail do. */
export interface Capabilities {
  /** Whether people hear of a finding. Failures are told in every mode. */
  readonly tells: boolean;
  /**
   * Whether a finding is put right: never, by the function that looks, or once somebody said yes, by another one.
   * Only with `itself` does the role of the function that looks hold `permissions.write`.
   */
  readonly acts: "never" | "asked" | "itself";
  /** Whether the ledger remembers what was told and done; only then may the function touch it. */
  readonly usesLedger: boolean;
}

/** How far a guardrail may go: log and metric; tell; put right. From the least to the most. */
export const capabilities = {
  observe: { tells: false, acts: "never", usesLedger: false },
  notify: { tells: true, acts: "never", usesLedger: true },
  enforce: { tells: true, acts: "itself", usesLedger: true },
} as const satisfies Readonly<Record<string, Capabilities>>;

export type Mode = keyof typeof capabilities;
export const modes = Object.keys(capabilities) as readonly Mode[];

/** How the modes that there are act. Tables over it do not compile before they say what a further way means. */
export type Acts = (typeof capabilities)[Mode]["acts"];
