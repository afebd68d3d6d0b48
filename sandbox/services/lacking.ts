import { isLacking } from "../iam/judged";
import type { Service } from "./service";

/** What each service lacks, as README.md has it. */
export function lackingTable(services: readonly Service[]): string {
  const rows = services.map(service => {
    const members = [service.facts, service.resourcePolicies].flatMap(member =>
      isLacking(member) ? [member.lacks] : [],
    );
    const refused = Object.entries({ ...service.unjudged, ...service.refused });
    const because = [...new Set(refused.map(([, why]) => why))].map(why => {
      const operations = refused.filter(([, other]) => other === why).map(([name]) => `\`${name}\``);
      return `${operations.join(", ")}: ${why}`;
    });
    return `| ${service.name} | ${[...service.lacks, ...members, ...because].join("; ") || "nothing known"} |`;
  });
  return `\n| service | what it lacks |\n| --- | --- |\n${rows.join("\n")}\n\n`;
}
