/** Something that a review found, put back: `find` stands exactly once in `file`. */
export interface Defect {
  /** What the functions then do. */
  readonly defect: string;
  /** What it puts back, as the changelog calls it. */
  readonly finding: string;
  /** Whose histories show it. */
  readonly guardrail: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export const defects: readonly Defect[] = [];
