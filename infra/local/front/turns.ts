import type { EventEmitter } from "node:events";

/** `atOnce` calls are carried out at a time, `waiting` more wait for up to `patienceMs` until one of them ends. */
export type TurnLimits = { atOnce: number; waiting: number; patienceMs: number };

/**
 * Waits for the call's turn, first come, first served.
 *
 * @returns what ends the turn, to be called once; undefined where too many wait, or the wait took too long, or the
 *   call closed before: nothing was begun
 */
export type TakeTurn = (call: EventEmitter) => Promise<(() => void) | undefined>;

export const createTurns = ({ atOnce, waiting, patienceMs }: TurnLimits): TakeTurn => {
  let busy = 0;
  const queue = new Set<(isTurn: boolean) => void>();
  const end = () => {
    const [next] = queue;
    if (next) next(true);
    else busy -= 1;
  };
  const wait = (call: EventEmitter) =>
    new Promise<boolean>((resolve) => {
      const decide = (isTurn: boolean) => {
        queue.delete(decide);
        clearTimeout(timer);
        resolve(isTurn);
      };
      const timer = setTimeout(decide, patienceMs, false);
      call.once("close", () => decide(false));
      queue.add(decide);
    });

  return async (call) => {
    if (busy < atOnce) {
      busy += 1;
      return end;
    }
    return queue.size < waiting && (await wait(call)) ? end : undefined;
  };
};
