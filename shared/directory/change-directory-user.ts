import { isDeepStrictEqual } from "node:util";
import { type DirectoryUser, isLetIn, type Lock, type SavedUser } from "../model/directory.ts";
import { Failure } from "../model/failure.ts";
import { type Owner, ownerAfter } from "../model/owner.ts";
import type { Changed } from "../model/work.ts";
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
import { changesBetween, ownerChanges } from "./user-changes.ts";

const maxTries = 20;

/** Who asks is kept with the change: another call may carry it out. */
export type AskingForUser = {
  ports: RecordingPorts & Pick<Ports, "users" | "userLinks" | "groupLinks" | "pushedMembers">;
  call: Call;
  /** Where, and until when, the call itself sees to what follows from the change. */
  carriedOut?: Changed["carriedOut"] | undefined;
  /** Called right before each try to save, with the owners before and after; what it throws ends the call. */
  beforeSave?(before: Owner | undefined, after: Owner | undefined): Promise<void>;
};

/**
 * A user as it is to be. `lock` is gone where it is not given; the owner stays, unless there is another one or null, and one who
 * is deleted has none.
 */
export type UserChange = {
  user: DirectoryUser;
  deleted?: boolean;
  lock?: Lock | undefined;
  source?: Owner | null;
};

/**
 * Change a directory user by one conditional write; every change of one goes this way. `compute` says what becomes of the
 * user as it is, whatever others change at the same time: it is called again where another change came first. Undefined
 * means that the user stays as it is. `known` is what was read just before, perhaps nobody: it saves the first read.
 * @throws Failure `attempt-in-progress` where others keep changing the user; never for one who is to be deleted
 */
export const changeDirectoryUser = async (
  asking: AskingForUser,
  userId: string,
  compute: (before: SavedUser | undefined) => UserChange | undefined,
  known?: { saved: SavedUser | undefined },
): Promise<SavedUser | undefined> => {
  const { ports } = asking;
  for (let tries = 1; ; tries += 1) {
    const before = tries === 1 && known ? known.saved : await ports.users.read(userId);
    const change = compute(before);
    if (!change) return before;
    const saved = await trySaving(asking, userId, before, change);
    if (saved) {
      await recordAtOnce(ports, saved);
      return saved;
    }
    if (tries >= maxTries && !change.deleted) throw keepsChanging(userId);
    await ports.clock.sleep(5 * Math.min(tries, maxTries));
  }
};

/** Undefined where another change came first. */
const trySaving = async (
  asking: AskingForUser,
  userId: string,
  before: SavedUser | undefined,
  { source: change, ...others }: UserChange,
): Promise<SavedUser | undefined> => {
  const { ports, call, carriedOut, beforeSave } = asking;
  const { user, deleted = false, lock } = others;
  const source = ownerAfter(before?.source, deleted ? null : change);
  if (before) await prepareChange(asking, before, others);
  const username = furtherName(user);
  if (username && username !== (before && furtherName(before.user)))
    await ports.users.noteUsername(userId, username);
  await beforeSave?.(before?.source, source);
  const about = aboutUser(before, { ...others, ...(source && { source }) });
  const trace = traceOfChange(ports, before, { ...about, actor: call.actor, carriedOut });
  const kept = { deleted, ...trace, ...(lock && { lock }), ...(source && { source }) };
  return await ports.users.save(userId, before?.version ?? 0, user, kept);
};

/** A username by which no address finds the user. */
const furtherName = ({ username, email }: DirectoryUser): string | undefined =>
  username?.toLowerCase() === email?.toLowerCase() ? undefined : username;

/** What has to be on record before the change is. */
const prepareChange = async (asking: AskingForUser, before: SavedUser, change: UserChange): Promise<void> => {
  const { ports } = asking;
  const { userId } = before;
  // The leaver call may have been cut off before it came to all groups.
  if (before.deleted && !change.deleted) await leaveGroups(asking, userId, await ports.groups.ofUser(userId));
  else if (isLetIn(before) !== isLetIn(change)) await noteMembers(ports, userId);
  await recordDirectoryEvent(ports, before);
};

/** The type of the change, and what it changes; absent of a user who is new. */
const aboutUser = (
  before: SavedUser | undefined,
  { user, deleted, lock, source }: Omit<UserChange, "source"> & { source?: Owner },
): Pick<DirectoryChange, "type" | "changes" | "closes"> => {
  if (deleted) return { type: "user_delete", changes: [], closes: true };
  if (!before || before.deleted) return { type: "user_create" };
  const isLockChange = !isDeepStrictEqual(lock, before.lock);
  const closes = isLetIn(before) && !isLetIn({ user, lock });
  const changes = [...changesBetween(before.user, user), ...ownerChanges(before.source, source)];
  if (!isLockChange) return { type: "user_update", changes, closes };
  const locked = { field: "locked", from: before.lock !== undefined, to: lock !== undefined };
  return { type: lock ? "user_lock" : "user_unlock", changes: [locked], closes };
};

const keepsChanging = (userId: string): Failure =>
  new Failure("attempt-in-progress", `User ${userId} keeps changing. Repeat the call.`, {
    retryAfterSeconds: 1,
  });
