import { isSameName, isSpelledAlike } from "../../common/names.ts";
import { omit } from "../../common/objects.ts";
import type { Former } from "../../model/link.ts";
import { refuseWhileOutstanding } from "../attempts/accepted-creation.ts";
import { nameOf } from "../attempts/only-match.ts";
import { deletedSince, outlivesDeletion } from "../attempts/outlive-deletion.ts";
import { groupMissing, isMembersOnly } from "../memberships/group-capabilities.ts";
import type { GroupContext, GroupPush, Progress } from "../memberships/group-context.ts";
import { isKnownAs, isNamed, withSpelling } from "../memberships/group-names.ts";
import { claimGroup } from "./claim-group.ts";
import { createGroup, intendedMembers } from "./create-group.ts";
import { findGroup } from "./find-group.ts";
import { findUncertainGroup } from "./find-uncertain-group.ts";
import { ownedGroup } from "./owned-group.ts";
import { releaseGroup, takeOverMembers } from "./take-over-group.ts";

/** No group is known, or one under another base URL: look up, then take over exactly one match or create. */
export const linkGroup = async (
  work: GroupContext,
  push: GroupPush,
  progress: Progress,
): Promise<GroupPush> => {
  const { saved } = work;
  const found = await findKnown(work, progress);
  const known = found && (await takeOver(work, push, progress, found));
  if (known) return known;
  const match = await findGroup(work, saved.name);
  const taken = match && (await takeOver(work, push, progress, { id: match.id, name: nameOf(match) }));
  if (taken) return taken;
  if (isMembersOnly(work)) throw groupMissing(saved.name);
  const hidden = await createGroup(work, push, progress);
  if (!hidden) return { join: push.join, leave: [] };
  const shown = await takeOver(work, push, progress, { id: hidden.id, name: nameOf(hidden) });
  if (!shown) throw deletedSince("group", hidden.id);
  return shown;
};

/** One that is ours already, perhaps under another name: by its id, or since its creation may have come through. */
const findKnown = async (
  work: GroupContext,
  progress: Progress,
): Promise<{ id: string; name: string } | undefined> => {
  const { ports, provider, saved, link, call } = work;
  const { remoteId, uncertainCreation } = link.observed;
  const known = remoteId ? await provider.readGroup(remoteId) : undefined;
  if (known && isKnownAs(link.observed, known.displayName, [saved.name]))
    return { id: known.id, name: known.displayName };
  if (uncertainCreation === undefined || uncertainCreation === saved.name) return undefined;
  const group = await findUncertainGroup({ ...work, sendUntil: call.sendUntil }, uncertainCreation);
  if (group) return { id: group.id, name: uncertainCreation };
  refuseWhileOutstanding(link.observed, ports.clock.now());
  progress.observed = omit(progress.observed, "uncertainCreation", "acceptedAt", "uncertainAt");
  return undefined;
};

/** Undefined where it is what was left of one that we have just deleted, and is gone. */
const takeOver = async (
  work: GroupContext,
  push: GroupPush,
  progress: Progress,
  { id: remoteId, name }: { id: string; name: string },
): Promise<GroupPush | undefined> => {
  if (!(await isToStay(work, work.link.observed.former, remoteId))) return undefined;
  progress.eventType = "group_update_provision";
  progress.does = "adopted";
  const { difference, notes, hasOthers } = await takeOverMembers(work, remoteId, push);
  progress.notes.push(...notes);
  const isSame = isMembersOnly(work) ? isSameName : isSpelledAlike;
  const owned = ownedGroup(work.integration, work.link.observed, remoteId, name);
  const observed = {
    ...(isSame(name, work.saved.name) ? withSpelling(owned, work.saved.name, name) : owned),
    ...(hasOthers && { hasOthers }),
  };
  // Only now may something be written: up to here a kill leaves the group as it was found.
  const isOther = !isNamed(observed, work.saved.name) && !isMembersOnly(work);
  const changes = isOther ? [{ field: "displayName", from: name, to: work.saved.name }] : [];
  await work.mark({
    step: "write",
    eventType: progress.eventType,
    remoteId,
    changes: [...changes, intendedMembers(difference)],
  });
  // On record before it is claimed, so that no claim outlives an attempt that is cut off.
  const { isShared, formerId } = await claimGroup(work, remoteId);
  if (formerId !== undefined) await requireToStay(work, progress, { formerId, remoteId });
  // Not before its members are known: a group that is linked is not read again.
  progress.observed = observed;
  if (isShared) progress.next = "again";
  return difference;
};

/** Whether a group that is shown is there to stay, where this directory group may have deleted it. */
export const isToStay = (
  { ports, provider, call: { sendUntil } }: GroupContext,
  former: Former | undefined,
  id: string,
): Promise<boolean> =>
  outlivesDeletion({ ports, sendUntil }, former, { noun: "group", id, read: () => provider.readGroup(id) });

/**
 * The directory group that had it before may have deleted it a moment ago. Then that is known of this one as well, and
 * nobody counts as taken over with it.
 * @throws ProviderFailure `unavailable` where it is gone, or may go yet
 */
const requireToStay = async (
  work: GroupContext,
  progress: Progress,
  { formerId, remoteId }: { formerId: string; remoteId: string },
): Promise<void> => {
  const { ports, integration, link } = work;
  const { integrationId, baseUrl } = integration;
  const before = (await ports.groupLinks.read({ integrationId, id: formerId }))?.observed.former;
  if (before?.remoteId !== remoteId) return;
  try {
    if (!(await isToStay(work, before, remoteId))) throw deletedSince("group", remoteId);
  } catch (error) {
    await releaseGroup(ports, { ...link, observed: { ...link.observed, remoteId, baseUrl } });
    progress.observed = { ...progress.observed, former: before };
    throw error;
  }
};
