import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { RuleSet } from "../../patterns";
import { parseJson, ruleSet } from "../../patterns";

// Our side of the benchmark, with the commands of Ruler.java.
const linesOf = (file: string): string[] => readFileSync(file, "utf8").split("\n").filter(Boolean);
const sets = new Map<string, RuleSet<number>>();
let rules = ruleSet<number>([]);
let events: string[] = [];

const round = (): string => {
  let matches = 0;
  const start = process.cpuUsage();
  for (const event of events) matches += rules.matchText(event).length;
  const { user, system } = process.cpuUsage(start);
  return `${(user + system) * 1000} ${matches}`;
};

createInterface({ input: process.stdin }).on("line", line => {
  const [command, file] = line.split(" ");
  if (command === "rules") {
    rules = sets.get(file) ?? ruleSet(linesOf(file).map((text, index) => [index, parseJson(text)] as const));
    sets.set(file, rules);
  }
  if (command === "events") events = linesOf(file);
  console.log(command === "round" ? round() : "ok");
});
