import type { RecordShape } from "../../records";
import type { Bus } from "../delivery/bus";
import type { Topics } from "../delivery/topics";
import type { Call, Handlers } from "../ground/call";
import type { Clock } from "../ground/clock";
import type { Journal } from "../ground/journal";
import type { Sdk } from "../codec/api";
import type { Identities } from "../iam/identity";
import type { Judged } from "../iam/judged";
import type { Functions } from "../lambda/functions";
import type { Account } from "../state/account";
import type { Watch } from "../watch";

/**
 * One AWS service of the sandbox, in one object: what its folder exports, and the only place that is asked about it.
 * A member that AWS has and the sandbox has not is `lacks("…")`; README.md, "What the services lack", is made of it.
 */
export interface Service extends Judged {
  /** What its requests are signed for, where that is not the name. */
  readonly signing?: string;
  /** How the paths of its requests begin, where several are signed alike. */
  readonly path?: string;
  readonly sdk: Sdk;
  /** How CloudTrail tells of its calls: records/shapes.ts, or `plainRecord` like most. */
  readonly record: RecordShape;
  /** Corrects what the account's state gets wrong, by operation. One at a time, as every call to the state. */
  corrections?(needs: Correcting): Handlers;
  /** Refuses what must not reach a correction or the state. */
  check?(account: Account): (call: Call) => Promise<void>;
  /** Serves operations whose state is ours, or that wait for other calls. They win over corrections. */
  handlers?(needs: Serving): Handlers;
  /** Its answers name the host that they were asked for, as queue URLs do. */
  readonly namesHost?: true;
  /** Operations that may run beside others, since they wait. */
  readonly waits?: readonly string[];
  /** What it does not do, in words; operations that are refused for a reason stand in `unjudged` and `refused`. */
  readonly lacks: readonly string[];
  /** Operations that are refused to everybody, and why. */
  readonly refused?: Readonly<Record<string, string>>;
}

export interface Correcting {
  readonly account: Account;
  readonly identities: Identities;
}

export interface Serving {
  readonly account: Pick<Account, "client">;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly bus: Bus;
  readonly functions: Functions;
  readonly watch: Watch;
  readonly topics: Topics;
  /** Whether recipients confirm their mail subscriptions by themselves, right after the answer. */
  readonly confirmsMail: boolean;
}
