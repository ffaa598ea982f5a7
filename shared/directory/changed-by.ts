import { omit } from "../common/objects.ts";
import type { Changed } from "../model/work.ts";
import type { Ports } from "../provisioning/ports/ports.ts";

/** The mark of a change, to be written with it. `before`: that of an earlier one which is not dispatched yet. */
export const changedBy = (
  { clock }: Pick<Ports, "clock">,
  before: Changed | undefined,
  carriedOut: Changed["carriedOut"],
  isUrgent = false,
): Changed => {
  const now = clock.now();
  return {
    at: carriedOut?.until ?? now,
    since: before?.since ?? now,
    ...((isUrgent || before?.isUrgent) && { isUrgent: true }),
    ...(carriedOut && { carriedOut }),
    // What was confirmed was of the group as it was then.
    ...(before?.next && { next: before.next.map((next) => omit(next, "isConfirmed")) }),
  };
};
