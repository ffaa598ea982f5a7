/**
 * Runs `work` on every item, at most `width` at a time; the results keep the order of the items. After the first error
 * no other item is started, and the error is thrown once the work under way has ended. While items wait, `untilWider`
 * is called again and again, and each time its promise ends, `width` more items may be under way.
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
