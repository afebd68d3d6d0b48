import type { Clock } from "./clock";

/** Waits on the sandbox clock that can be called off, as those between a delivery's tries. */
export interface Naps {
  sleep(ms: number): Promise<void>;
  /** How many are under way. */
  readonly count: number;
  /** Ends them all: none of them ever resolves. */
  callOff(): void;
}

export function createNaps(clock: Clock): Naps {
  const sleeping = new Set<() => void>();
  return {
    sleep: ms =>
      new Promise<void>(resolve => {
        const callOff = clock.wake(clock.now() + ms, () => {
          sleeping.delete(callOff);
          resolve();
        });
        sleeping.add(callOff);
      }),
    get count() {
      return sleeping.size;
    },
    callOff: () => {
      sleeping.forEach(callOff => callOff());
      sleeping.clear();
    },
  };
}
