/** A value as it stands in JSON, shortened. */
export const show = (value: unknown): string => {
  const text =
    typeof value === "symbol"
      ? (value.description ?? "")
      : typeof value === "number"
        ? String(value)
        : (JSON.stringify(value) ?? "nothing");
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
};

/** `"a", "b" or "c"`, shortened. */
export const oneOf = (words: string[], last = "or"): string => {
  const shown = words.length > 9 ? [...words.slice(0, 8), `${words.length - 8} more`] : words;
  return shown.length < 2
    ? shown.join("")
    : `${shown.slice(0, -1).join(", ")} ${last} ${shown[shown.length - 1]}`;
};
