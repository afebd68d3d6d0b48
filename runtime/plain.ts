/**
 * Makes text from outside (names, tags, user agents, error messages) safe to show: printable ASCII on one line, cut
 * to a length. Nothing in it can then start a line, end a quotation, imitate a command of ours or be a link.
 */
export const plain = (text: unknown, length = 200): string => cut(inert(text), length);

/** Words of ours that may quote somebody else's, safe to show in the same way but for the quotation marks. */
export const sentence = (text: unknown, length: number): string => cut(shown(text), length);

/**
 * What somebody else chose the words of, such as a tag or a session's name, shown as their words: in quotation marks of
 * ours, at most 60 characters, and not a host name in it that a mail program would make a link of. Addresses stay.
 */
export const quoted = (text: unknown): string => `"${cut(unlinked(inert(text)), 60)}"`;

/** A name that somebody else chose, such as a bucket's, where it need not be copied: no link of it either. */
export const named = (text: unknown): string => cut(unlinked(inert(text)), 200);

const unlinked = (text: string): string =>
  text
    .split(" ")
    .map(word => (/^[\w.+-]+@[\w.-]+$/.test(word) ? word : word.replace(/\.(?=[a-z]{2})/gi, "[.]")))
    .join(" ");

const inert = (text: unknown): string => shown(text).replace(/"/g, "").trim();

const shown = (text: unknown): string =>
  String(text)
    .replace(/[^\x20-\x7e]+/g, " ")
    .replace(/['`$\\]/g, "")
    .replace(/:\/\//g, "[:]//")
    .trim();

const cut = (line: string, length: number): string =>
  line.length <= length ? line : `${line.slice(0, length - 3)}...`;

/** A time as people read it, e.g. 2026-11-20T10:05Z. @param time epoch milliseconds */
export const minuteOf = (time: number): string => `${new Date(time).toISOString().slice(0, 16)}Z`;
