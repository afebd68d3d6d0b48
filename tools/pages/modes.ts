import { capabilities, modes, type Capabilities } from "../../runtime/modes";
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
      writeIn(capabilities[mode]),
    ]),
  );

const ledgerIn = ({ usesLedger, writes, asks }: Capabilities): string => {
  if (!usesLedger) return "no";
  return writes || asks ? "everything" : "what was told";
};

const writeIn = ({ writes, asks }: Capabilities): string => {
  if (asks) return "once somebody has approved";
  return writes ? "yes" : "no";
};

/** The modes in which the function that looks may write. */
export const writingModes = modes.filter(mode => capabilities[mode].writes);
