/**
 * `work` for every item, at most `width` at a time, in order of start. The first error stops new starts and is thrown
 * once those under way have ended. While some have not begun, each end of `untilWider` lets `width` more be under way.
 */
export const concurrently = async <T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
  untilWider?: () => Promise<unknown>,
): Promise<R[]> => {
  const results: R[] = [];
  let next = 0;
  let stopped: { error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    while (next < items.length && !stopped) {
      const index = next;
      next += 1;
      try {
        results[index] = await work(items[index] as T);
      } catch (error) {
        stopped ??= { error };
      }
    }
  };
  const openLanes = () => Array.from({ length: Math.min(width, items.length - next) }, lane);
  const lanes = openLanes();
  while (untilWider && next < items.length && !stopped) {
    await Promise.race([Promise.all(lanes), untilWider()]);
    lanes.push(...openLanes());
  }
  await Promise.all(lanes);
  if (stopped) throw stopped.error;
  return results;
};
