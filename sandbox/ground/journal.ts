import type { JsonObject } from "../../records";

/**
 * Everything that happens in the sandbox, in order: what the timeline shows, `--json` prints and the scenario asks.
 * `at` is sandbox time in epoch milliseconds.
 */
export type Happening = { readonly at: number } & (
  | {
      readonly kind: "call";
      readonly id: string;
      readonly service: string;
      readonly operation: string;
      readonly region: string;
      readonly principal: string;
      readonly ms: number;
      readonly error?: string;
    }
  | {
      readonly kind: "event";
      readonly eventId: string;
      readonly event: JsonObject;
      readonly rules: readonly string[];
    }
  | {
      readonly kind: "delivery";
      readonly eventId: string;
      readonly rule: string;
      readonly target: string;
      readonly attempt: number;
      readonly error?: string;
    }
  | {
      readonly kind: "invocation";
      readonly requestId: string;
      readonly functionName: string;
      readonly eventId?: string;
      readonly attempt: number;
      readonly cold: boolean;
      readonly ms: number;
      readonly error?: string;
    }
  | { readonly kind: "log"; readonly functionName: string; readonly requestId: string; readonly line: string }
  | {
      readonly kind: "mail";
      readonly to: string;
      readonly subject: string;
      readonly body: string;
      readonly topicArn: string;
      readonly attributes: Readonly<Record<string, string>>;
      /** The service that published it, e.g. cloudwatch.amazonaws.com for an alarm. */
      readonly by?: string;
    }
  | {
      readonly kind: "dead-letter";
      readonly queueArn: string;
      readonly reason: string;
      readonly body: string;
    }
  | { readonly kind: "note"; readonly text: string }
);

export interface Journal {
  add(happening: Happening): void;
  /** All so far, oldest first. */
  readonly happenings: readonly Happening[];
  /** Calls the listener with every later one; returns the function that ends it. */
  listen(listener: (happening: Happening) => void): () => void;
}

export function createJournal(): Journal {
  const happenings: Happening[] = [];
  const listeners = new Set<(happening: Happening) => void>();
  return {
    happenings,
    add: happening => {
      happenings.push(happening);
      listeners.forEach(listener => listener(happening));
    },
    listen: listener => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
