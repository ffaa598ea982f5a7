import type { GroupLink, GroupObserved } from "../../model/link.ts";
import type { Worked } from "../attempts/run-attempt.ts";
import type { GroupContext } from "../memberships/group-context.ts";
import { findUncertainGroup } from "../remote-groups/find-uncertain-group.ts";
import { ownedGroup } from "../remote-groups/owned-group.ts";

export const eventType = "group_delete_provision";

/** `hasEnded`: the directory group has; the one there goes only where nobody unknown is in it. */
export type Deleting = Pick<GroupContext, "ports" | "integration" | "provider" | "link" | "mark"> & {
  sendUntil: number;
  hasEnded?: true | undefined;
};

/** `waits`: a group may turn up yet. `kept`: somebody unknown is in it, or may be. */
export type Deletion = Worked<GroupObserved> & { waits?: true; kept?: true };

/** Nothing is deleted: the event says why. */
const undone = ({ link, provider }: Deleting, errorMessage: string): Deletion => ({
  outcome: { success: false, eventType, changes: [], answer: provider.lastAnswer(), errorMessage },
  observed: link.observed,
});

export const keptFor = (work: Deleting, others: string): Deletion => ({
  ...undone(work, `The group was not deleted, since ${others}. It is emptied of our members instead.`),
  kept: true,
});

export const notThereYet = (work: Deleting): Deletion => ({
  ...undone(
    work,
    "No group is there of a creation whose outcome is unknown, and which may be carried out yet: the same call again looks once more.",
  ),
  waits: true,
});

/** The link with the group that a creation may have made, where there is one. */
export const withFound = async (work: Deleting): Promise<GroupLink> => {
  const { link, integration } = work;
  const { remoteId, uncertainCreation } = link.observed;
  if (remoteId || uncertainCreation === undefined) return link;
  const group = await findUncertainGroup(work, uncertainCreation);
  if (!group) return link;
  await work.mark({ step: "write", remoteId: group.id });
  return { ...link, observed: ownedGroup(integration, link.observed, group.id, uncertainCreation) };
};
