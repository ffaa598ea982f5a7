import { readKey } from "../../mapping/remote-attributes.ts";
import type { RemoteResource } from "../../model/attributes.ts";
import type { SavedGroup } from "../../model/directory.ts";
import { requireClaim } from "../attempts/claim-remote.ts";
import { createOnce, foundAfterNote, withFailedCreation } from "../attempts/create-once.ts";
import { withCreated } from "../attempts/fresh-creation.ts";
import { nameOf } from "../attempts/only-match.ts";
import { spellingNotes, spellingOf } from "../attempts/shown-name.ts";
import type { GroupContext, GroupPush, Progress } from "../memberships/group-context.ts";
import { findHiddenGroup } from "./find-group.ts";
import { ownedGroup } from "./owned-group.ts";

/**
 * Create the group. Answers a group that was there before and that the provider has shown only now: it is to be taken
 * over. Undefined where the group was created.
 */
export const createGroup = async (
  work: GroupContext,
  push: GroupPush,
  progress: Progress,
): Promise<RemoteResource | undefined> => {
  const { ports, provider, saved, link, call } = work;
  const { name } = saved;
  progress.changes.push({ field: "displayName", to: name });
  const changes = [...progress.changes, intendedMembers({ join: push.join, leave: [] })];
  await work.mark({ step: "write", eventType: "group_create_provision", changes });
  const { resource: group, after } = await createOnce(
    { ports, sendUntil: call.sendUntil, observed: link.observed },
    {
      post: () => provider.createGroup(name, saved.groupId),
      find: (failure) => findHiddenGroup(work, name, failure),
      onFailure: (failure) => {
        progress.observed = withFailedCreation(progress.observed, failure, name, ports.clock.now());
      },
    },
  );
  if (after) progress.notes.push(foundAfterNote("group", after));
  if (after && !(after.maybeApplied && looksLikeOurs(group, saved))) {
    progress.changes = [];
    await work.mark({ step: "lookup", eventType: "group_update_provision", changes: [] });
    return group;
  }
  await own(work, progress, group.id);
  const spelling = after ? {} : spellingOf(group, "displayName", name);
  progress.observed = { ...progress.observed, ...spelling };
  progress.notes.push(...spellingNotes(spelling));
  progress.created = { answer: provider.lastAnswer(), notes: [...progress.notes] };
  return undefined;
};

/** Not there before under this very name, or of our externalId. */
const looksLikeOurs = (group: RemoteResource, { name, groupId }: SavedGroup): boolean =>
  nameOf(group) === name || readKey(group.resource, "externalId") === groupId;

const own = async (
  { ports, integration, link, saved, note }: GroupContext,
  progress: Progress,
  remoteId: string,
): Promise<void> => {
  const observed = withCreated(
    ownedGroup(integration, link.observed, remoteId, saved.name),
    ports.clock.now(),
  );
  // The group is there, whatever fails from here on.
  note({ observed });
  await requireClaim({ ports, integration }, "group", link, remoteId);
  progress.does = "created";
  progress.observed = observed;
};

/** As the intent tells it; recovery compares the numbers with what it finds. */
export const intendedMembers = ({ join, leave }: GroupPush) => ({
  field: "members",
  to: { add: join.length, remove: leave.length },
});
