import { omit } from "../../common/objects.ts";
import type { GroupLink } from "../../model/link.ts";
import type { Work } from "../../model/work.ts";
import { nextTry } from "../attempts/next-try.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import { type GroupState, groupState } from "./group-state.ts";

/** As `workOfUser`, for a group's link. Whether members are to be taken out is not known here: `isUrgent` tells it. */
export const workOfGroup = (
  { ports, integration }: IntegrationContext,
  { saved, link }: GroupState,
  isUrgent = link.work?.urgency === 0 || !link.assignment.bound || saved?.deleted === true,
): Work | null => {
  if (link.rev === 0) return null;
  const settled: GroupLink = omit(link, "attempt");
  const known = groupState(integration, settled, saved);
  // One that has ended is unbound once it is emptied.
  const isToUnbind = saved?.deleted === true && link.assignment.bound;
  const state = isToUnbind && (known === "in_sync" || known === "skipped") ? "pending" : known;
  const now = ports.clock.now();
  const mark = {
    urgency: isUrgent ? 0 : 1,
    since: link.work?.since ?? now,
    setAt: now,
    ...(link.work?.holdId && { holdId: link.work.holdId }),
  } as const;
  const later = () => nextTry(ports, link.observed, isUrgent);
  switch (state) {
    case "pending":
      return { ...mark, state, at: now };
    case "retrying":
    case "failed":
    case "unconfirmed":
      return { ...mark, state, at: later() };
    default:
      return null;
  }
};
