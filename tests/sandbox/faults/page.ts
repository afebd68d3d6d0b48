import { breaches } from "../../guardrails";
import type { Crash } from "./crash-points";
import { type Refused, ways } from "./refusals";

/** What was tried of one guardrail. */
export interface Tried {
  /** In the work that a breach's own event brings. */
  readonly crashes: Crash[];
  readonly refusals: Refused[];
  /** In other work, by what it is. */
  readonly others: Record<string, Crash[]>;
}

/** One guardrail's part of the page. */
interface Part {
  readonly guardrail: string;
  readonly section: string;
  readonly deaths: number;
  readonly operations: readonly string[];
}

/**
 * docs/faults.md: what was tried, and how it ended.
 * @param before the page as it was: guardrails that were not tried now keep their part of it
 */
export function page(tried: Readonly<Record<string, Tried>>, before = ""): string {
  const parts = breaches.flatMap(({ guardrail }): Part[] => {
    const one = tried[guardrail];
    if (one === undefined) return partIn(before, guardrail);
    const deaths = [one.crashes, ...Object.values(one.others)].flat().length;
    return [
      {
        guardrail,
        section: sectionOf(guardrail, deaths, one),
        deaths,
        operations: operationsIn(one.crashes),
      },
    ];
  });
  const deaths = parts.reduce((sum, part) => sum + part.deaths, 0);
  const failures = parts.reduce((sum, part) => sum + part.operations.length * ways.length, 0);
  return `# Faults at every call

\`npm run faults\` writes this page, and only when nothing is wrong. It deploys the real stack on the sandbox account, breaks a new resource for each line below, puts the fault in the way of the deployed function's own calls, and advances the sandbox clock through Lambda's retries. \`npm test\` tries a sample of both, and more kinds of faults (tests/sandbox/faults).

## Dying

The function's process is killed just before a call is served, or just after it was and before the function has the answer: ${deaths} deaths. After each of them

- the resource is as it must be, read from the account,
- each write reached the account exactly once,
- the ledger has one action of it, told (\`notified\`), with the state before as it was before; the event is closed and no lock is live,
- at least one mail names the resource, and nothing is in the dead-letter queue.

So it is for the work that a breach's own event brings, at every call; for a tick that takes up what was held, and one that sweeps and finds what no event told; and for a launch of 26 instances, which are two batches: its first calls, those for the thirteenth instance, and the whole second batch. In these last three a function dies before each call, and after those that others see, a write to the resource or a mail: to die after another call is to die before the next.

A call that AWS refuses (a bucket without tags or policy) leaves nothing behind, so only the death before it is tried. A death between the notice and its record has the notice sent again: writes happen once in effect, notices at least once. Being killed at the timeout is such a death.

${parts.map(({ section }) => section).join("\n\n")}

## Failing

Each operation that a fix needs fails for good, ${ways.join(", ")}: ${failures} failures. Each time nothing was called remediated that was not put right, the function was tried three times and the event kept in the dead-letter queue (where only the lock's release fails, the first retry ends the work), and, but for the topic's own failure, somebody was told. Then the operation works again and the kept event is sent again: now all that is said above of a death holds, each write still made exactly once.

| guardrail | operations |
| --- | --- |
${parts.map(({ guardrail, operations }) => `| \`${guardrail}\` | ${operations.join(", ")} |`).join("\n")}
`;
}

const operationsIn = (tried: readonly Crash[]): string[] => [...new Set(tried.map(({ call }) => call))];

/** A guardrail's part of a page that was written before; [] when it has none. */
function partIn(text: string, guardrail: string): Part[] {
  const [, section, deaths] =
    new RegExp(`^(### \`${guardrail}\`: (\\d+) deaths\\n[^]*?)\\n\\n###? `, "m").exec(text) ?? [];
  const [, operations] = new RegExp(`^\\| \`${guardrail}\` \\| (.*) \\|$`, "m").exec(text) ?? [];
  return section === undefined || operations === undefined
    ? []
    : [{ guardrail, section, deaths: Number(deaths), operations: operations.split(", ") }];
}

function sectionOf(guardrail: string, deaths: number, { crashes, others }: Tried): string {
  const rows = crashes.flatMap(before => {
    if (before.when === "after") return [];
    const { call, nth } = before;
    const after = crashes.find(one => one.call === call && one.nth === nth && one.when === "after");
    return [`| ${nthOf(before)} | ${cell(before)} | ${cell(after)} |`];
  });
  return [
    `### \`${guardrail}\`: ${deaths} deaths`,
    "",
    "| call | death before it | death after it |",
    "| --- | --- | --- |",
    ...rows,
    ...Object.entries(others).flatMap(([what, some]) => ["", ...otherOf(what, some)]),
  ].join("\n");
}

/** Other work in short: its deaths by how they ended. */
function otherOf(what: string, crashes: readonly Crash[]): string[] {
  const ended = new Map<string, string[]>();
  for (const crash of crashes) {
    const where = `${crash.when === "after" ? "after " : ""}${nthOf(crash)}`;
    ended.set(cell(crash), [...(ended.get(cell(crash)) ?? []), where]);
  }
  return [
    `| ${what}: ${crashes.length} deaths | before the call, or after it |`,
    "| --- | --- |",
    ...[...ended].map(([how, where]) => `| ${how} | ${where.join(", ")} |`),
  ];
}

const nthOf = ({ call, nth }: Crash): string => `${call}${nth > 1 ? ` (${nth})` : ""}`;

function cell(crash: Crash | undefined): string {
  if (crash === undefined) return "refused by AWS";
  const { tries, written, mails } = crash.trial;
  const notices = new Set(mails.map(({ to }) => to)).size;
  return `${tries.length} tries, ${written.length} written, told ${mails.length / notices}×`;
}
