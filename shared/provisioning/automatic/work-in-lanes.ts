import type { Ports } from "../ports/ports.ts";

/** How long a lane that finds nothing waits before it looks again. */
const idleMs = 50;

type Lanes<T> = {
  /** For the lane of that number; undefined where there is nothing for it just now. */
  take(lane: number): Promise<T | undefined>;
  work(item: T): Promise<void>;
  isOver(): boolean;
};

/**
 * Take and work in so many lanes until none of them finds anything, or until it is over. No lane leaves before the others:
 * what came meanwhile would find one alone.
 */
export const workInLanes = async <T>(
  { clock }: Pick<Ports, "clock">,
  width: number,
  { take, work, isOver }: Lanes<T>,
): Promise<void> => {
  let resting = 0;
  const isAtRest = () => resting === width || isOver();
  const lane = async (nth: number): Promise<void> => {
    while (!isAtRest()) {
      const item = await take(nth);
      if (item !== undefined) {
        await work(item);
        continue;
      }
      resting += 1;
      if (!isAtRest()) await clock.sleep(idleMs);
      if (!isAtRest()) resting -= 1;
    }
  };
  await Promise.all(Array.from({ length: width }, (_, nth) => lane(nth)));
};
