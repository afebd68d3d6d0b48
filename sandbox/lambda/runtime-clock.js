"use strict";
/**
 * Makes a function's process follow the sandbox clock: Date, timers and their promise forms run with the wall clock
 * plus an offset that the sandbox sends. Time measured with performance.now or process.hrtime stays the machine's own.
 */
const { AsyncResource } = require("node:async_hooks");
const { syncBuiltinESMExports } = require("node:module");
const timers = require("node:timers");
const timersPromises = require("node:timers/promises");
const { promisify } = require("node:util");

const real = { now: Date.now, setTimeout, clearTimeout, setInterval };
/** What may be active in a process that waits for nothing but a timer. */
const idleResources = new Set(["Timeout", "PipeWrap", "TTYWrap"]);

let offset = 0;
const pending = new Set();
const byId = new Map();
let lastId = 0;

const now = () => real.now() + offset;

class Timer {
  constructor(callback, pause, args, repeats) {
    if (typeof callback !== "function")
      throw Object.assign(new TypeError('The "callback" argument must be of type function'), {
        code: "ERR_INVALID_ARG_TYPE",
      });
    const ms = Number(pause);
    this.pause = ms >= 1 && ms <= 2 ** 31 - 1 ? ms : 1;
    this.callback = AsyncResource.bind(callback, "Timeout", this);
    this.args = args;
    this.repeats = repeats;
    this.isRef = true;
    this.refresh();
  }
  refresh() {
    this.due = now() + this.pause;
    return this.start();
  }
  start() {
    real.clearTimeout(this.handle);
    pending.add(this);
    this.handle = real.setTimeout(() => this.fire(), Math.max(0, this.due - now()));
    if (!this.isRef) this.handle.unref();
    return this;
  }
  fire() {
    if (this.due > now()) return void this.start();
    if (this.repeats) {
      this.due = Math.max(this.due + this.pause, now());
      this.start();
    } else this.close();
    this.callback(...this.args);
  }
  close() {
    real.clearTimeout(this.handle);
    pending.delete(this);
    byId.delete(this.id);
    return this;
  }
  ref() {
    this.isRef = true;
    this.handle.ref();
    return this;
  }
  unref() {
    this.isRef = false;
    this.handle.unref();
    return this;
  }
  hasRef() {
    return this.isRef;
  }
  [Symbol.toPrimitive]() {
    if (this.id === undefined) byId.set((this.id = lastId += 1), this);
    return this.id;
  }
  [Symbol.dispose ?? Symbol.for("dispose")]() {
    this.close();
  }
}

const sandboxSetTimeout = (callback, pause, ...args) => new Timer(callback, pause, args, false);
const sandboxSetInterval = (callback, pause, ...args) => new Timer(callback, pause, args, true);
const sandboxClear = timer => {
  if (timer instanceof Timer) timer.close();
  else if (typeof timer === "number" || typeof timer === "string") byId.get(Number(timer))?.close();
  else if (timer != null) real.clearTimeout(timer);
};

/** The form of node:timers/promises: `await setTimeout(ms, value, { signal, ref })`. */
function pause(ms, value, { signal, ref = true } = {}) {
  return new Promise((resolve, reject) => {
    const abort = () => {
      timer.close();
      reject(abortError(signal));
    };
    if (signal?.aborted) return void reject(abortError(signal));
    const timer = sandboxSetTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve(value);
    }, ms);
    if (!ref) timer.unref();
    signal?.addEventListener("abort", abort, { once: true });
  });
}
const abortError = signal =>
  Object.assign(new Error("The operation was aborted", { cause: signal.reason }), {
    name: "AbortError",
    code: "ABORT_ERR",
  });
async function* ticks(ms, value, options) {
  for (;;) yield await pause(ms, value, options);
}

function patchDate() {
  const RealDate = Date;
  RealDate.now = now;
  const SandboxDate = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length ? args : [now()], newTarget),
    apply: () => new RealDate(now()).toString(),
  });
  RealDate.prototype.constructor = SandboxDate;
  globalThis.Date = SandboxDate;
}

function patchTimers() {
  sandboxSetTimeout[promisify.custom] = pause;
  const patched = {
    setTimeout: sandboxSetTimeout,
    clearTimeout: sandboxClear,
    setInterval: sandboxSetInterval,
    clearInterval: sandboxClear,
  };
  Object.assign(globalThis, patched);
  Object.assign(timers, patched);
  timersPromises.setTimeout = pause;
  timersPromises.setInterval = ticks;
  timersPromises.scheduler.wait = (ms, options) => pause(ms, undefined, options);
  AbortSignal.timeout = ms => {
    const controller = new AbortController();
    const reason = new DOMException("The operation was aborted due to timeout", "TimeoutError");
    sandboxSetTimeout(() => controller.abort(reason), ms).unref();
    return controller.signal;
  };
  syncBuiltinESMExports();
}

/**
 * Tells the sandbox when the process waits for nothing but its timers (`{ step, waiting: due }`) and when it goes on
 * (`{ step }`), so that a jump of the clock stops at each of those times. `step` numbers the last offset heard.
 */
function report(send) {
  let step = 0;
  let told;
  const tell = waiting => {
    if (waiting === told) return;
    told = waiting;
    send({ step, waiting });
  };
  const look = () => {
    const due = Math.min(...[...pending].filter(({ isRef }) => isRef).map(timer => timer.due));
    const isWaiting =
      Number.isFinite(due) &&
      due > now() &&
      process.getActiveResourcesInfo().every(resource => idleResources.has(resource));
    tell(isWaiting ? due : undefined);
  };
  real.setInterval(look, 5).unref();
  return heard => {
    ({ offset, step } = heard);
    // What was told before the jump may have crossed it on the way: the next look tells again.
    told = null;
    [...pending].sort((one, other) => one.due - other.due).forEach(timer => timer.start());
  };
}

/** Patches this process. `send` carries reports to the sandbox; returns what hears `{ step, offset }` from it. */
exports.followSandboxClock = (startOffset, send) => {
  offset = startOffset;
  patchDate();
  patchTimers();
  return report(send);
};
