import { catalogue, defaultPack } from "../../components/guardrails";
import { costSentence, costTable } from "./cost";
import { catalogueTable, guardrailSections, guardrailTable } from "./guardrails";
import { modeTable } from "./modes";
import { unheldTable } from "./permissions";
import { commonTable, stackTable } from "./settings";

/** The generated blocks of each page: what stands between `<!-- generated: name -->` and `<!-- end of name -->`. */
export const blocks: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  "README.md": {
    guardrails: () => catalogueTable(catalogue, defaultPack),
    modes: modeTable,
    cost: () => costSentence(catalogue),
  },
  "docs/guardrails.md": {
    guardrails: () => guardrailTable(catalogue, defaultPack),
    "each guardrail": () => guardrailSections(catalogue),
  },
  "docs/settings.md": {
    "stack settings": stackTable,
    "settings of every guardrail": () => commonTable(catalogue),
  },
  "docs/safety.md": { unheld: () => unheldTable(catalogue) },
  "docs/cost.md": { cost: () => costTable(catalogue) },
};
