import type { Happening } from "../../ground/journal";

export type Mail = Extract<Happening, { kind: "mail" }>;

/** SNS ends each mail with words and a link of its recipient's own. */
const withoutFooter = (body: string): string => body.split("\n--\n")[0] ?? body;

const isSame = (one: Mail, other: Mail): boolean =>
  one.topicArn === other.topicArn &&
  one.subject === other.subject &&
  withoutFooter(one.body) === withoutFooter(other.body);

/**
 * Tells of each mail once, with all its recipients: SNS delivers it to one after the other.
 * @param tell gets the mail and everybody to whom it went
 */
export function createMailbox(tell: (mail: Mail, to: readonly string[]) => void): {
  receive(mail: Mail): void;
  /** Tells of the last one, because no further recipient is expected: something else happened. */
  flush(): void;
} {
  let waiting: { readonly mail: Mail; readonly to: string[] } | undefined;
  const flush = (): void => {
    const told = waiting;
    waiting = undefined;
    if (told !== undefined) tell(told.mail, told.to);
  };
  return {
    receive: mail => {
      if (waiting !== undefined && isSame(waiting.mail, mail)) return void waiting.to.push(mail.to);
      flush();
      const own = { mail, to: [mail.to] };
      waiting = own;
      // Where nothing else happens, the screen should not wait for it.
      setTimeout(() => waiting === own && flush(), 200).unref();
    },
    flush,
  };
}
