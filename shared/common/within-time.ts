import { AsyncLocalStorage } from "node:async_hooks";

const ends = new AsyncLocalStorage<number>();
/** For what nobody has set an end to. */
const usualMs = 10_000;

/**
 * Runs `work`, all of which has to be over at `endsAt` (Unix ms). How long a store may be waited for is a matter of the
 * whole call: it is known here, however deep below the request is, and no store has to be handed it.
 */
export const withinTime = <T>(endsAt: number, work: () => Promise<T>): Promise<T> => ends.run(endsAt, work);

/** When the work that asks has to be over (Unix ms). */
export const timeEnds = (now: number): number => ends.getStore() ?? now + usualMs;
