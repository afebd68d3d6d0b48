import type { Clock } from "./clock";

/** One piece of work under way: a delivery, an invocation, a mail. */
export interface Work {
  end(): void;
  /** The work waits for sandbox time: the clock may jump, but the sandbox is not idle. */
  pause(): void;
  resume(): void;
}

/** What the event services have under way. */
export interface Activity {
  begin(): Work;
  /** Runs a task as work. */
  during<T>(task: () => Promise<T>): Promise<T>;
  /** Resolves when nothing is under way, at once if nothing is. */
  idle(): Promise<void>;
  readonly underWay: number;
}

/** Counts what is under way, and keeps the clock from jumping past it. */
export function createActivity(clock: Clock): Activity {
  const works = new Set<Work>();
  let waiting: (() => void)[] = [];

  const begin = (): Work => {
    let free = clock.busy();
    const work: Work = {
      end: () => {
        free();
        if (!works.delete(work) || works.size > 0) return;
        // What ends may start its successor in the same turn: idle means that none came.
        setImmediate(() => {
          if (works.size > 0) return;
          const told = waiting;
          waiting = [];
          told.forEach(resolve => resolve());
        });
      },
      pause: () => free(),
      resume: () => {
        free();
        if (works.has(work)) free = clock.busy();
      },
    };
    works.add(work);
    return work;
  };

  return {
    begin,
    during: async task => {
      const work = begin();
      try {
        return await task();
      } finally {
        work.end();
      }
    },
    idle: () => (works.size === 0 ? Promise.resolve() : new Promise(resolve => waiting.push(resolve))),
    get underWay() {
      return works.size;
    },
  };
}
