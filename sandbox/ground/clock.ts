/** Sandbox time. Runs with the wall clock, and can be advanced: whatever waits for a time then wakes in order. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Calls back once at the given sandbox time, by itself or within a jump; returns the function that calls it off. */
  wake(at: number, callback: () => void): () => void;
  /**
   * Says that something is at work: until it has ended, `advance` does not jump past it, so that what follows a wake
   * (a call, an invocation) finds the time it was woken at. Returns the function that ends it.
   */
  busy(): () => void;
  /** Jumps forward; resolves when every sleep that fell due has been woken and what it woke is done or sleeps again. */
  advance(ms: number): Promise<void>;
  /** Hears the offset to the wall clock (ms) after each jump; returns the function that ends it. */
  onAdvance(listener: (offset: number) => void): () => void;
  readonly offset: number;
}

interface Waiter {
  readonly at: number;
  readonly callback: () => void;
  timer?: NodeJS.Timeout;
}

/** setTimeout takes no longer pause than this: a longer one is waited for in parts. */
const longestTimer = 2 ** 31 - 1;

/** A clock that starts at the wall clock's time. Waiting for a time keeps no process alive, but `sleep` does. */
export function createClock(): Clock {
  const waiters = new Set<Waiter>();
  const listeners = new Set<(offset: number) => void>();
  let offset = 0;
  let atWork = 0;
  let whenFree: (() => void)[] = [];
  let jump: Promise<void> = Promise.resolve();

  const now = () => Date.now() + offset;

  const start = (waiter: Waiter, holdsProcess: boolean) => {
    const pause = Math.min(Math.max(0, waiter.at - now()), longestTimer);
    waiter.timer = setTimeout(() => (waiter.at > now() ? start(waiter, holdsProcess) : fire(waiter)), pause);
    if (!holdsProcess) waiter.timer.unref();
  };
  const fire = (waiter: Waiter) => {
    clearTimeout(waiter.timer);
    if (waiters.delete(waiter)) waiter.callback();
  };
  const wait = (at: number, callback: () => void, holdsProcess: boolean) => {
    const waiter: Waiter = { at, callback };
    waiters.add(waiter);
    start(waiter, holdsProcess);
    return () => {
      clearTimeout(waiter.timer);
      waiters.delete(waiter);
    };
  };

  const jumpTo = (at: number) => {
    if (at <= now()) return;
    offset += at - now();
    listeners.forEach(listener => listener(offset));
  };
  const advanceTo = async (target: number) => {
    await settled();
    for (let next = earliest(target); next !== undefined; next = earliest(target)) {
      jumpTo(next.at);
      fire(next);
      await settled();
    }
    jumpTo(target);
  };
  const earliest = (target: number) =>
    [...waiters].filter(({ at }) => at <= target).sort((one, other) => one.at - other.at)[0];
  /** What a wake started has either begun its work or is asleep again. */
  const settled = async () => {
    await turns();
    while (atWork > 0) {
      await new Promise<void>(resolve => whenFree.push(resolve));
      await turns();
    }
  };

  return {
    now,
    get offset() {
      return offset;
    },
    sleep: ms => new Promise(resolve => void wait(now() + ms, resolve, true)),
    wake: (at, callback) => wait(at, callback, false),
    busy: () => {
      atWork += 1;
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        atWork -= 1;
        if (atWork > 0) return;
        const free = whenFree;
        whenFree = [];
        free.forEach(resolve => resolve());
      };
    },
    advance: ms => (jump = jump.then(() => advanceTo(now() + ms))),
    onAdvance: listener => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** A few turns of the event loop: enough for promises that are already settled, for no input or output. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise(resolve => setImmediate(resolve));
}
