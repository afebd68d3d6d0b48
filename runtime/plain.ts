/**
 * Makes text from outside (names, tags, user agents, error messages) safe to show: printable ASCII on one line, cut
 * to a length. Nothing in it can then start a line, end a quotation or imitate a command of ours.
 */
export function plain(text: unknown, length = 200): string {
  const line = String(text)
    .replace(/[^\x20-\x7e]+/g, " ")
    .replace(/["'`$\\]/g, "")
    .trim();
  return line.length <= length ? line : `${line.slice(0, length - 3)}...`;
}
