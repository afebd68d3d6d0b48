/** Does something for each item, at most so many at a time, and answers in their order. The first error ends it. */
export async function inParallel<T, R>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const done: R[] = [];
  let next = 0;
  let isFailed = false;
  async function worker(): Promise<void> {
    while (next < items.length && !isFailed) {
      const at = next++;
      try {
        done[at] = await work(items[at]);
      } catch (error) {
        isFailed = true;
        throw error;
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, () => worker()));
  return done;
}
