import type { Intent } from "../../model/attempt.ts";

/** A request that nobody waits for any longer may be carried out this long after its attempt began: proxies queue. */
const lateMs = 60_000;

/** Whether a request of the attempt may still be under way, so that a read which does not show it proves nothing yet. */
export const mayArrive = ({ startedAt }: Pick<Intent, "startedAt">, now: number): boolean =>
  now - Date.parse(startedAt) < lateMs;
