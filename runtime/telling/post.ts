import type { Json } from "../json";
import { between, type Waiting, type WaitingNotice } from "../ledger/waiting";
import type { World } from "../pipeline/run";
import { digestOf } from "./digest";
import type { Message, Notice } from "./notify";

/** Left for what an invocation still has to do when it has published. */
const reserve = 5_000;

/** What a container remembers of its mails from one invocation to the next. */
export interface Published {
  /** When it published last, in epoch milliseconds. */
  last: number;
}

/** How an invocation's notices leave it: never two mails of one function within ten seconds. */
export interface Post {
  /** In one mail now, or in the next that anybody sends. */
  send(notices: readonly Notice[]): Promise<void>;
  /** With the first mail of what waits, not before that time. */
  leave(notice: Notice, due: number): Promise<void>;
  /** Sends what is due by now. */
  sendDue(): Promise<void>;
  /** The end of the invocation: sends what it has taken upon itself to send. */
  finish(): Promise<void>;
}

const refuse = (): Promise<never> => Promise.reject(new Error("This mode leaves no trace in the ledger"));
const untouched: Waiting = {
  claim: refuse,
  gather: refuse,
  gathered: refuse,
  leave: refuse,
  due: refuse,
  sent: refuse,
  nth: refuse,
};

/**
 * The one way by which notices wait. Whoever may not publish leaves the notice in the ledger; the first of these waits
 * in its invocation and sends all that was left in one mail; if it dies, the next tick does. Without the ledger an
 * invocation publishes by itself, no sooner than ten seconds after its container did.
 */
export function createPost(given: {
  readonly guardrail: string;
  /** Absent where the mode leaves no trace in it. */
  readonly ledger?: Waiting;
  readonly publish: (message: Message) => Promise<void>;
  readonly world: Pick<World, "now" | "pause" | "remaining" | "invocation">;
  readonly memory: Published;
}): Post {
  const { guardrail, publish, world, memory } = given;
  const ledger = given.ledger ?? untouched;
  /** When this invocation is to send what waits. */
  let when: number | undefined;

  const keep = (notice: Notice, due: number): Promise<void> =>
    ledger.leave(guardrail, notice as unknown as Json, notice.id, due);

  const mail = async (notices: readonly Notice[]): Promise<void> => {
    memory.last = world.now();
    await publish(digestOf(notices));
  };

  async function mailAlone(notices: readonly Notice[]): Promise<void> {
    const rest = memory.last + between - world.now();
    if (rest > 0 && world.remaining() < rest + reserve)
      throw new Error("A notice has to wait, and neither the ledger nor this invocation can keep it");
    if (rest > 0) await world.pause(rest);
    await mail(notices);
  }

  /** @returns whether this invocation may publish now; else the notices are in the ledger, and will be sent */
  async function mayPublish(notices: readonly Notice[]): Promise<boolean> {
    const isCritical = notices.some(({ severity }) => severity === "critical");
    if (await ledger.claim(guardrail, world.now(), isCritical)) return true;
    const now = world.now();
    for (const notice of notices) await keep(notice, now);
    await gather(isCritical);
    return false;
  }

  /** What this invocation has taken upon itself it keeps, until others no longer trust it to. */
  async function gather(isCritical: boolean): Promise<void> {
    when = (await ledger.gather(guardrail, world.invocation, world.now(), isCritical)) ?? when;
  }

  async function mailGathered(): Promise<void> {
    when = undefined;
    if (await ledger.gathered(guardrail, world.invocation, world.now())) await mailDue();
  }

  async function mailDue(): Promise<void> {
    const due: WaitingNotice[] = await ledger.due(guardrail, world.now());
    if (due.length === 0) return;
    await mail(due.map(({ notice }) => notice as unknown as Notice));
    await ledger.sent(
      due.map(({ key }) => key),
      world.now(),
    );
  }

  return {
    async send(notices) {
      if (notices.length === 0) return;
      // An invocation of many batches does not keep others waiting for its end. What it cannot send, the next tick does.
      if (when !== undefined && when <= world.now()) await mailGathered().catch(() => undefined);
      const isClaimed = await mayPublish(notices).catch(() => undefined);
      if (isClaimed === undefined) await mailAlone(notices);
      else if (isClaimed) await mail(notices);
    },
    async leave(notice, due) {
      const isKept = await keep(notice, due).then(
        () => true,
        () => false,
      );
      if (!isKept) await mailAlone([notice]);
    },
    async sendDue() {
      if ((await ledger.due(guardrail, world.now())).length === 0) return;
      if (await ledger.claim(guardrail, world.now(), false)) await mailDue();
      else await gather(false);
    },
    async finish() {
      if (when === undefined) return;
      const rest = Math.max(0, when - world.now());
      // What this invocation cannot wait for, the next tick sends.
      if (world.remaining() < rest + reserve) return;
      if (rest > 0) await world.pause(rest);
      await mailGathered();
    },
  };
}
