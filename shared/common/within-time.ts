import { AsyncLocalStorage } from "node:async_hooks";

type Within = { endsAt: number; late?: unknown };

const within = new AsyncLocalStorage<Within>();
/** For what nobody has set an end to. */
const usualMs = 10_000;

/**
 * Runs `work`, all of which has to be over at `endsAt` (Unix ms). How long a store may be waited for is a matter of the
 * whole call: it is known here, however deep below the request is, and no store has to be handed it.
 */
export const withinTime = <T>(endsAt: number, work: () => Promise<T>): Promise<T> =>
  within.run({ endsAt }, work);

/** When the work that asks has to be over (Unix ms). */
export const timeEnds = (now: number): number => within.getStore()?.endsAt ?? now + usualMs;

/** From now on the work may be left where it is: what is true then. */
export const ifLate = (answer: unknown): void => {
  const now = within.getStore();
  if (now) now.late = answer;
};

/** The work that asks, for a look at it from outside. */
export const workInTime = (): Readonly<Within> | undefined => within.getStore();
