import { withoutAccepted } from "./accepted-creation.ts";
import { onlyMatch } from "./adopt-account.ts";
import { claimGroup } from "./claim-group.ts";
import { createGroup, intendedMembers } from "./create-group.ts";
import { groupMissing, isMembersOnly } from "./group-rights.ts";
import { takeOverMembers } from "./group-take-over.ts";
import type { GroupPush, GroupWork, Progress } from "./group-work.ts";

/** No group is known, or one under another base URL: look up, then take over exactly one match or create. */
export const linkGroup = async (work: GroupWork, push: GroupPush, progress: Progress): Promise<GroupPush> => {
  const { provider, saved, link } = work;
  const known = link.observed.remoteId ? await provider.readGroup(link.observed.remoteId) : undefined;
  const isOurs = known !== undefined && [saved.name, link.observed.name].includes(known.displayName);
  const found = isOurs ? known : onlyMatch(await provider.findGroups(saved.name), saved.name);
  if (found) return takeOver(work, push, progress, found.id, isOurs ? known.displayName : saved.name);
  if (isMembersOnly(work.ports, work.integration)) throw groupMissing(saved.name);
  const hidden = await createGroup(work, push, progress);
  if (hidden) return takeOver(work, push, progress, hidden.id, saved.name);
  return { join: push.join, leave: [] };
};

const takeOver = async (
  work: GroupWork,
  push: GroupPush,
  progress: Progress,
  remoteId: string,
  name: string,
): Promise<GroupPush> => {
  await claimGroup(work.ports, work.integration, work.link, remoteId);
  progress.eventType = "group_update_provision";
  progress.does = "adopted";
  const { difference, notes } = await takeOverMembers(work, remoteId, push);
  progress.notes.push(...notes);
  // Not before its members are known: a group that is linked is not read again.
  progress.observed = {
    ...withoutAccepted(work.link.observed),
    remoteId,
    baseUrl: work.integration.baseUrl,
    name,
  };
  // Only now may something be written: up to here a kill leaves the group as it was found.
  const isOther = name !== work.saved.name && !isMembersOnly(work.ports, work.integration);
  const changes = isOther ? [{ field: "displayName", from: name, to: work.saved.name }] : [];
  await work.mark({
    step: "write",
    eventType: progress.eventType,
    remoteId,
    changes: [...changes, intendedMembers(difference)],
  });
  return difference;
};
