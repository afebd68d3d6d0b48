/** Something that waits and is waited for: an invocation, an operator at work. What it asked for never comes once it is dead. */
export interface Process {
  readonly name: string;
  isDead: boolean;
}

interface Turn {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

const immediate = globalThis.setImmediate;
/** Until everything that the last turn has set off has come to wait for a turn of its own. */
const settled = (): Promise<void> => new Promise(resolve => immediate(resolve));

const isEarlier = (one: Turn, other: Turn): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);

/**
 * Time that passes only from turn to turn. One process runs at a time, until it waits: so it is always known who is
 * running, and the same turns are taken in the same order however long they take.
 */
export function virtualTime(start: number) {
  const heap: Turn[] = [];
  let order = 0;
  const time = {
    now: start,
    /** How many turns were taken. */
    turns: 0,
    /** Who is running. */
    current: undefined as Process | undefined,
    at,
    wait,
    run,
  };

  function at(when: number, turn: () => void): void {
    let place = heap.push({ at: Math.max(when, time.now), order: order++, run: turn }) - 1;
    for (
      let above = (place - 1) >> 1;
      place > 0 && isEarlier(heap[place], heap[above]);
      above = (place - 1) >> 1
    ) {
      [heap[place], heap[above]] = [heap[above], heap[place]];
      place = above;
    }
  }

  function next(): Turn | undefined {
    const [first] = heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    heap[0] = last;
    for (let place = 0; ;) {
      const [left, right] = [2 * place + 1, 2 * place + 2];
      let least = place;
      if (left < heap.length && isEarlier(heap[left], heap[least])) least = left;
      if (right < heap.length && isEarlier(heap[right], heap[least])) least = right;
      if (least === place) return first;
      [heap[place], heap[least]] = [heap[least], heap[place]];
      place = least;
    }
  }

  /** A turn of the running process's own after so many milliseconds; `effect` happens then, whether or not it is dead. */
  function wait<T>(ms: number, effect: (process: Process | undefined) => T): Promise<T> {
    const process = time.current;
    return new Promise((resolve, reject) =>
      at(time.now + ms, () => {
        let answer: T;
        try {
          answer = effect(process);
        } catch (error) {
          if (process?.isDead === true) return;
          time.current = process;
          reject(error);
          return;
        }
        if (process?.isDead === true) return;
        time.current = process;
        resolve(answer);
      }),
    );
  }

  /** Takes turns until none is left, or up to this time. */
  async function run(until: number): Promise<void> {
    while (heap.length > 0 && heap[0].at <= until) {
      const turn = next() as Turn;
      time.now = turn.at;
      time.turns++;
      time.current = undefined;
      turn.run();
      if (time.current !== undefined) await settled();
    }
    time.current = undefined;
    if (Number.isFinite(until)) time.now = Math.max(time.now, until);
  }

  return time;
}

export type VirtualTime = ReturnType<typeof virtualTime>;
