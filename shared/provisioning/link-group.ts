import type { RemoteResource } from "../model/attributes.ts";
import { Failure } from "../model/failure.ts";
import { findAccepted, refuseWhileAccepted, withAccepted, withoutAccepted } from "./accepted-creation.ts";
import { onlyMatch } from "./adopt-account.ts";
import { namesOf, withName } from "./group-names.ts";
import { groupMissing, isMembersOnly } from "./group-rights.ts";
import { takeOverMembers } from "./group-take-over.ts";
import type { GroupPush, GroupWork, Progress } from "./group-work.ts";
import { ProviderFailure, type ProviderFailureKind } from "./ports/service-provider.ts";

/** No group is known, or one under another base URL: look up, then take over exactly one match or create. */
export const linkGroup = async (work: GroupWork, push: GroupPush, progress: Progress): Promise<GroupPush> => {
  const { provider, saved, link } = work;
  const known = link.observed.remoteId ? await provider.readGroup(link.observed.remoteId) : undefined;
  const isOurs = known !== undefined && [saved.name, ...namesOf(link.observed)].includes(known.displayName);
  const found = isOurs ? known : onlyMatch(await provider.findGroups(saved.name), saved.name);
  if (!found) {
    if (isMembersOnly(work.ports, work.integration)) throw groupMissing(saved.name);
    await createGroup(work, push, progress);
    return { join: push.join, leave: [] };
  }
  return takeOver(work, push, progress, found.id, isOurs ? known.displayName : saved.name);
};

const takeOver = async (
  work: GroupWork,
  push: GroupPush,
  progress: Progress,
  remoteId: string,
  name: string,
): Promise<GroupPush> => {
  await claimGroup(work, remoteId);
  progress.eventType = "group_update_provision";
  progress.does = "adopted";
  progress.observed = {
    ...withName(withoutAccepted(work.link.observed), name),
    remoteId,
    baseUrl: work.integration.baseUrl,
  };
  const { difference, notes } = await takeOverMembers(work, remoteId, push);
  progress.notes.push(...notes);
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

const claimGroup = async (
  { ports, integration: { integrationId, baseUrl }, link }: GroupWork,
  remoteId: string,
): Promise<void> => {
  const { ownerId } = await ports.claims.claim({
    integrationId,
    kind: "group",
    baseUrl,
    remoteId,
    ownerId: link.id,
  });
  if (ownerId === link.id) return;
  throw new Failure(
    "account-claimed",
    `Group ${remoteId} at the service provider belongs to directory group ${ownerId}. Give one of them another name.`,
  );
};

const createGroup = async (work: GroupWork, push: GroupPush, progress: Progress): Promise<void> => {
  const { provider, saved, integration } = work;
  progress.changes.push({ field: "displayName", to: saved.name });
  const changes = [...progress.changes, intendedMembers({ join: push.join, leave: [] })];
  await work.mark({ step: "write", eventType: "group_create_provision", changes });
  let created: RemoteResource;
  try {
    refuseWhileAccepted(work.link.observed, work.ports.clock.now());
    created = await provider.createGroup(saved.name, saved.groupId);
  } catch (error) {
    if (!(error instanceof ProviderFailure) || !doubtful.has(error.kind)) throw error;
    const found = await findAfter(work, error, progress);
    if (!found) throw error;
    created = found;
  }
  await claimGroup(work, created.id);
  progress.does = "created";
  progress.observed = {
    ...withName(withoutAccepted(work.link.observed), saved.name),
    remoteId: created.id,
    baseUrl: integration.baseUrl,
  };
};

/** A lost reply, a 5xx, a 409 or a 202 may hide a group that is there: only a lookup can tell. */
const doubtful = new Set<ProviderFailureKind>(["conflict", "unavailable", "malformed", "accepted"]);

const findAfter = async (
  { ports, provider, saved, call, link }: GroupWork,
  { kind }: ProviderFailure,
  progress: Progress,
): Promise<RemoteResource | undefined> => {
  const find = async () => onlyMatch(await provider.findGroups(saved.name), saved.name);
  const isAccepted = kind === "accepted";
  if (isAccepted) progress.observed = withAccepted(link.observed, ports.clock.now());
  const found = isAccepted ? await findAccepted(ports.clock, call.sendUntil, find) : await find();
  if (found)
    progress.notes.push(
      isAccepted
        ? "The provider accepted the creation and carried it out later; a lookup found the group."
        : "The provider's reply to the creation was lost or a refusal; a lookup found the group.",
    );
  return found;
};

/** As the intent tells it; recovery compares the numbers with what it finds. */
export const intendedMembers = ({ join, leave }: GroupPush) => ({
  field: "members",
  to: { add: join.length, remove: leave.length },
});
