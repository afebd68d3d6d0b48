import { awsError } from "../../../support/fakes/client";

export type Rule = {
  id: string;
  group: string;
  protocol: string;
  from: number;
  to: number;
  source: string;
  description: string;
};
export type Account = {
  groups: Record<string, { tags: Record<string, string> }>;
  rules: Record<string, Rule>;
  lists: Record<string, string[]>;
  interfaces: Record<string, { groups: string[]; isChecked: boolean }>;
  made: number;
};

const guarded = [22, 3389];
export const world = ["0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1"];
/** Each as much as may be open, so that two of them are too much. */
export const pieces = ["12.0.0.0/8", "13.0.0.0/8"];
export const hex = (number: number): string => number.toString(16).padStart(17, "0");
export const rulesOf = (account: Account, group: string): Rule[] =>
  Object.values(account.rules).filter(rule => rule.group === group);
export const inWords = ({ protocol, from, to, source, id }: Rule): string =>
  `${protocol === "-1" ? "all protocols" : `${protocol.toUpperCase()} ${from === to ? from : `${from}-${to}`}`} from ${source} (${id})`;

const admits = (rule: Rule, port: number): boolean =>
  rule.protocol === "-1" || (rule.protocol === "tcp" && rule.from <= port && port <= rule.to);
const sourcesOf = (account: Account, rule: Rule): string[] => account.lists[rule.source] ?? [rule.source];

/** The rules that open a guarded port to the world, alone or in two pieces. */
export function openRules(account: Account): Rule[] {
  return Object.values(account.rules).filter(rule =>
    guarded.some(port => {
      if (!admits(rule, port)) return false;
      const own = sourcesOf(account, rule);
      if (own.some(source => world.includes(source))) return true;
      const all = rulesOf(account, rule.group)
        .filter(other => admits(other, port))
        .flatMap(other => sourcesOf(account, other));
      return own.some(source => pieces.includes(source)) && pieces.every(piece => all.includes(piece));
    }),
  );
}

export function add(account: Account, rule: Omit<Rule, "id">): Rule {
  const same = rulesOf(account, rule.group).some(
    other => inWords({ ...other, id: "" }) === inWords({ ...rule, id: "" }),
  );
  if (same) throw awsError("InvalidPermission.Duplicate");
  const id = `sgr-${hex(++account.made)}`;
  return (account.rules[id] = { ...rule, id });
}
