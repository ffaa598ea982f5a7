import {
  type AskingForUser,
  changeDirectoryUser,
  type UserChange,
} from "../directory/change-directory-user.ts";
import type { SavedUser } from "../model/directory.ts";
import { Failure } from "../model/failure.ts";
import type { Owner } from "../model/owner.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { joinWaiting } from "./join-waiting.ts";
import { type FormerNames, releaseNames, releaseNamesOfNobody, takeNames } from "./names.ts";
import { noteConflict } from "./note-conflict.ts";

export type OwningPorts = AskingForUser["ports"] & Pick<Ports, "names" | "owned" | "conflicts" | "waiting">;

/** `source`: the owner from then on; without it the owner stays, and null is nobody. A lock stays in any case. */
export type OwnedUserChange = Omit<UserChange, "lock">;

/**
 * Change a user whom a source owns, or is to own: every change of owner, userName or externalId goes this way. Its new names are
 * taken first, then it is saved by one conditional write, then the former names are let go of; so two of one name never are
 * there, whatever dies. `compute` is called again where another change came first, and has to say anew whether the source may.
 * The id of a user who is new has to be made by this call.
 * @throws Failure `name-taken`, which is noted as a conflict; `attempt-in-progress`, also where another is about to be saved with
 * the name; `audit-unavailable`; and what `compute` throws
 */
export const changeOwnedUser = async (
  asking: AskingForUser & { ports: OwningPorts },
  userId: string,
  compute: (before: SavedUser | undefined) => OwnedUserChange | undefined,
  known?: { saved: SavedUser | undefined },
): Promise<SavedUser | undefined> => {
  const { ports } = asking;
  const object = { kind: "user" as const, id: userId };
  let former: FormerNames = [];
  let [isNew, wanted] = [false, undefined as Owner | undefined];
  let isArriving = false;
  const beforeSave = async (before: Owner | undefined, after: Owner | undefined) => {
    wanted = after;
    isArriving =
      !isNew && after?.left !== true && (after?.sourceId !== before?.sourceId || before?.left === true);
    former = await takeNames(ports, object, before, after);
    if (after && after.sourceId !== before?.sourceId)
      await ports.owned.note(after.sourceId, object, ports.clock.now());
  };
  const keepingLock = (before: SavedUser | undefined) => {
    // Only the last try counts: in one that came before, the object may still have borne them.
    former = [];
    isNew = before === undefined;
    const change = compute(before);
    return change && { ...change, lock: before?.lock };
  };
  try {
    const saved = await changeDirectoryUser({ ...asking, beforeSave }, userId, keepingLock, known);
    await releaseNames(ports, former);
    if (isArriving && wanted) await joinWaiting(asking, wanted.sourceId, userId);
    return saved;
  } catch (error) {
    if (wanted) await afterRefusal(ports, object, { owner: wanted, isNew }, error);
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
  { owner, isNew }: { owner: Owner; isNew: boolean },
  error: unknown,
): Promise<void> => {
  if (!(error instanceof Failure) || error.code === "store-unavailable") return;
  if (isNew) await releaseNamesOfNobody(ports, object, owner);
  if (error.code !== "name-taken") return;
  const { sourceId, name, externalId } = owner;
  const holders = [String(error.extras.facts?.objectId)];
  await noteConflict(ports, sourceId, {
    kind: object.kind,
    name,
    ...(externalId !== undefined && { externalId }),
    reason: "name-taken",
    ...(object.kind === "user" ? { userIds: holders } : { groupIds: holders }),
  });
};
