import { omit } from "../../common/objects.ts";
import type { GroupLink } from "../../model/link.ts";
import { type Rest, restOf, sinceOf, type Work } from "../../model/work.ts";
import { nextConfirmation, nextTry } from "../attempts/next-try.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import { type GroupState, groupState } from "./group-state.ts";

/**
 * As `workOfUser`, for a group's link. Whether members are still to be taken out is not known here: `isUrgent` tells it, and
 * else it counts as so once it was.
 */
export const workOfGroup = (
  { ports, integration }: IntegrationContext,
  { saved, link }: GroupState,
  isUrgent = mayHaveLeavers({ saved, link }),
): Work | Rest | null => {
  if (link.rev === 0) return null;
  const settled: GroupLink = omit(link, "attempt");
  const known = groupState(integration, settled, saved);
  // One that has ended is unbound once it is emptied.
  const isToUnbind = saved?.deleted === true && link.assignment.bound;
  const state = isToUnbind && (known === "in_sync" || known === "skipped") ? "pending" : known;
  const now = ports.clock.now();
  const urgency = isUrgent ? 0 : 1;
  const since = sinceOf(link.work, urgency, saved?.changed?.since ?? now);
  const mark = {
    urgency,
    since,
    setAt: now,
    ...(link.work?.holdId && { holdId: link.work.holdId }),
  } as const;
  const later = () => nextTry(ports, link.observed, isUrgent);
  switch (state) {
    case "pending":
      return { ...mark, state, at: now };
    case "retrying":
    case "failed":
      return { ...mark, state, at: later() };
    case "unconfirmed":
      return { ...mark, state, at: nextConfirmation(ports, link.observed, isUrgent) };
    default:
      return restOf(state);
  }
};

/** Members have left, and perhaps not all are out at the provider. */
export const mayHaveLeavers = ({ saved, link: { assignment, work } }: GroupState): boolean =>
  !assignment.bound || work?.urgency === 0 || saved?.deleted === true || saved?.changed?.isUrgent === true;
