import { omit } from "../../common/objects.ts";
import type { SavedGroup } from "../../model/directory.ts";
import type { Integration } from "../../model/integration.ts";
import type { GroupLink, GroupObserved } from "../../model/link.ts";
import type { State } from "../../model/receipt.ts";
import { unbound } from "../assignments/assignment.ts";
import { inCaseOfDeath } from "../attempts/left-to-call.ts";
import { stateAfter } from "../attempts/next-try.ts";
import type { LinkKey } from "../ports/link-store.ts";
import type { Ports } from "../ports/ports.ts";

export type GroupState = { saved: SavedGroup | undefined; link: GroupLink };

/** The saved group and the link, read one after the other: an attempt at this link then cannot undo a later change. */
export const readGroupState = async (
  ports: Ports,
  integrationId: string,
  groupId: string,
): Promise<GroupState> => {
  const key = { integrationId, id: groupId };
  const link = groupLinkOrNew(key, await ports.groupLinks.read(key));
  return { saved: await ports.groups.read(groupId), link };
};

/**
 * The group stays pending until a call has looked at it again. Who is to be looked at waits already, so that the holder of
 * an attempt, who is told that others have written, finds them in a further round.
 */
export const noteDue = async (ports: Ports, integrationId: string, groupId: string): Promise<void> => {
  const key = { integrationId, id: groupId };
  for (;;) {
    const link = await ports.groupLinks.read(key);
    if (!link) return;
    const { attempt, observed, rev, work } = link;
    const isNoted = attempt
      ? await ports.groupLinks.nudge(key, attempt.intent.attemptId)
      : await ports.groupLinks.note(
          key,
          rev,
          { ...observed, isDue: true },
          inCaseOfDeath(ports, work, work?.urgency ?? 1),
        );
    if (isNoted) return;
  }
};

/** A link that is not there is an empty one at revision 0. */
export const groupLinkOrNew = (key: LinkKey, link: GroupLink | undefined): GroupLink =>
  link ?? { ...key, rev: 0, assignment: unbound, observed: { attempts: 0 } };

/** What is known once nothing is left to do for this version of the group. */
export const pushedUpTo = (
  ports: Ports,
  { version }: SavedGroup,
  observed: GroupObserved,
): GroupObserved => ({
  ...omit(observed, "lastError", "failures", "notBefore", "ended", "isDue"),
  version,
  versionAt: new Date(ports.clock.now()).toISOString(),
});

/** A group that was unbound: who is in it, and who is held for it, is looked at anew once it is bound again. */
export const withEnd = (
  observed: GroupObserved,
  ended: NonNullable<GroupObserved["ended"]>,
): GroupObserved => ({
  ...omit(observed, "version", "versionAt", "lastError", "failures", "notBefore", "isDue", "unconfirmed"),
  ended,
});

/** Derived from versions and never stored, so no crash can leave it wrong. */
export const groupState = (
  integration: Integration,
  link: GroupLink,
  saved: SavedGroup | undefined,
): State => {
  const { observed, assignment, attempt } = link;
  if (attempt) return "pending";
  if (!assignment.bound) {
    if (observed.lastError) return stateAfter(observed.lastError);
    if (!observed.ended) return "pending";
    return observed.ended === "deleted" ? "deleted" : "deprovisioned";
  }
  if (observed.lastError) return stateAfter(observed.lastError);
  const isElsewhere = observed.remoteId !== undefined && observed.baseUrl !== integration.baseUrl;
  if (isElsewhere || observed.isDue || observed.version !== saved?.version) return "pending";
  if (observed.unconfirmed) return "unconfirmed";
  const isNowhere = observed.remoteId === undefined && observed.uncertainCreation === undefined;
  return isNowhere ? "skipped" : "in_sync";
};

/** Whether nothing is left to do in the integration for a group that has ended. */
export const isLetGo = ({ assignment, observed, attempt }: GroupLink): boolean =>
  !assignment.bound && observed.ended !== undefined && !attempt;

/** Why a bound group is not made. */
export const withoutMembers = "the group has no member that can be provisioned";
