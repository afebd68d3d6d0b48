const keys = ["owner", "team", "contact"];

/** Who owns a resource: the value of its tag Owner, else Team, else Contact, in any case. */
export function ownerOf(tags: Readonly<Record<string, string>>): string | undefined {
  for (const key of keys) {
    const found = Object.entries(tags).find(([name, value]) => name.toLowerCase() === key && value !== "");
    if (found !== undefined) return found[1];
  }
  return undefined;
}
