import type { Mutation } from "./mutation";

const tests = ["tests/runtime/telling/post.test.ts"];
const post = { file: "runtime/telling/post.ts", tests };
const waiting = { file: "runtime/ledger/waiting.ts", tests };
const digest = { file: "runtime/telling/digest.ts", tests };
const telling = ["tests/runtime/telling/telling.test.ts"];
const told = { file: "runtime/telling/told.ts", tests: telling };
const notices = ["tests/runtime/telling/notify.test.ts"];

/** Defects of mails: which wait, for what, and what is in them. */
export const tellingMutations: readonly Mutation[] = [
  {
    ...waiting,
    defect: "publishes right after another mail, until SNS suspends the recipients",
    find: "seen.at + between > now || ",
    replace: "",
  },
  {
    ...waiting,
    defect: "publishes while another invocation gathers",
    find: " || seen.until > now) return false;",
    replace: ") return false;",
  },
  {
    ...waiting,
    defect: "sends at once what waits for its time",
    find: "        if (String(sk) > end) return found;\n",
    replace: "",
  },
  {
    ...waiting,
    defect: "leaves what was gathered to an invocation that has died",
    find: "until: when + grace, gatherer: owner",
    replace: "until: Infinity, gatherer: owner",
  },
  {
    ...post,
    defect: "loses a notice that may not be published yet",
    find: "    for (const notice of notices) await keep(notice, now);\n",
    replace: "",
  },
  {
    ...post,
    defect: "sends what waited again with every mail",
    find: "    await ledger.sent(\n      due.map(({ key }) => key),\n      world.now(),\n    );\n",
    replace: "",
  },
  {
    ...post,
    file: "runtime/ledger/waiting.ts",
    defect: "gives what is critical no time to gather",
    find: "? together : between)",
    replace: "? between : between)",
  },
  {
    ...post,
    defect: "publishes as fast as it can where the ledger does not answer",
    find: "const rest = memory.last + between - world.now();",
    replace: "const rest = 0;",
  },
  {
    ...post,
    defect: "waits with a mail until Lambda ends the invocation",
    find: "      if (world.remaining() < rest + reserve) return;\n",
    replace: "",
  },
  {
    ...post,
    defect: "loses a notice that nobody can keep",
    find: '      throw new Error("A notice has to wait, and neither the ledger nor this invocation can keep it");',
    replace: "      return;",
  },
  {
    file: "runtime/tick/digests.ts",
    tests: [...tests, "tests/runtime/tick/gauges.test.ts"],
    defect: "never sends what waited",
    find: "post.sendDue();",
    replace: "Promise.resolve(void post);",
  },
  {
    ...digest,
    defect: "names a resource twice that a retry told again",
    find: "notices.map(notice => [notice.id, notice])",
    replace: "notices.map(notice => [notice, notice])",
  },
  {
    ...digest,
    defect: "hides what is critical behind a mail's milder notices",
    find: "rank(other) - rank(one)",
    replace: "rank(one) - rank(other)",
  },
  {
    ...digest,
    defect: "gives a mail the attributes of its first notice, so that filters miss the others",
    find: "values.length === 1 ? values[0] : values",
    replace: "values[0]",
  },
  {
    ...digest,
    defect: "sends a mail that is too large for SNS",
    find: "    if (size > largest && found.length > 0) break;\n",
    replace: "",
    tests: [...tests, "tests/runtime/telling/flood.test.ts"],
  },
  {
    defect: "fills a mailbox with what one principal does",
    file: "runtime/telling/telling.ts",
    find: "place.nth > mostAtOnce",
    replace: "place.nth > Infinity",
    tests: telling,
  },
  {
    defect: "mails each notice of a low severity by itself",
    file: "runtime/telling/telling.ts",
    find: "return isUrgent || (place.nth === 1 && !isExpected) ? undefined : now();",
    replace: "return undefined;",
    tests: telling,
  },
  {
    defect: "mails the ordinary work of an expected caller at once",
    file: "runtime/telling/telling.ts",
    find: "(place.nth === 1 && !isExpected)",
    replace: "place.nth === 1",
    tests: telling,
  },
  {
    defect: "lets what is critical wait for the end of the hour",
    file: "runtime/telling/telling.ts",
    find: 'if (notice.severity === "critical" || !capabilities[config.mode].usesLedger) return undefined;',
    replace: "if (!capabilities[config.mode].usesLedger) return undefined;",
    tests: [...telling, ...tests],
  },
  {
    ...told,
    defect: "is quiet about what was seen right in between",
    find: "at > timeOf(goneKey(guardrail, outcome)) && ",
    replace: "",
  },
  {
    ...told,
    defect: "is quiet about what was made anew",
    find: " && !isNew;",
    replace: ";",
  },
  {
    ...told,
    defect: "tells of what is held once a day",
    find: 'isLoud || outcome.kind === "held" ? quietWhereLoud : quiet',
    replace: "quiet",
  },
  {
    defect: "takes names of other people for its own words, links and all",
    file: "runtime/telling/sections.ts",
    find: "`${quoted(name)} (${plain(arn)})`",
    replace: "`${name} (${plain(arn)})`",
    tests: notices,
  },
  {
    defect: "calls a caller unknown of whom the record says all but the ARN",
    file: "runtime/events.ts",
    find: "withoutArn(identity, id) ?? ",
    replace: "",
    tests: notices,
  },
  {
    defect: "keeps a lost recipient to itself",
    file: "runtime/tick/gauges.ts",
    find: "  if (missing > 0) say({ RecipientsMissing: missing });\n",
    replace: "",
    tests: ["tests/runtime/tick/gauges.test.ts"],
  },
];
