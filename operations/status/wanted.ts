import type { StackKey } from "../../components/settings/keys";
import { isRefusal } from "../refusals";
import { readStackFile } from "../sweep/stack-file";

/** What only the stack file says, and no part of the stack shows. */
export interface Wanted {
  /** Addresses that should get the mails. */
  readonly recipients: readonly string[];
  /** Ids of guardrails that should go through what there is each day. */
  readonly swept: readonly string[];
  /** Why the file says nothing, in a sentence. */
  readonly unknown?: string;
}

/** Its id is often set by hand only, and says nothing of these. */
const group: StackKey = "adminSecurityGroupId";

/** @param folder of the stack files; absent: the project's */
export function wantedBy(stack: string, folder?: string): Wanted {
  try {
    const filled = { [`aws-event-guardrails:${group}`]: "sg-00000000000000000" };
    const { recipients, guardrails } = readStackFile(stack, folder, filled);
    const swept = guardrails.flatMap(({ definition, sweep }) => (sweep === "off" ? [] : [definition.id]));
    return { recipients, swept };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const [first] = error.message.split("\n");
    return {
      recipients: [],
      swept: [],
      unknown: `Who should get mails and what should be swept, the stack file alone knows. ${first}`,
    };
  }
}
