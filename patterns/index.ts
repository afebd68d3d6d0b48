export type { Explanation } from "./explain";
export { explain } from "./explain";
export { parseJson } from "./json";
export type { Validation } from "./limits";
export { limits, validate } from "./limits";
export { compile } from "./match";
export type { Mistake } from "./read";
export type { RuleSet } from "./rules/rule-set";
export { ruleSet } from "./rules/rule-set";
