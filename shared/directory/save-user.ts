import { diffAttributes } from "../mapping/diff-attributes.ts";
import type { Attributes } from "../model/attributes.ts";
import { type DirectoryUser, isActive, type SavedUser } from "../model/directory.ts";
import { Failure } from "../model/failure.ts";
import type { SavedUserView } from "../model/views.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";
import { leaveGroups } from "./change-directory-group.ts";
import { noteMembers } from "./note-members.ts";
import {
  type DirectoryChange,
  type RecordingPorts,
  recordAtOnce,
  recordDirectoryEvent,
  traceOfChange,
} from "./record-change.ts";
import { changesBetween } from "./user-changes.ts";

const maxTries = 20;

/** Who asks is kept with the change: another call may carry it out. */
type Asking = {
  ports: RecordingPorts & Pick<Ports, "users" | "userLinks" | "groupLinks" | "pushedMembers">;
  call: Call;
};

/** Save a directory user for all integrations; assigns nothing. Saving what is saved already writes nothing. */
export const saveUser = async (asking: Asking, userId: string, user: DirectoryUser): Promise<SavedUserView> =>
  toUserView(await saveDirectoryUser(asking, userId, user));

/**
 * Change a user as it is now, whatever others change at the same time; `change` is called again where another change
 * came first.
 * @throws Failure `not-found`, also for a user who was deleted: a PUT brings them back
 */
export const patchUser = async (
  asking: Asking,
  userId: string,
  change: (now: DirectoryUser) => DirectoryUser,
): Promise<SavedUserView> =>
  toUserView(
    await saveIf(asking, userId, (before) => {
      if (before && !before.deleted) return change(before.user);
      throw new Failure("not-found", `The directory has no user ${userId}.`);
    }),
  );

/** `known` is what was read just before, perhaps nobody: it saves the first read. */
export const saveDirectoryUser = async (
  asking: Asking,
  userId: string,
  user: DirectoryUser,
  known?: { saved: SavedUser | undefined },
): Promise<SavedUser> => saveIf(asking, userId, () => user, known);

const saveIf = async (
  { ports, call }: Asking,
  userId: string,
  change: (before: SavedUser | undefined) => DirectoryUser,
  known?: { saved: SavedUser | undefined },
): Promise<SavedUser> => {
  for (let tries = 1; tries <= maxTries; tries += 1) {
    const before = tries === 1 && known ? known.saved : await ports.users.read(userId);
    const user = change(before);
    if (before && !before.deleted && isSame(before.user, user)) return before;
    // The leaver call may have been cut off before it came to all groups.
    if (before?.deleted) await leaveGroups({ ports, call }, userId, await ports.groups.ofUser(userId));
    else if (before && isActive(before.user) !== isActive(user)) await noteMembers(ports, userId);
    if (before) await recordDirectoryEvent(ports, before);
    const trace = traceOfChange(ports, before, aboutSave(before, user, call));
    const saved = await ports.users.save(userId, before?.version ?? 0, user, trace);
    if (saved) {
      await recordAtOnce(ports, saved);
      return saved;
    }
    await ports.clock.sleep(5 * tries);
  }
  throw new Failure("attempt-in-progress", `User ${userId} keeps changing. Repeat the call.`, {
    retryAfterSeconds: 1,
  });
};

const aboutSave = (before: SavedUser | undefined, user: DirectoryUser, { actor }: Call): DirectoryChange => {
  if (!before || before.deleted) return { type: "user_create", actor };
  const closes = isActive(before.user) && !isActive(user);
  return { type: "user_update", actor, changes: changesBetween(before.user, user), closes };
};

const isSame = (before: DirectoryUser, after: DirectoryUser): boolean =>
  diffAttributes(before as unknown as Attributes, after as unknown as Attributes).length === 0;

export const toUserView = ({ userId, user, deleted, updatedAt }: SavedUser): SavedUserView => ({
  userId,
  ...user,
  updatedAt,
  // Nothing changes a user who was deleted but to bring them back.
  ...(deleted && { deletedAt: updatedAt }),
});
