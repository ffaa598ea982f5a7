import { isWork } from "../../model/work.ts";
import { failedOutcome } from "../attempts/provider-failure.ts";
import { leaseMs, newIntent, runAttempt } from "../attempts/run-attempt.ts";
import type { AfterCreation, GroupContext } from "../memberships/group-context.ts";
import { workOfGroup } from "../memberships/work-of-group.ts";
import type { Context } from "../ports/ports.ts";
import type { ServiceProvider } from "../ports/service-provider.ts";
import { intendedMembers } from "../remote-groups/create-group.ts";
import { keepGroupBooks } from "../remote-groups/take-over-group.ts";

/**
 * A group was created, which its event tells, and then the change of its members failed. That is an attempt of its own,
 * with its own event; it sends nothing more. `moved` where the link has changed since.
 */
export const recordMembersFailure = (
  context: Context,
  { saved, link }: Pick<GroupContext, "saved" | "link">,
  { failure, notes, push }: AfterCreation,
  provider: ServiceProvider,
) => {
  const { ports, integration } = context;
  const about = {
    eventType: "group_update_provision" as const,
    changes: [intendedMembers(push)],
    step: "write" as const,
  };
  const { remoteId } = link.observed;
  const intent = newIntent(context, { type: "user_group", id: link.id, name: saved.name }, about);
  return runAttempt(ports, ports.groupLinks, link, {
    attempt: {
      intent,
      leaseUntil: ports.clock.now() + leaseMs,
      baseUrl: integration.baseUrl,
      ...(remoteId && { remoteId }),
    },
    work: async () => ({
      outcome: {
        ...failedOutcome(failure, { ...about, changes: [], notes }, provider),
        members: { added: [], removed: [] },
      },
      observed: link.observed,
      failure,
    }),
    keepBooks: (observed) => keepGroupBooks(ports, link, observed),
    workAfter: (after) => {
      const left = workOfGroup(context, { saved, link: after });
      return isWork(left) ? left : undefined;
    },
  });
};
