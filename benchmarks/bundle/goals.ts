/** A function's package beside Pulumi's: sizes and the medians of the per-round ratios ours ÷ Pulumi's. */
export interface Compared {
  readonly id: string;
  readonly usesEc2: boolean;
  readonly zipBytes: number;
  readonly timesSmaller: number;
  readonly start: number;
  readonly memory: number;
  /** Peak memory in bytes beyond that of an empty process. */
  readonly growth: number;
}

export interface Verdict {
  readonly goal: string;
  readonly isReached: boolean;
  /** The function that comes nearest to the limit, or is furthest past it. */
  readonly worst: string;
}

/** Judges every goal that has a function to judge it by. */
export function judge(compared: readonly Compared[]): Verdict[] {
  const heavy = compared.filter(({ usesEc2 }) => usesEc2);
  const light = compared.filter(({ usesEc2 }) => !usesEc2);
  const times = (value: number) => `${value.toFixed(1)}×`;
  const ratio = (value: number) => value.toFixed(2);
  return [
    atMost(350e3, "zip ≤ 350 KB", compared, one => one.zipBytes, kilobytes),
    atLeast(20, "zip ≥ 20× smaller than the default", compared, one => one.timesSmaller, times),
    atLeast(50, "zip ≥ 50× smaller than the default without EC2", light, one => one.timesSmaller, times),
    atMost(0.55, "start ≤ 0.55 of the default with EC2", heavy, one => one.start, ratio),
    atMost(0.7, "peak memory ≤ 0.70 of the default with EC2", heavy, one => one.memory, ratio),
    atMost(45e6, "peak memory ≤ 45 MB over an empty process", compared, one => one.growth, megabytes),
  ].flatMap(verdict => verdict ?? []);
}

export const kilobytes = (bytes: number): string => `${(bytes / 1e3).toFixed(1)} KB`;
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

type Figure = (one: Compared) => number;
type Show = (value: number) => string;

function atMost(
  limit: number,
  goal: string,
  among: readonly Compared[],
  figure: Figure,
  show: Show,
): Verdict | undefined {
  const worst = [...among].sort((a, b) => figure(b) - figure(a))[0];
  if (worst === undefined) return undefined;
  return { goal, isReached: figure(worst) <= limit, worst: `${show(figure(worst))}, ${worst.id}` };
}

function atLeast(
  limit: number,
  goal: string,
  among: readonly Compared[],
  figure: Figure,
  show: Show,
): Verdict | undefined {
  return atMost(
    -limit,
    goal,
    among,
    one => -figure(one),
    value => show(-value),
  );
}
