/** What the run time takes from the machine that it runs on; times in milliseconds. Tests and the simulator give their own. */
export interface Machine {
  /** Epoch milliseconds. */
  now(): number;
  /** From 0 to below 1. */
  random(): number;
  pause(ms: number): Promise<void>;
  /** A line of the log. */
  write(line: string): void;
}

export const machine: Machine = {
  now: () => Date.now(),
  random: () => Math.random(),
  pause: ms => new Promise(resolve => setTimeout(resolve, ms)),
  // CloudWatch reads metrics only from lines that are bare JSON; console.log would put a prefix before them.
  write: line => void process.stdout.write(`${line}\n`),
};
