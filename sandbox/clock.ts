/** Sandbox time. Runs with the wall clock, and can be advanced: whatever waits for a time then wakes in order. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Jumps forward; resolves when every sleep that fell due has been woken. */
  advance(ms: number): Promise<void>;
  /** Hears the offset to the wall clock (ms) after each jump; returns the function that ends it. */
  onAdvance(listener: (offset: number) => void): () => void;
  readonly offset: number;
}
