import { createHash } from "node:crypto";
import type { Trace } from "../../model/directory-change.ts";
import type { ItemKind } from "../../model/state-access.ts";
import type { Changed, LeftState, WaitingState, Work, WorkState } from "../../model/work.ts";
import type { LinkKey, OpenAttemptRef } from "../../provisioning/ports/link-store.ts";

/** Every key of the state table is made here. Ids hold no `#`, so it separates; remote ids are encoded. */
export type Key = { pk: string; sk: string };
/** Sort keys of one partition, both ends included. */
export type KeyRange = { partition: string; from: string; to: string };
export type LinkKind = "user" | "group";

/** The partitions of each kind of items, as patterns of IAM: `*` stands for any characters. Every key is of one kind. */
export const partitionsOf: Record<ItemKind, readonly string[]> = {
  integrations: ["INTEGRATION"],
  users: ["USER#*"],
  groups: ["GROUP#*"],
  pushed: ["PUSHED#*"],
  claims: ["CLAIM#*"],
  rates: ["RATE#*"],
  guards: ["GUARD#*"],
  holds: ["HOLDS#*", "HOLD#*", "HELD#*", "ORIGIN#*"],
  idempotency: ["IDEMPOTENCY#*"],
  workers: ["WORKERS#*"],
  jobs: ["JOB#*"],
  integrationJobs: ["JOBS#*", "JOBITEMS#*"],
  targets: ["TARGET#*"],
  notices: ["NOTICES"],
  sources: ["SOURCES"],
  sourceStatus: ["SOURCESTATUS#*"],
  tokens: ["TOKEN#*"],
  names: ["NAME#*"],
  owned: ["OWNED#*"],
  conflicts: ["CONFLICTS#*"],
};

/** 15 digits of milliseconds last beyond the year 30000; 12 digits of versions longer. */
const padTime = (ms: number): string => String(Math.max(0, Math.floor(ms))).padStart(15, "0");
const padVersion = (version: number): string => String(version).padStart(12, "0");

/**
 * Sort keys that begin with `prefix`, from after `<prefix><after>` on. `prefix` ends in `#`, and `$` is the character
 * that follows it; a key extended by NUL is the next possible one.
 */
const rangeOf = (partition: string, prefix: string, after?: string): KeyRange => ({
  partition,
  from: after === undefined ? prefix : `${prefix}${after}\0`,
  to: `${prefix.slice(0, -1)}$`,
});

const userPk = (userId: string): string => `USER#${userId}`;
const groupPk = (groupId: string): string => `GROUP#${groupId}`;
const pushedPk = (integrationId: string, groupId: string): string => `PUSHED#${integrationId}#${groupId}`;
const objectPk: Record<LinkKind, (id: string) => string> = { user: userPk, group: groupPk };

export const integrationKey = (integrationId: string): Key => ({ pk: "INTEGRATION", sk: integrationId });
export const allIntegrations: KeyRange = { partition: "INTEGRATION", from: "!", to: "~" };

export const userKey = (userId: string): Key => ({ pk: userPk(userId), sk: "PROFILE" });
export const userIdIn = ({ pk }: Key): string => pk.slice(userPk("").length);
export const groupIdIn = ({ pk }: Key): string => pk.slice(groupPk("").length);
export const groupKey = (groupId: string): Key => ({ pk: groupPk(groupId), sk: "PROFILE" });

export const linkKey = (kind: LinkKind, key: LinkKey): Key => ({
  pk: objectPk[kind](key.id),
  sk: `LINK#${key.integrationId}`,
});
export const linksOfObject = (kind: LinkKind, id: string): KeyRange => rangeOf(objectPk[kind](id), "LINK#");

export const memberKey = (groupId: string, userId: string): Key => ({
  pk: groupPk(groupId),
  sk: `MEMBER#${userId}`,
});
export const membersOfGroup = (groupId: string, after?: string): KeyRange =>
  rangeOf(groupPk(groupId), "MEMBER#", after);

/** A part of a change of members that takes longer than one call. */
export const planKey = (groupId: string, version: number, part: number): Key => ({
  pk: groupPk(groupId),
  sk: `PLAN#${padVersion(version)}#${part}`,
});

/** The mark that the user is a member of the group, or was. */
export const membershipKey = (userId: string, groupId: string): Key => ({
  pk: userPk(userId),
  sk: `IN#${groupId}`,
});
export const membershipsOfUser = (userId: string): KeyRange => rangeOf(userPk(userId), "IN#");

/** The mark that a user joined or left at that version. */
export const changeKey = (groupId: string, version: number, userId: string): Key => ({
  pk: groupPk(groupId),
  sk: `CHANGE#${padVersion(version)}#${userId}`,
});
/** Marks of the versions after `after` and up to `until`. */
export const changesOfGroup = (groupId: string, after: number, until: number): KeyRange => ({
  partition: groupPk(groupId),
  from: `CHANGE#${padVersion(after + 1)}#`,
  to: `CHANGE#${padVersion(until)}$`,
});

export const pushedKey = (integrationId: string, groupId: string, userId: string): Key => ({
  pk: pushedPk(integrationId, groupId),
  sk: `MEMBER#${userId}`,
});
export const pushedMembers = (integrationId: string, groupId: string): KeyRange =>
  rangeOf(pushedPk(integrationId, groupId), "MEMBER#");
export const pendingKey = (integrationId: string, groupId: string, userId: string): Key => ({
  pk: pushedPk(integrationId, groupId),
  sk: `PENDING#${userId}`,
});
export const pendingMembers = (integrationId: string, groupId: string): KeyRange =>
  rangeOf(pushedPk(integrationId, groupId), "PENDING#");

/** A partition key ends at 2,048 bytes: a remote id too long for it is known by its hash (`:` is always encoded). */
const encodeRemoteId = (remoteId: string): string => {
  const encoded = encodeURIComponent(remoteId.toWellFormed());
  return encoded.length <= 1024 ? encoded : `sha256:${createHash("sha256").update(remoteId).digest("hex")}`;
};
export const claimKey = (integrationId: string, kind: LinkKind, remoteId: string): Key => ({
  pk: `CLAIM#${integrationId}#${kind}#${encodeRemoteId(remoteId)}`,
  sk: "CLAIM",
});

/** The schedule of the requests to an integration as it is since its last change. */
export const rateKey = ({ integrationId, version }: { integrationId: string; version: number }): Key => ({
  pk: `RATE#${integrationId}#${version}`,
  sk: "RATE",
});

/** What the integration lost lately. */
export const guardKey = (integrationId: string): Key => ({ pk: `GUARD#${integrationId}`, sk: "GUARD" });

/** Holds are in the order of their ids, and so of time. */
export const holdKey = (integrationId: string, holdId: string): Key => ({
  pk: holdsPk(integrationId),
  sk: holdId,
});
const holdsPk = (integrationId: string): string => `HOLDS#${integrationId}`;
export const holdsOf = (integrationId: string, after?: string): KeyRange =>
  listed(holdsPk(integrationId), after);
/** The latest hold of who asked for removals; what names them may be of any length. */
export const originKey = (integrationId: string, origin: string): Key => ({
  pk: `ORIGIN#${integrationId}#${createHash("sha256").update(origin).digest("hex")}`,
  sk: "ORIGIN",
});
/** An account, or a membership in a group. */
type HeldObject = { userId: string; groupId?: string | undefined };
const heldSk = ({ groupId }: HeldObject): string => (groupId === undefined ? "ACCOUNT" : `GROUP#${groupId}`);
const holdPk = (integrationId: string, holdId: string): string => `HOLD#${integrationId}#${holdId}`;
export const heldItemKey = (integrationId: string, holdId: string, object: HeldObject): Key => ({
  pk: holdPk(integrationId, holdId),
  sk: `${object.userId}#${heldSk(object)}`,
});
export const heldItems = (integrationId: string, holdId: string, after?: string): KeyRange =>
  listed(holdPk(integrationId, holdId), after);
/** Says in which hold the object is; the memberships in one group are together. */
export const heldObjectKey = (integrationId: string, { userId, groupId }: HeldObject): Key =>
  groupId === undefined
    ? { pk: `HELD#${integrationId}#USER#${userId}`, sk: "ACCOUNT" }
    : { pk: heldGroupPk(integrationId, groupId), sk: userId };
const heldGroupPk = (integrationId: string, groupId: string): string =>
  `HELD#${integrationId}#GROUP#${groupId}`;
export const heldOfGroup = (integrationId: string, groupId: string): KeyRange =>
  listed(heldGroupPk(integrationId, groupId));

/** `hash` covers all that makes the caller's key unique. */
export const idempotencyKey = (hash: string): Key => ({ pk: `IDEMPOTENCY#${hash}`, sk: "IDEMPOTENCY" });

/** Who works at an integration, and whether somebody was woken for it. */
export const workersKey = (integrationId: string): Key => ({ pk: `WORKERS#${integrationId}`, sk: "WORKERS" });

export const jobKey = (name: string): Key => ({ pk: `JOB#${name}`, sk: "JOB" });

/** Jobs of an integration, of each kind the latest first: `jobId` bears the time at which it was made (Unix ms). */
export const integrationJobKey = (
  integrationId: string,
  kind: string,
  jobId: string,
  madeAt: number,
): Key => ({ pk: `JOBS#${integrationId}`, sk: `${kind}#${padTime(latestFirst - madeAt)}#${jobId}` });
const latestFirst = 999_999_999_999_999;
export const integrationJobs = (integrationId: string, kind: string, after?: string): KeyRange =>
  rangeOf(`JOBS#${integrationId}`, `${kind}#`, after);
/** Names the job that is open. It is in the index byWork for as long. */
export const openJobKey = (integrationId: string): Key => ({ pk: `JOBS#${integrationId}`, sk: "OPEN" });
export const openJobMark = (integrationId: string, since: number): WorkKey => ({
  workPk: "JOBS",
  workSk: `${padTime(since)}#${integrationId}`,
});
/** The integration whose open job the item names; undefined where it is another item. */
export const integrationOfJobs = ({ pk }: Pick<Key, "pk">): string | undefined =>
  pk.startsWith("JOBS#") ? pk.slice("JOBS#".length) : undefined;
export const openJobs: KeyRange = { partition: "JOBS", from: "0", to: "9" };
const jobItemsPk = (integrationId: string, jobId: string): string => `JOBITEMS#${integrationId}#${jobId}`;
export const jobItemKey = (integrationId: string, jobId: string, place: string): Key => ({
  pk: jobItemsPk(integrationId, jobId),
  sk: place,
});
/** Those behind the place `after`; with a prefix, which ends in `#`, those that begin with it. */
export const jobItems = (
  { integrationId, jobId }: { integrationId: string; jobId: string },
  after?: string,
  prefix?: string,
): KeyRange =>
  prefix === undefined
    ? listed(jobItemsPk(integrationId, jobId), after)
    : rangeOf(jobItemsPk(integrationId, jobId), prefix, after?.slice(prefix.length));

/** All that was told, and to whom, is in one partition, so that one query reads it and one right is for it alone. */
const noticesPk = "NOTICES";
export const noticeHeadKey: Key = { pk: noticesPk, sk: "HEAD" };
export const noticePageKey = (kind: string, integrationId: string, part: number): Key => ({
  pk: noticesPk,
  sk: `PAGE#${kind}#${integrationId}#${part}`,
});
export const allNotices: KeyRange = { partition: noticesPk, from: "!", to: "~" };

/** A tenant; `hash` is keyed, and covers base URL and secret. */
export const targetKey = (hash: string): Key => ({ pk: `TARGET#${hash}`, sk: "TARGET" });

/** All sources are in one partition, so that one query reads them. */
const sourcesPk = "SOURCES";
export const sourceKey = (sourceId: string): Key => ({ pk: sourcesPk, sk: sourceId });
export const allSources: KeyRange = { partition: sourcesPk, from: "!", to: "~" };
export const sourceStatusKey = (sourceId: string): Key => ({ pk: `SOURCESTATUS#${sourceId}`, sk: "STATUS" });
/** `hash` is that of the token, in hexadecimal digits. */
export const tokenKey = (hash: string): Key => ({ pk: `TOKEN#${hash}`, sk: "TOKEN" });
/** A name of any length and of any characters; `kind` holds none that separates. */
export const nameKey = (sourceId: string, kind: string, value: string): Key => ({
  pk: `NAME#${sourceId}#${kind}#${createHash("sha256").update(value.toWellFormed()).digest("hex")}`,
  sk: "NAME",
});
const ownedPk = (sourceId: string, kind: LinkKind): string => `OWNED#${sourceId}#${kind}`;
export const ownedKey = (sourceId: string, kind: LinkKind, id: string): Key => ({
  pk: ownedPk(sourceId, kind),
  sk: id,
});
export const ownedObjects = (sourceId: string, kind: LinkKind, after?: string): KeyRange =>
  listed(ownedPk(sourceId, kind), after);
const waitingPk = (sourceId: string): string => `OWNED#${sourceId}#waiting`;
export const waitingKey = (sourceId: string, userId: string, groupId: string): Key => ({
  pk: waitingPk(sourceId),
  sk: `${userId}#${groupId}`,
});
export const waitingGroups = (sourceId: string, userId: string): KeyRange =>
  rangeOf(waitingPk(sourceId), `${userId}#`);
export const allWaitingOf = (sourceId: string): KeyRange => listed(waitingPk(sourceId));
export const waitingUserIn = ({ sk }: Key): string => sk.slice(0, sk.indexOf("#"));
export const waitingGroupIn = ({ sk }: Key): string => sk.slice(sk.indexOf("#") + 1);
const conflictsPk = (sourceId: string): string => `CONFLICTS#${sourceId}`;
export const conflictKey = (sourceId: string, kind: LinkKind, name: string): Key => ({
  pk: conflictsPk(sourceId),
  sk: `${kind}-${createHash("sha256").update(name.toWellFormed()).digest("hex")}`,
});
export const conflictsOf = (sourceId: string, after?: string): KeyRange =>
  listed(conflictsPk(sourceId), after);

/** Index byListing: `listSk` is the object's id. */
type ListingKey = { listPk: string; listSk: string };
export const userListing = (userId: string): ListingKey => ({ listPk: "USERS", listSk: userId });
export const groupListing = (groupId: string): ListingKey => ({ listPk: "GROUPS", listSk: groupId });
export const integrationListing = (integrationId: string): ListingKey => ({
  listPk: "INTEGRATIONS",
  listSk: integrationId,
});
export const linkListing = (kind: LinkKind, key: LinkKey): ListingKey => ({
  listPk: `LINKS#${key.integrationId}#${kind}`,
  listSk: key.id,
});
const listed = (partition: string, after?: string): KeyRange => ({
  partition,
  from: after === undefined ? "!" : `${after}\0`,
  to: "~",
});
export const listedUsers = (after?: string): KeyRange => listed("USERS", after);
export const listedGroups = (after?: string): KeyRange => listed("GROUPS", after);
export const listedIntegrations: KeyRange = listed("INTEGRATIONS");
export const listedLinks = (kind: LinkKind, integrationId: string, after?: string): KeyRange =>
  listed(`LINKS#${integrationId}#${kind}`, after);

/** Index byEmail: e-mail addresses are compared in lower case; its sort key is the user's `pk`. */
export const emailKey = (email: string): { emailPk: string } => ({ emailPk: `EMAIL#${email.toLowerCase()}` });
export const usersOfEmail = (email: string, after?: string): KeyRange =>
  rangeOf(emailKey(email).emailPk, "USER#", after);

/** A username that is no address of its user, compared in lower case: an item of its own, as a user has one place in the index. */
export const usernameKey = (userId: string): Key => ({ pk: userPk(userId), sk: "USERNAME" });
const usernamePk = (username: string): string => `USERNAME#${username.toLowerCase()}`;
export const usernameEntry = (username: string): { emailPk: string } => ({ emailPk: usernamePk(username) });
export const usersOfUsername = (username: string): KeyRange => rangeOf(usernamePk(username), "USER#");

/** Index byAttempt: open attempts by the end of their lease. */
type AttemptKey = { attemptPk: string; attemptSk: string };
export const attemptKey = (leaseUntil: number, attemptId: string): AttemptKey => ({
  attemptPk: "ATTEMPT",
  attemptSk: `${padTime(leaseUntil)}#${attemptId}`,
});
/** Attempts whose lease ended before `before` (Unix ms). */
export const attemptsBefore = (before: number): KeyRange => ({
  partition: "ATTEMPT",
  from: "0",
  to: padTime(before),
});

/** Index byWork: directory objects with a change to dispatch, and links at which something is to be done. */
type WorkKey = { workPk: string; workSk: string };
export const changedKey = ({ at }: Changed, pk: string): WorkKey => ({
  workPk: "CHANGED",
  workSk: `${padTime(at)}#${pk}`,
});
/** Changes to be dispatched before `before` (Unix ms). */
export const changedBefore = (before: number): KeyRange => ({
  partition: "CHANGED",
  from: "0",
  to: padTime(before),
});
/** Objects that were made, by when: their event may not be on record. The entry stays until the object changes. */
const madeKey = (updatedAt: string, pk: string): WorkKey => ({
  workPk: "MADE",
  workSk: `${padTime(Date.parse(updatedAt))}#${pk}`,
});
/** Those made at `from` (Unix ms) or later. */
export const madeSince = (from: number): KeyRange => ({ partition: "MADE", from: padTime(from), to: "~" });
/** By which an object is found after a change of it, should whoever makes the change die. */
export const traceKey = (
  { changed, unrecorded }: Trace,
  updatedAt: string,
  pk: string,
): WorkKey | undefined => {
  if (changed) return changedKey(changed, pk);
  return unrecorded && madeKey(updatedAt, pk);
};
const workPk = (integrationId: string, state: WorkState): string => `WORK#${integrationId}#${state}`;
export const workKey = (
  kind: LinkKind,
  { integrationId, id }: LinkKey,
  { state, urgency, at, setAt, since }: Work,
): WorkKey => ({
  workPk: workPk(integrationId, state),
  workSk: `${urgency}#${padTime(at)}#${padTime(setAt)}#${padTime(since)}#${kind}#${id}`,
});
/** Those of one urgency that are due by `until`, or all of them. */
export const workDue = (
  integrationId: string,
  state: WorkState,
  urgency: 0 | 1,
  until?: number,
): KeyRange => ({
  partition: workPk(integrationId, state),
  from: `${urgency}#`,
  to: until === undefined ? `${urgency}$` : `${urgency}#${padTime(until)}$`,
});
/** All of a state, or those behind the sort key `after`. */
export const allWork = (
  integrationId: string,
  state: WaitingState | LeftState,
  after?: string,
): KeyRange => ({
  partition: workPk(integrationId, state),
  from: after === undefined ? "0" : `${after}\0`,
  to: "9",
});
/** What the sort key of a link's mark tells. */
export const workIn = (workSk: string) => {
  const [urgency, at, setAt, since, kind, id = ""] = workSk.split("#");
  return {
    urgency: urgency === "0" ? (0 as const) : (1 as const),
    at: Number(at),
    setAt: Number(setAt),
    since: Number(since),
    kind: kind === "user" ? ("user" as const) : ("group" as const),
    id,
  };
};
/** The directory object of an item with that key. */
export const objectIn = ({ pk }: Pick<Key, "pk">): { kind: LinkKind; id: string } =>
  pk.startsWith(userPk(""))
    ? { kind: "user", id: pk.slice(userPk("").length) }
    : { kind: "group", id: pk.slice(groupPk("").length) };

/** Who holds the attempt of the item with this key; undefined for items that never have one. */
export const attemptHolder = ({ pk, sk }: Key): OpenAttemptRef | undefined => {
  if (pk === "INTEGRATION") return { kind: "integration", key: { integrationId: sk, id: sk } };
  const [type, id, ...rest] = pk.split("#");
  if (type === "HOLDS" && id && rest.length === 0)
    return { kind: "hold", key: { integrationId: id, id: sk } };
  const [link, integrationId, ...more] = sk.split("#");
  if (link !== "LINK" || !id || !integrationId || rest.length + more.length > 0) return undefined;
  if (type !== "USER" && type !== "GROUP") return undefined;
  return { kind: type === "USER" ? "user" : "group", key: { integrationId, id } };
};
