import { askedBy } from "../model/asked.ts";
import { type DirectoryUser, isLetIn, type Lock, type SavedUser } from "../model/directory.ts";
import { Failure } from "../model/failure.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";
import { leaveGroups } from "./change-directory-group.ts";
import { noteMembers } from "./note-members.ts";

const maxTries = 20;

/** Who asks is kept with the change: another call may carry it out. */
export type AskingForUser = {
  ports: Pick<Ports, "users" | "groups" | "userLinks" | "groupLinks" | "pushedMembers" | "clock">;
  call: Call;
};

/** A user as it is to be. */
export type UserChange = { user: DirectoryUser; deleted?: boolean; lock?: Lock | undefined };

/**
 * Change a directory user by one conditional write; every change of one goes this way. `compute` says what becomes of the
 * user as it is, whatever others change at the same time: it is called again where another change came first. Undefined
 * means that the user stays as it is. `known` is what was read just before, perhaps nobody: it saves the first read.
 * @throws Failure `attempt-in-progress` where others keep changing the user; never for one who is to be deleted
 */
export const changeDirectoryUser = async (
  { ports, call }: AskingForUser,
  userId: string,
  compute: (before: SavedUser | undefined) => UserChange | undefined,
  known?: { saved: SavedUser | undefined },
): Promise<SavedUser | undefined> => {
  for (let tries = 1; ; tries += 1) {
    const before = tries === 1 && known ? known.saved : await ports.users.read(userId);
    const change = compute(before);
    if (!change) return before;
    const { user, deleted = false, lock } = change;
    // The leaver call may have been cut off before it came to all groups.
    if (before?.deleted && !deleted)
      await leaveGroups({ ports, call }, userId, await ports.groups.ofUser(userId));
    else if (before && isLetIn(before) !== isLetIn(change)) await noteMembers(ports, userId);
    const asked = askedBy(call.actor, ports.clock.now());
    const saved = await ports.users.save(userId, before?.version ?? 0, user, {
      deleted,
      asked,
      ...(lock && { lock }),
    });
    if (saved) return saved;
    if (tries >= maxTries && !deleted) throw keepsChanging(userId);
    await ports.clock.sleep(5 * Math.min(tries, maxTries));
  }
};

const keepsChanging = (userId: string): Failure =>
  new Failure("attempt-in-progress", `User ${userId} keeps changing. Repeat the call.`, {
    retryAfterSeconds: 1,
  });
