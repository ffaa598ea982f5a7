import { omit } from "../../common/objects.ts";
import type { UserLink } from "../../model/link.ts";
import type { Work } from "../../model/work.ts";
import { desiredOf } from "../assignments/assignment.ts";
import { nextTry } from "../attempts/next-try.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import { type UserState, userState } from "./user-state.ts";

/**
 * The mark of work of a user's link, an attempt under way aside: null where nothing is to be done. `since` stays that of the
 * mark before it. What is to be done and has not failed is due now.
 */
export const workOfUser = (
  { ports, integration }: IntegrationContext,
  { saved, link }: Pick<UserState, "saved" | "link">,
): Work | null => {
  const settled: UserLink = omit(link, "attempt");
  const state = userState(integration, ports.profileOf(integration), settled, saved);
  const urgency = desiredOf(link.assignment, saved) === "active" ? 1 : 0;
  const now = ports.clock.now();
  const mark = {
    urgency,
    since: link.work?.since ?? now,
    setAt: now,
    ...(link.work?.holdId && { holdId: link.work.holdId }),
  } as const;
  const later = () => nextTry(ports, link.observed, urgency === 0);
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
