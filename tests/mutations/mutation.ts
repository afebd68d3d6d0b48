/** One deliberate defect. `find` stands exactly once in `file`. */
export interface Mutation {
  /** What the product then does wrong. */
  readonly defect: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** The test files that must notice, quickest first. */
  readonly tests: readonly string[];
}
