/** Who acts in the steps, by the name that their titles give them. */
const cast: Readonly<Record<string, string>> = {
  Ada: "Ada works with EC2 and S3, and may do everything there.",
  Eve: "Eve may look, and change nothing.",
  Mallory: "Mallory may invoke functions, and nothing else.",
  Otto: "Otto is an operator of the stack: he may take back what a guardrail did.",
};

/** Says of everybody whom a text names for the first time who they are. */
export function createIntroductions(): (text: string) => string[] {
  const known = new Set<string>();
  return text =>
    Object.entries(cast).flatMap(([name, words]) => {
      if (known.has(name) || !new RegExp(`\\b${name}\\b`).test(text)) return [];
      known.add(name);
      return [words];
    });
}
