import type { SavedGroup } from "../../model/directory.ts";
import type { GroupLink } from "../../model/link.ts";
import { openProvider } from "../attempts/open-provider.ts";
import { leaseMs, newIntent, runAttempt, sendingTimes } from "../attempts/run-attempt.ts";
import { isMembersOnly } from "../memberships/group-capabilities.ts";
import type { GroupOutcome, GroupPush } from "../memberships/group-context.ts";
import { isNamed, otherName } from "../memberships/group-names.ts";
import { pushedUpTo } from "../memberships/group-state.ts";
import type { Context } from "../ports/ports.ts";
import { intendedMembers } from "./create-group.ts";
import { pushGroup } from "./push-group.ts";
import { keepGroupBooks } from "./take-over-group.ts";

/**
 * Push the group as one attempt. `moved` where the link changed since it was read: plan again. `isAll`: nothing is
 * left to do for this version of the group once it is pushed, so that the attempt's end can note the version.
 */
export const attemptPush = async (
  context: Context,
  link: GroupLink,
  saved: SavedGroup,
  push: GroupPush,
  isAll: boolean,
) => {
  const { ports, call, integration } = context;
  const leaseUntil = ports.clock.now() + leaseMs;
  const provider = await openProvider(context, sendingTimes(call, leaseUntil));
  const { remoteId } = link.observed;
  const before = otherName(link.observed, saved.name);
  const intent = newIntent(
    context,
    { type: "user_group", id: link.id, name: saved.name },
    {
      eventType: remoteId ? "group_update_provision" : "group_create_provision",
      changes: [
        ...(isNamed(link.observed, saved.name) || isMembersOnly(context)
          ? []
          : [
              {
                field: "displayName",
                ...(before !== undefined && { from: before }),
                to: saved.name,
              },
            ]),
        intendedMembers(push),
      ],
      step: remoteId && link.observed.baseUrl === integration.baseUrl ? "write" : "lookup",
    },
  );
  return runAttempt(ports, ports.groupLinks, link, {
    attempt: { intent, leaseUntil, ...(remoteId && { remoteId }) },
    work: async (mark, note): Promise<GroupOutcome> => {
      const worked = await pushGroup(
        { ports, call, integration, provider, link, saved, attempt: intent, mark, note },
        push,
      );
      const isPartly = worked.unfinished || worked.lost?.length || worked.unconfirmed?.length;
      const isDone = isAll && !worked.failure && !isPartly;
      if (isDone) return { ...worked, observed: pushedUpTo(ports, saved, worked.observed) };
      if (!worked.unconfirmed?.length) return worked;
      return { ...worked, observed: { ...worked.observed, isDue: true as const } };
    },
    keepBooks: (observed) => keepGroupBooks(ports, link, observed),
  });
};
