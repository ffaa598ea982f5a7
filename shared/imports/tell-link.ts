import type { Outcome } from "../model/attempt.ts";
import type { SavedUser } from "../model/directory.ts";
import type { UserLink, UserObserved } from "../model/link.ts";
import { leaseMs, newIntent, runAttempt, withHistory } from "../provisioning/attempts/run-attempt.ts";
import type { Context } from "../provisioning/ports/ports.ts";
import { keepUserBooks } from "../provisioning/users/keep-user-books.ts";
import { workOfUser } from "../provisioning/users/work-of-user.ts";

/**
 * Give a user the account of `observed`, with the event of it, as one attempt that sends nothing: its outcome is on record
 * before anything else, so that whoever finds it after a kill needs not ask anybody.
 * @returns `moved` where the link changed since it was read
 * @throws Failure `audit-unavailable`
 */
export const tellLink = (
  context: Context,
  { saved, link }: { saved: SavedUser; link: UserLink },
  observed: UserObserved,
) => {
  const { ports, integration } = context;
  const { remoteId } = observed;
  const name = saved.user.username ?? saved.user.email?.toLowerCase() ?? saved.userId;
  const eventType = "user_update_provision";
  const outcome: Outcome = {
    success: true,
    eventType,
    changes: [],
    answer: { details: [] },
    notes: [`An import has linked the account ${remoteId}. Nothing was sent.`],
  };
  const resource = { type: "systemuser" as const, id: link.id, name };
  const intent = newIntent(context, resource, { eventType, changes: [], step: "lookup" });
  return runAttempt(ports, ports.userLinks, link, {
    attempt: {
      intent,
      leaseUntil: ports.clock.now() + leaseMs,
      baseUrl: integration.baseUrl,
      ...(remoteId !== undefined && { remoteId }),
      known: { observed: withHistory({ outcome, observed }, intent), outcome },
    },
    work: async () => ({ outcome, observed }),
    keepBooks: (known) => keepUserBooks(ports, link, known, intent),
    workAfter: (after) => workOfUser(context, { saved, link: after }),
  });
};
