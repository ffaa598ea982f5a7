import {
  type AskingForUser,
  changeDirectoryUser,
  type UserChange,
} from "../directory/change-directory-user.ts";
import type { DirectoryUser, SavedUser } from "../model/directory.ts";
import { Failure } from "../model/failure.ts";
import type { Owner } from "../model/owner.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { joinWaiting } from "./join-waiting.ts";
import {
  type Bearer,
  type FormerNames,
  type NamingPorts,
  releaseNames,
  releaseNamesOfNobody,
  takeNames,
} from "./names.ts";
import { noteConflict } from "./note-conflict.ts";

export type OwningPorts = AskingForUser["ports"] &
  NamingPorts &
  Pick<Ports, "owned" | "conflicts" | "waiting">;

/** `source`: the owner from then on; without it the owner stays, and null is nobody. A lock stays in any case. */
export type OwnedUserChange = Omit<UserChange, "lock">;

/**
 * Change a user whom a source owns, or is to own: every change of owner, userName, externalId, username or address by a source goes
 * this way. The new names are taken first, then the user is saved by one conditional write, then the former names are let go of; so
 * two of one name in a source, or of one userName or address in two sources, never are there, whatever dies. `compute` is called again
 * where another change came first, and has to say anew whether the source may. The id of a user who is new has to be made by this
 * call. With `joinsLater` the groups that wait for the user are the caller's to see to.
 * @throws Failure `name-taken`, which is noted as a conflict; `attempt-in-progress`, also where another is about to be saved with
 * the name; `audit-unavailable`; and what `compute` throws
 */
export const changeOwnedUser = async (
  asking: AskingForUser & { ports: OwningPorts; joinsLater?: boolean },
  userId: string,
  compute: (before: SavedUser | undefined) => OwnedUserChange | undefined,
  known?: { saved: SavedUser | undefined },
): Promise<SavedUser | undefined> => {
  const { ports } = asking;
  const object = { kind: "user" as const, id: userId };
  let former: FormerNames = [];
  let [isNew, isArriving] = [false, false];
  let users: { before: DirectoryUser | undefined; after: DirectoryUser } | undefined;
  let wanted: (Bearer & { source: Owner }) | undefined;
  const beforeSave = async (before: Owner | undefined, after: Owner | undefined) => {
    wanted = after && { source: after, user: users?.after };
    isArriving =
      !isNew && after?.left !== true && (after?.sourceId !== before?.sourceId || before?.left === true);
    former = await takeNames(
      ports,
      object,
      { source: before, user: users?.before },
      { source: after, user: users?.after },
    );
    if (after && after.sourceId !== before?.sourceId)
      await ports.owned.note(after.sourceId, object, ports.clock.now());
  };
  const keepingLock = (before: SavedUser | undefined) => {
    // Only the last try counts: in one that came before, the object may still have borne them.
    former = [];
    isNew = before === undefined;
    const change = compute(before);
    if (change) users = { before: before?.user, after: change.user };
    return change && { ...change, lock: before?.lock };
  };
  try {
    const saved = await changeDirectoryUser({ ...asking, beforeSave }, userId, keepingLock, known);
    await releaseNames(ports, former);
    if (isArriving && wanted && !asking.joinsLater) await joinWaiting(asking, wanted.source.sourceId, userId);
    return saved;
  } catch (error) {
    if (wanted) await afterRefusal(ports, object, { wanted, isNew }, error);
    throw error;
  }
};

/**
 * An object was not saved: where it is new, its names go at once, and not in a minute, since nobody else can use its id. What the
 * source could not have is noted. Nothing where nobody knows whether it was saved.
 */
export const afterRefusal = async (
  ports: Pick<Ports, "names" | "conflicts" | "clock">,
  object: { kind: "user" | "group"; id: string },
  { wanted, isNew }: { wanted: Bearer & { source: Owner }; isNew: boolean },
  error: unknown,
): Promise<void> => {
  if (!(error instanceof Failure) || error.code === "store-unavailable") return;
  if (isNew) await releaseNamesOfNobody(ports, object, wanted);
  if (error.code !== "name-taken") return;
  const { sourceId, name, externalId } = wanted.source;
  const { objectId, userId, ownerId, name: person } = error.extras.facts ?? {};
  if (typeof userId === "string") {
    // By what the person has: an address that is another's is no other name of the user.
    await noteConflict(ports, sourceId, {
      kind: "user",
      name: String(person),
      ...(externalId !== undefined && { externalId }),
      reason: "other-source",
      userIds: [userId],
      ...(typeof ownerId === "string" && { ownerId }),
    });
    return;
  }
  const holders = [String(objectId)];
  await noteConflict(ports, sourceId, {
    kind: object.kind,
    name,
    ...(externalId !== undefined && { externalId }),
    reason: "name-taken",
    ...(object.kind === "user" ? { userIds: holders } : { groupIds: holders }),
  });
};
