import { diffAttributes } from "../mapping/diff-attributes.ts";
import type { Attributes } from "../model/attributes.ts";
import type { DirectoryUser, SavedUser } from "../model/directory.ts";
import { Failure } from "../model/failure.ts";
import type { SavedUserView } from "../model/views.ts";
import { type AskingForUser, changeDirectoryUser } from "./change-directory-user.ts";

/** Save a directory user for all integrations; assigns nothing. Saving what is saved already writes nothing. */
export const saveUser = async (
  asking: AskingForUser,
  userId: string,
  user: DirectoryUser,
): Promise<SavedUserView> => toUserView(await saveDirectoryUser(asking, userId, user));

/**
 * Change a user as it is now, whatever others change at the same time.
 * @throws Failure `not-found`, also for a user who was deleted: a PUT brings them back
 */
export const patchUser = async (
  asking: AskingForUser,
  userId: string,
  change: (now: DirectoryUser) => DirectoryUser,
): Promise<SavedUserView> => {
  const saved = await changeDirectoryUser(asking, userId, (before) => {
    const now = existingUser(before, userId);
    return changeTo(now, change(now.user));
  });
  return toUserView(existingUser(saved, userId));
};

/** `known` is what was read just before, perhaps nobody: it saves the first read. */
export const saveDirectoryUser = async (
  asking: AskingForUser,
  userId: string,
  user: DirectoryUser,
  known?: { saved: SavedUser | undefined },
): Promise<SavedUser> =>
  existingUser(await changeDirectoryUser(asking, userId, (before) => changeTo(before, user), known), userId);

/** What the document says is apart from a lock, which stays. */
const changeTo = (before: SavedUser | undefined, user: DirectoryUser) =>
  before && !before.deleted && isSame(before.user, user) ? undefined : { user, lock: before?.lock };

const isSame = (before: DirectoryUser, after: DirectoryUser): boolean =>
  diffAttributes(before as unknown as Attributes, after as unknown as Attributes).length === 0;

/** @throws Failure `not-found` where there is none, or they left */
export const existingUser = (saved: SavedUser | undefined, userId: string): SavedUser => {
  if (saved && !saved.deleted) return saved;
  throw new Failure("not-found", `The directory has no user ${userId}.`);
};

export const toUserView = ({ userId, user, deleted, updatedAt, lock }: SavedUser): SavedUserView => ({
  userId,
  ...user,
  updatedAt,
  ...(lock && { lock }),
  // Nothing changes a user who was deleted but to bring them back.
  ...(deleted && { deletedAt: updatedAt }),
});
