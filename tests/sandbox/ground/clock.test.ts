import { expect } from "chai";
import { createClock } from "../../../sandbox/ground/clock";

const minute = 60_000;

describe("the sandbox clock", () => {
  it("runs with the wall clock until it is advanced", async () => {
    const clock = createClock();
    const first = Date.now();

    expect(clock.now()).to.be.within(first, Date.now());
    await clock.advance(minute);

    const second = Date.now();
    expect(clock.now()).to.be.within(second + clock.offset, Date.now() + clock.offset);
    expect(clock.offset).to.be.within(minute - (second - first), minute);
  });

  it("lets a sleep end by real time alone", async () => {
    const clock = createClock();
    const before = clock.now();

    await clock.sleep(30);

    expect(clock.now() - before).to.be.at.least(29);
    expect(clock.offset).to.equal(0);
  });

  it("wakes sleepers in the order they are due, each at its own time", async () => {
    const clock = createClock();
    const start = clock.now();
    const woken: [string, number][] = [];
    const sleeper = async (name: string, minutes: number) => {
      await clock.sleep(minutes * minute);
      woken.push([name, Math.round((clock.now() - start) / minute)]);
    };
    const sleepers = [sleeper("late", 3), sleeper("early", 1), sleeper("middle", 2)];

    await clock.advance(3 * minute + 1000);

    await Promise.all(sleepers);
    expect(woken).to.deep.equal([
      ["early", 1],
      ["middle", 2],
      ["late", 3],
    ]);
  });

  it("wakes one that sleeps again within the same jump", async () => {
    const clock = createClock();
    const start = clock.now();
    const woken: number[] = [];
    const ticking = (async () => {
      for (const pause of [1, 2]) {
        await clock.sleep(pause * minute);
        woken.push(Math.round((clock.now() - start) / minute));
      }
    })();

    await clock.advance(4 * minute);

    expect(woken).to.deep.equal([1, 3]);
    await ticking;
  });

  it("does not jump while something is at work, and lets that work sleep again first", async () => {
    const clock = createClock();
    const start = clock.now();
    const seen: number[] = [];
    const worker = (async () => {
      await clock.sleep(minute);
      const done = clock.busy();
      await new Promise(resolve => setTimeout(resolve, 20));
      seen.push(Math.round((clock.now() - start) / minute));
      const again = clock.sleep(minute);
      done();
      await again;
      seen.push(Math.round((clock.now() - start) / minute));
    })();

    await clock.advance(10 * minute);

    expect(seen).to.deep.equal([1, 2]);
    await worker;
  });

  it("leaves a sleeper asleep whose time has not come", async () => {
    const clock = createClock();
    let isWoken = false;
    clock.wake(clock.now() + 2 * minute, () => (isWoken = true));

    await clock.advance(minute);
    expect(isWoken).to.equal(false);
    await clock.advance(minute + 1000);

    expect(isWoken).to.equal(true);
  });

  it("never wakes what was called off", async () => {
    const clock = createClock();
    let isWoken = false;
    const callOff = clock.wake(clock.now() + minute, () => (isWoken = true));

    callOff();
    await clock.advance(2 * minute);

    expect(isWoken).to.equal(false);
  });

  it("tells its listeners of each step of a jump until they stop listening", async () => {
    const clock = createClock();
    const offsets: number[] = [];
    const stop = clock.onAdvance(offset => offsets.push(Math.round(offset / minute)));
    clock.wake(clock.now() + minute, () => undefined);

    await clock.advance(3 * minute);
    stop();
    await clock.advance(minute);

    expect(offsets).to.deep.equal([1, 3]);
  });

  it("advances one jump after the other when two are asked for at once", async () => {
    const clock = createClock();
    const start = clock.now();

    await Promise.all([clock.advance(minute), clock.advance(minute)]);

    expect(Math.round((clock.now() - start) / minute)).to.equal(2);
  });
});
