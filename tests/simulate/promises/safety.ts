import type { GuardrailConfig } from "../../../runtime/config";
import { unpack } from "../../../runtime/ledger/items";
import type { Change, Simulation } from "../../guardrails/simulation";
import type { Invocation } from "../lambda";
import { oldest } from "../plan";
import type { SimulatedWorld, Version } from "../world";

/** Something that must not be, by the name of the promise that it breaks. */
export interface Violation {
  readonly promise: string;
  readonly words: string;
}

/** What one invocation may know, and may do. */
export interface Licence {
  readonly invocation: Invocation;
  readonly config: GuardrailConfig;
  /** The things that what started it has brought, or may have brought. */
  readonly brought: ReadonlySet<string>;
  /** For people, e.g. "the event of step 3". */
  readonly occasion: string;
}

/** A time of an operator's decision, from when it was surely known to when it surely ended. */
export interface Span {
  readonly from: number;
  to: number;
}

/** What an operator has undone of a thing, and wants left as it is. */
export interface Undone extends Span {
  /** What was wrong with it then: in another way it may be put right. */
  readonly words: ReadonlySet<string>;
}

/** What differs between two versions. */
export function changesBetween(simulation: Simulation<object>, before: object, after: object): Change[] {
  const [was, is] = [simulation.things(before as never), simulation.things(after as never)];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap(thing => {
    const [old, now] = [was[thing] ?? {}, is[thing] ?? {}];
    return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap(member =>
      old[member] === now[member] ? [] : [{ thing, member, from: old[member], to: now[member] }],
    );
  });
}

/** How long before a read its news may have ended, and after it another's change may still come in between. */
const window = oldest + 1_000;
/** How long reads of one invocation may lie apart. */
const claims = 30_000;
const day = 24 * 3600_000;

/** A rule that is made again has another id, and is the same finding. */
const findingIn = (words: string): string => words.replace(/ \(sgr-\w+\)/, "");

/** Holds each write of a function against what was promised of it. */
export function safety(
  simulation: Simulation<object>,
  world: SimulatedWorld,
  decided: {
    pauses: readonly Span[];
    undone: ReadonlyMap<string, Undone>;
    /** Whether all that was heard of a thing came from callers whose breaches are told and not written. */
    isLeft(thing: string, licence: Licence): boolean;
  },
  broken: (violation: Violation) => void,
) {
  /** When each finding was written. */
  const writes = new Map<string, number[]>();

  /** The versions that were in force between two times. */
  const between = (from: number, to: number): Version[] => {
    const first = world.at(from);
    return world.versions.filter(version => version === first || (version.at > from && version.at <= to));
  };

  function judge(licence: Licence, operation: string, before: Version, after: Version): void {
    const { invocation, config, brought, occasion } = licence;
    const now = after.at;
    const name = `${invocation.name} wrote (${operation})`;
    const wrong = (promise: string, words: string): void => broken({ promise, words: `${name}: ${words}` });
    if (config.mode !== "enforce") wrong("nothing is written below enforce", `the mode is ${config.mode}`);
    const { begun } = invocation;
    const pause = decided.pauses.find(({ from, to }) => begun !== undefined && from < begun && begun < to);
    if (pause !== undefined) wrong("nothing is written while paused", "an operator had paused the guardrail");
    const changes = changesBetween(simulation, before.account, after.account);
    if (changes.length === 0) {
      const isFresh = Object.values(invocation.shown).every(version => version === before);
      if (isFresh) wrong("nothing is written twice", "it was so already, and so it had just read");
      return;
    }
    const listed = simulation.wrongs(before.account as never);
    for (const change of changes) {
      const { thing } = change;
      const said = `${thing}, ${change.member}: ${change.from ?? "nothing"} to ${change.to ?? "nothing"}`;
      const shown = invocation.shown[simulation.readOf(thing)] as Version | undefined;
      // EC2 and S3 take no condition with a write: what somebody else changed after the read is lost, whoever writes.
      if (shown !== undefined && valueIn(shown, change) !== change.from) continue;
      const since = Math.min(shown?.at ?? now, now - window);
      if (!between(since, now).some(version => simulation.mayChange(version.account as never, change)))
        wrong("bystanders' settings stay", said);
      else if (!brought.has(thing))
        wrong(
          "nothing is written outside what the occasion names",
          `${said}, which ${occasion} did not bring`,
        );
      else if (shown === undefined || !showsWrong(shown, change))
        wrong("a fresh read confirms every write", `${said}, which it had not read to be wrong`);
      const arns = listed.find(one => one.thing === thing)?.arns ?? [];
      const isExempt = (arn: string): boolean =>
        config.exemptions.some(({ resource, principal }) => resource === arn && principal === undefined);
      if (arns.length > 0 && arns.every(isExempt)) wrong("nothing exempt is written", said);
      if (decided.isLeft(thing, licence)) wrong("what its caller is left with is not written", said);
      const hold = decided.undone.get(thing);
      const isAllUndone = listed
        .filter(one => one.arns[0] === arns[0])
        .every(one => decided.undone.get(one.thing)?.words.has(one.words));
      if (hold !== undefined && isAllUndone && hold.from < invocation.started && now < hold.to)
        wrong("what an operator has undone is left alone", said);
    }
    const left = simulation.wrongs(after.account as never).map(({ words }) => words);
    for (const { words } of listed.filter(one => !left.includes(one.words))) {
      const finding = findingIn(words);
      const earlier = (writes.get(finding) ?? []).filter(at => at > now - day && at < now);
      if (earlier.length >= 8)
        wrong("nobody is fought with", `${words}, written ${earlier.length} times in a day`);
      if (earlier.length >= 5 && now - earlier[earlier.length - 1] < 5 * 60_000)
        wrong("nobody is fought with", `${words}, written ${earlier.length} times, and again at once`);
      writes.set(finding, [...earlier, now]);
    }
    // One call may be for several resources, and each has a record of its own.
    for (const thing of new Set(changes.map(change => change.thing)))
      if (!isRecorded(changes.filter(change => change.thing === thing)))
        wrong("the state before is recorded, and true", thing);
  }

  const valueIn = ({ account }: Version, { thing, member }: Change): string | undefined =>
    simulation.things(account as never)[thing]?.[member];

  const showsWrong = ({ account }: Version, change: Change): boolean =>
    simulation.mayChange(account as never, change) ||
    simulation.wrongs(account as never).some(({ thing }) => thing === change.thing);

  /** Whether the ledger holds an intent under way, with the state before it as it truly was. */
  function isRecorded(changes: readonly Change[]): boolean {
    return [...world.table.items.values()].some(({ sk, state, before, opened }) => {
      const isUnderWay = ["intended", "written", "failed"].includes(state?.S ?? "");
      if (sk?.S?.startsWith("action#") !== true || !isUnderWay) return false;
      const at = Number(opened?.N);
      return between(at - window - claims, at).some(({ account }) =>
        simulation.isTrue(unpack(before?.S ?? "null"), account as never, changes),
      );
    });
  }

  /** Whether a function has ever put this right. */
  const hasWritten = (words: string): boolean => writes.has(findingIn(words));

  return { judge, hasWritten };
}
