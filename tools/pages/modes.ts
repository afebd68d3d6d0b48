import { type Acts, capabilities, modes, type Capabilities } from "../../runtime/modes";
import { code, table } from "./table";

const defaultMode = "notify";

/** What each mode does, as `runtime/modes.ts` says it. */
export const modeTable = (): string =>
  table(
    ["mode", "log, metrics", "notice", "ledger", "write"],
    modes.map(mode => [
      `${code(mode)}${mode === defaultMode ? " (default)" : ""}`,
      "yes",
      capabilities[mode].tells ? "yes" : "no, except for failures",
      ledgerIn(capabilities[mode]),
      writeIn[capabilities[mode].acts],
    ]),
  );

const ledgerIn = ({ usesLedger, acts }: Capabilities): string => {
  if (!usesLedger) return "no";
  return acts === "never" ? "what was told" : "everything";
};

const writeIn: Readonly<Record<Acts, string>> = { never: "no", itself: "yes" };

/** The modes in which a function may go through what there is. */
export const sweepingModes = modes.filter(mode => capabilities[mode].usesLedger);
/** The modes in which the function that looks may write. */
export const writingModes = modes.filter(mode => capabilities[mode].acts === "itself");
