import type { SNSClient } from "@aws-sdk/client-sns";
import type { GuardrailConfig } from "../config";
import type { Environment } from "../environment";
import type { Ledger } from "../ledger/ledger";
import type { Remediator, World } from "../pipeline/run";
import type { Post, Published } from "../telling/post";

/** What a container remembers from one invocation to the next, until Lambda ends it. */
export interface Memory extends Published {
  /** When the ledger first failed it since its last tick that came through, in epoch milliseconds. */
  cutOff?: number;
}

/** What one invocation has at hand, whatever it was called for. */
export interface Invocation {
  readonly guardrail: Remediator;
  readonly environment: Environment;
  readonly config: GuardrailConfig;
  readonly world: World;
  readonly ledger: Ledger;
  /** The topic's service. */
  readonly sns: Pick<SNSClient, "send">;
  /** By which notices go out. */
  readonly post: Post;
  readonly memory: Memory;
  /** A line of the log. */
  write(line: string): void;
}
