import type { Progress } from "../ledger/sweeps";
import { logGroupName } from "../names";
import type { Occasion } from "../occasion";
import { plain, sentence } from "../plain";
import type { Notice } from "../telling/notify";
import type { Sender } from "../telling/sections";

/** How many findings a digest lists; the audit lines hold them all. */
export const listed = 50;

/** What a complete sweep tells at its end, in one notice; undefined when nothing is new. */
export function digestOf(sender: Sender, occasion: Occasion, done: Progress): Notice | undefined {
  if (done.fresh === 0) return undefined;
  return done.isBaseline ? baseline(sender, occasion, done) : news(sender, occasion, done);
}

function baseline(sender: Sender, occasion: Occasion, done: Progress): Notice {
  return notice(sender, occasion, done, "baseline", {
    subject: `Baseline: ${done.fresh} of ${done.looked} wrong before: ${sender.title}`,
    sections: [
      [
        "What happened",
        `This guardrail has looked at everything in region ${occasion.region} for the first time: ${done.looked} resources, ${done.fresh} of them wrong and not exempt.`,
        "They are recorded as its baseline. No mode changes them, and you are not told of them again.",
      ],
      ["What is wrong", ...lines(done)],
      [
        "What to do",
        "List all of it:",
        `  npm run guardrails -- baseline list --guardrail ${sender.id} --stack ${sender.stack}`,
        ...(sender.mode === "enforce"
          ? [
              "Have the guardrail put five of them right, recorded in your name:",
              `  npm run guardrails -- baseline fix --guardrail ${sender.id} --limit 5 --stack ${sender.stack}`,
            ]
          : []),
      ],
    ],
  });
}

function news(sender: Sender, occasion: Occasion, done: Progress): Notice {
  return notice(sender, occasion, done, "notified", {
    subject: `Sweep found ${done.fresh} new: ${sender.title}`,
    sections: [
      [
        "What happened",
        `This guardrail has gone through region ${occasion.region}: ${done.looked} resources, ${done.wrong} of them wrong and not exempt, ${done.fresh} of those since the last sweep.`,
        "No event told of them, or the event told of something else.",
      ],
      ["What is wrong", ...lines(done)],
      ["What was done", "Nothing: these are left to you."],
    ],
  });
}

const lines = ({ news: found, fresh }: Progress): string[] => [
  ...found.flatMap(({ arn, words }) => [`- ${plain(arn)}`, `  ${sentence(words, 600)}`]),
  ...(fresh > found.length
    ? [`... and ${fresh - found.length} more: see the audit lines of this sweep.`]
    : []),
];

function notice(
  sender: Sender,
  occasion: Occasion,
  done: Progress,
  outcome: string,
  { subject, sections }: { subject: string; sections: readonly (readonly string[])[] },
): Notice {
  const about = [
    "About",
    `Guardrail ${sender.id} (${sender.title}), severity ${sender.severity}, mode ${sender.mode}, stack ${sender.stack}.`,
    `Every step is in log group ${logGroupName(sender.stack)}: search for ${plain(occasion.id, 60)}.`,
  ];
  const body = [...sections, about].map(([title, ...rest]) =>
    [title, ...rest.map(line => `  ${line}`)].join("\n"),
  );
  return {
    id: `${outcome} ${occasion.key}`,
    title: sender.title,
    severity: sender.severity,
    about: done.news.map(({ arn }) => `${outcome === "baseline" ? "Baseline" : "Found"}: ${plain(arn, 250)}`),
    subject: plain(`[${sender.severity}] ${subject}`, 99),
    body: `${sender.title}\n\n${body.join("\n\n")}\n`,
    attributes: {
      guardrail: sender.id,
      severity: sender.severity,
      outcome,
      account: occasion.account,
      region: occasion.region,
    },
  };
}
