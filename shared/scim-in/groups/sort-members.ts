import { type SavedGroup, userIdSchema } from "../../model/directory.ts";
import type { Owner } from "../../model/owner.ts";
import { ScimError } from "../../scim-server/errors/scim-error.ts";
import type { MemberChange } from "../../scim-server/resources/member-change.ts";
import { noteConflict } from "../../sources/note-conflict.ts";
import type { Asking } from "../access/asking.ts";
import { isOwned } from "../access/require-owned.ts";

/** As many as a call can change, a part of it at a time, within a few times of its own. */
const mostMembers = 10_000;
/** Of a group, whose item they are in, so that each of its changes costs them; who comes after these has to be sent again. */
const mostWaiting = 500;

/** Members who are users of the source, and those who are not yet, with how many come after as many as may wait. */
export type Sorted = { known: string[]; unknown: string[]; beyond: string[] };

/**
 * Whom of those that are to be members the source has. One unknown id does not refuse the others: some identity providers push
 * groups before their users, and none sends a refused push again.
 * @throws ScimError 413 where they are too many; nothing is done then
 */
export const sortMembers = async (asking: Asking, change: MemberChange): Promise<Sorted> => {
  const wanted = "all" in change ? change.all : change.add;
  const named = "all" in change ? wanted.length : wanted.length + change.remove.length;
  if (named > mostMembers)
    throw new ScimError(413, `The request names more than ${mostMembers} members. Send them in several.`);
  // What cannot be an id of a user never will be one.
  const possible = wanted.filter((id) => userIdSchema.safeParse(id).success);
  const found = await asking.ports.users.readMany(possible);
  const isKnown = (id: string) => isOwned(asking, found.get(id));
  const unknown = possible.filter((id) => !isKnown(id));
  return {
    known: possible.filter(isKnown),
    unknown: unknown.slice(0, mostWaiting),
    beyond: unknown.slice(mostWaiting),
  };
};

/** Who waits for the group after the change, and how many of those that it names would, too, and cannot. */
export const waitingAfter = (
  before: Pick<Owner, "waiting" | "dropped"> | undefined,
  change: MemberChange,
  { known, unknown, beyond }: Sorted,
): { waiting: string[]; dropped: number } => {
  const earlier = before?.waiting ?? [];
  const gone = new Set("all" in change ? earlier : [...change.remove, ...known]);
  const all = new Set([...earlier.filter((id) => !gone.has(id)), ...unknown]);
  const waiting = [...all].slice(0, mostWaiting);
  const kept = new Set(waiting);
  const dropped = [...unknown, ...beyond].filter((id) => !kept.has(id)).length;
  const isOfBefore = dropped === 0 && !("all" in change);
  return { waiting, dropped: isOfBefore ? (before?.dropped ?? 0) : dropped };
};

/** What an identity provider is not told, since it would refuse the whole push, an admin has to see. */
export const noteDropped = async (
  { ports, source: { sourceId } }: Asking,
  { groupId, source }: SavedGroup,
  { unknown, beyond }: Sorted,
): Promise<void> => {
  if (!source?.dropped || unknown.length + beyond.length === 0) return;
  const { name, externalId } = source;
  await noteConflict(ports, sourceId, {
    kind: "group",
    name,
    ...(externalId !== undefined && { externalId }),
    reason: "members-dropped",
    groupIds: [groupId],
  });
};
