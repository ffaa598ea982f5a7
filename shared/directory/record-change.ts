import { buildDirectoryEvent } from "../audit/build-directory-event.ts";
import { redactChanges } from "../audit/redact.ts";
import { timeEnds } from "../common/within-time.ts";
import { askedBy } from "../model/asked.ts";
import type { SavedGroup, SavedUser } from "../model/directory.ts";
import { recentKept, type Trace, type Unrecorded } from "../model/directory-change.ts";
import type { Actor, Change, DirectoryEventType } from "../model/event.ts";
import type { Changed } from "../model/work.ts";
import { auditUnavailable } from "../provisioning/ports/audit-unavailable.ts";
import { ReferencesLeft } from "../provisioning/ports/event-log.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { changedBy } from "./changed-by.ts";
import { fieldsOfNew } from "./user-changes.ts";

/** To note how many references are written, and to answer. */
const answerMs = 2_000;

export type RecordingPorts = Pick<
  Ports,
  "groups" | "events" | "clock" | "newId" | "organization" | "eventRetentionDays"
>;

/**
 * What is about to become of a directory object. `changes`: fields before and after; not needed of a user who is new.
 * `closes`: it takes a user's access away.
 */
export type DirectoryChange = {
  type: DirectoryEventType;
  actor: Actor;
  changes?: Change[];
  /** Where, and until when, the call itself sees to what follows from the change. */
  carriedOut?: Changed["carriedOut"] | undefined;
  /** Members lose the group. */
  isUrgent?: boolean;
  closes?: boolean;
  /** Its event may come later than the call that makes it. */
  isLong?: boolean;
};

/**
 * What is to be kept with the object by the very write that changes it: who asked, the event that is to follow, and the
 * mark by which the change is found until every link knows of it. To
 * be made anew for each try of the write. `before` is the object as it is.
 */
export const traceOfChange = (
  { clock, newId }: Pick<Ports, "clock" | "newId">,
  before: SavedUser | SavedGroup | undefined,
  { type, actor, changes, carriedOut, isUrgent, closes, isLong }: DirectoryChange,
): Trace => {
  // The events of an object are in the order of its changes, whatever the clocks of those who make them.
  const now = Math.max(clock.now(), (before?.recent?.at(-1)?.at ?? 0) + 1);
  const { authMethod, clientIp, userAgent } = actor;
  const kept = changes && { changes: redactChanges(changes) };
  const recent = [
    ...(before?.recent ?? []),
    { after: before?.version ?? 0, at: now, ...(closes && { closes }) },
  ];
  return {
    asked: askedBy(actor, now),
    unrecorded: { eventId: newId(now), type, ...kept, authMethod, clientIp, userAgent },
    recent: recent.slice(-recentKept),
    // Nothing holds an object that is new.
    ...((before || isLong) && { changed: changedBy({ clock }, before?.changed, carriedOut, isUrgent) }),
  };
};

/**
 * Put the event of the object's latest change, if it may be missing. Safe to repeat: it is one event. Whoever takes the
 * mark away has to call this first.
 * @throws Failure `audit-unavailable`; the mark stays, so that the event can still be written
 */
export const recordDirectoryEvent = async (
  ports: RecordingPorts,
  object: SavedUser | SavedGroup,
): Promise<void> => {
  const { unrecorded, asked } = object;
  if (!unrecorded || !asked) return;
  const told = await completed(ports, object, unrecorded);
  const isNothing = told.changes?.length === 0 && isEmpty(told.members);
  if (unrecorded.type === "group_update" && isNothing) return;
  const { organization, eventRetentionDays: retentionDays } = ports;
  const record = buildDirectoryEvent(resourceOf(object), told, asked, { organization, retentionDays });
  const { eventId, referenced = 0 } = unrecorded;
  const now = ports.clock.now();
  try {
    await ports.events.put(record, { from: referenced, until: timeEnds(now) - answerMs });
  } catch (cause) {
    if (cause instanceof ReferencesLeft && "groupId" in object)
      await ports.groups.noteReferenced(object.groupId, eventId, cause.written);
    throw auditUnavailable("the event of an earlier change has to be on record first", cause);
  }
};

/**
 * The same at once after a change. Where it fails the change stands, and the mark stays with it: the next change, or the
 * work that carries this one out, records it. The mark of a group is taken away, since to look for its members and to
 * put their references again would cost far more; to put the event of a user again is one refused write.
 */
export const recordAtOnce = async (ports: RecordingPorts, object: SavedUser | SavedGroup): Promise<void> => {
  // Of a change that took several calls the members have to be read: that is left to whoever dispatches it.
  if ("groupId" in object && object.changed && !object.unrecorded?.members) return;
  try {
    await recordDirectoryEvent(ports, object);
    if ("groupId" in object && object.unrecorded)
      await ports.groups.endUnrecorded(object.groupId, object.unrecorded.eventId);
  } catch {
    // Told above.
  }
};

const completed = async (
  ports: RecordingPorts,
  object: SavedUser | SavedGroup,
  unrecorded: Unrecorded,
): Promise<Unrecorded> => {
  if ("userId" in object)
    return unrecorded.type === "user_create"
      ? { ...unrecorded, changes: fieldsOfNew(object.user, object.source) }
      : unrecorded;
  return { ...unrecorded, members: unrecorded.members ?? (await membersChanged(ports, object)) };
};

/** Who joined and left with the latest change, which is told by the versions before it and after it. */
const membersChanged = async (
  { groups }: Pick<Ports, "groups">,
  { groupId, version, recent }: SavedGroup,
): Promise<NonNullable<Unrecorded["members"]>> => {
  const before = recent?.at(-1)?.after ?? 0;
  const userIds = await groups.changedBetween(groupId, before, version);
  const [then, now] = await Promise.all([
    groups.membersAmong(groupId, before, userIds),
    groups.membersAmong(groupId, version, userIds),
  ]);
  return {
    added: userIds.filter((userId) => now.has(userId) && !then.has(userId)),
    removed: userIds.filter((userId) => then.has(userId) && !now.has(userId)),
  };
};

const isEmpty = (members: Unrecorded["members"]): boolean =>
  !members || members.added.length + members.removed.length === 0;

const resourceOf = (object: SavedUser | SavedGroup) => {
  if ("groupId" in object) return { type: "user_group" as const, id: object.groupId, name: object.name };
  const { username, email } = object.user;
  return {
    type: "systemuser" as const,
    id: object.userId,
    name: username ?? email?.toLowerCase() ?? object.userId,
  };
};
