import { omit } from "../../common/objects.ts";
import type { UserLink } from "../../model/link.ts";
import type { State } from "../../model/receipt.ts";
import { type LeftState, type Rest, restOf, sinceOf, type Work } from "../../model/work.ts";
import { nextConfirmation, nextTry, nextWait } from "../attempts/next-try.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import { endsAccess } from "./ends-access.ts";
import { isInGrace } from "./grace.ts";
import { type UserState, userState } from "./user-state.ts";
import { waitsFor } from "./waits-for.ts";

/**
 * The mark of work of a user's link, an attempt under way aside; how it rests where nothing is to be done. It stays urgent, and
 * its `since` that of the first asking, for as long as access is to end. What is to be done and has not failed is due now.
 */
export const workOfUser = (
  { ports, integration }: IntegrationContext,
  { saved, link }: Pick<UserState, "saved" | "link">,
): Work | Rest | null => {
  const settled: UserLink = omit(link, "attempt");
  const state = userState(integration, ports.profileOf(integration), settled, saved);
  const urgency = endsAccess(integration, { saved, link }) ? 0 : 1;
  const now = ports.clock.now();
  const since = sinceOf(link.work, urgency, saved?.changed?.since ?? now);
  const mark = {
    urgency,
    since,
    setAt: now,
    ...(link.work?.holdId && { holdId: link.work.holdId }),
  } as const;
  const { deleteFrom } = link.assignment;
  const restOrLeft = (rest: State, left: LeftState) =>
    urgency === 0 ? { ...mark, state: left, at: since } : restOf(rest);
  const later = () => nextTry(ports, link.observed, urgency === 0);
  switch (state) {
    case "pending":
      return isInGrace({ saved, link }, now) && link.work ? link.work : { ...mark, state, at: now };
    case "retrying":
    case "failed":
      return { ...mark, state, at: later() };
    case "unconfirmed":
      return { ...mark, state, at: nextConfirmation(ports, link.observed, urgency === 0) };
    case "deprovisioned":
      // Closed, and to be deleted later. That is no access that is left open.
      return deleteFrom && saved?.deleted
        ? { ...mark, state: "pending", urgency: 1, at: Date.parse(deleteFrom) }
        : restOrLeft(state, state);
    // Taken out by a call, while groups hold the user still.
    case "skipped":
      return restOrLeft(state, "deprovisioned");
    case "in_sync": {
      if (waitsFor(integration, { saved, link: settled }, state).length === 0) return null;
      const waitsSince = link.work?.state === state ? link.work.since : now;
      return { state, urgency: 1, at: nextWait(ports, waitsSince), since: waitsSince, setAt: now };
    }
    case "unmanaged":
      return restOrLeft(state, state);
    default:
      return restOf(state);
  }
};
