import type { Page, PageOf } from "../../common/cursor.ts";
import type { DirectoryUser, Lock, SavedGroup, SavedUser } from "../../model/directory.ts";
import type { Trace } from "../../model/directory-change.ts";
import type { PushedMember } from "../../model/link.ts";
import type { Owner } from "../../model/owner.ts";
import type { AfterChange } from "../../model/work.ts";

/** Directory users. Reads by id are strongly consistent. */
export type UserStore = {
  read(userId: string): Promise<SavedUser | undefined>;
  /**
   * Save, if the version is still `version` (0: never saved); undefined where it moved. The trace is kept with it, and
   * `lock` and `source`, which are gone where they are not given.
   */
  save(
    userId: string,
    version: number,
    user: DirectoryUser,
    change?: { deleted?: boolean; lock?: Lock; source?: Owner } & Trace,
  ): Promise<SavedUser | undefined>;
  /**
   * The change of that version has reached every link, and its event is on record: take its marks away. False where another
   * one came.
   */
  dispatched(userId: string, version: number): Promise<boolean>;
  /** Saved users, without deleted ones. Throws Failure `invalid-cursor`. */
  list(page: Page & { email?: string }): Promise<PageOf<SavedUser>>;
  /** Many at once; unknown and deleted ones are absent. */
  readMany(userIds: string[]): Promise<Map<string, SavedUser>>;
  /** To be called before a user is saved with another username, so that `ofUsername` finds them. Safe to repeat. */
  noteUsername(userId: string, username: string): Promise<void>;
  /** Users of that username, in any case; the newest may not be among them yet. At most `most`. */
  ofUsername(username: string, most: number): Promise<SavedUser[]>;
};

/**
 * Directory groups. A member is an item of its own; a change of many takes effect by one conditional write of the
 * group's version, so readers see all of it or none.
 */
export type GroupStore = {
  read(groupId: string): Promise<SavedGroup | undefined>;
  /**
   * Change name and members. Throws Failure `attempt-in-progress` while another change of the same group is under
   * way or came first. Answers the group as it is then, with who joined and left in `unrecorded`.
   */
  change(groupId: string, base: SavedGroup | undefined, change: GroupChange): Promise<SavedGroup>;
  /** Go on with a change that was kept as a plan, until `until` (Unix ms). Nothing where there is none. Throws as `change`. */
  resume(groupId: string, until: number): Promise<void>;
  /** As `UserStore.dispatched`. */
  dispatched(groupId: string, version: number): Promise<boolean>;
  /**
   * Keep the number of members of a group that was saved before members were counted, and list it. Nothing is written where
   * the group has changed since it was read, or is changing: its count is then of another version.
   */
  noteCount(group: SavedGroup, memberCount: number): Promise<void>;
  /** Saved groups by id, without ended ones. Throws Failure `invalid-cursor`. */
  list(page: Page): Promise<PageOf<SavedGroup>>;
  /** Members at `version`, in pages, by userId. */
  members(groupId: string, version: number): AsyncIterable<string[]>;
  /** The same, with those who left in the last `changeMarkDays`, at least. */
  membersAndLeavers(groupId: string, version: number): AsyncIterable<{ members: string[]; left: string[] }>;
  /** Which of these users are members at `version`. */
  membersAmong(groupId: string, version: number, userIds: string[]): Promise<Set<string>>;
  /** Groups that the user may be a member of; a superset, cheap. */
  ofUser(userId: string): Promise<string[]>;
  /** Users that may have joined or left after version `after` and up to `until`; a superset, cheap. */
  changedBetween(groupId: string, after: number, until: number): Promise<string[]>;
  /** One page of members and of users that left lately, for the members' list. */
  page(group: SavedGroup, page: Page): Promise<PageOf<{ userId: string; member: boolean; since: string }>>;
  /** The event of the latest change is on record: nobody needs to put it again. Nothing where another came since. */
  endUnrecorded(groupId: string, eventId: string): Promise<void>;
  /** Of that event so many references are written. Nothing where another change came since. */
  noteReferenced(groupId: string, eventId: string, count: number): Promise<void>;
};
/**
 * Who is a member, or is none, already is left as they are. The trace is kept as that of the latest change. Past `until`
 * (Unix ms) no member is written: the change is kept as a plan with how far it has come, is found by its mark, and goes on
 * by `resume`, or by the same change again, from there, under the trace that it was begun with. `change` then throws Failure
 * `store-unavailable` with `saving`, or without where not even that could be kept. Nobody else changes the group meanwhile.
 */
export type GroupChange = {
  name: string;
  add: string[];
  remove: string[];
  /**
   * The group ends: from then on nobody is a member, in one write however many were. Any later change makes it anew. No
   * members are named with it.
   */
  ends?: true;
  /** The owner from then on; null: nobody. Where it is left out the owner stays. One that ends has none. */
  source?: Owner | null;
  until?: number;
  /** What the caller does next, should the change take longer than `until`. */
  next?: AfterChange | undefined;
} & Trace;
/** Whether a user is a member, and since when it is so; absent where the user never was one. */
export type Membership = { member: boolean; since?: string };

/** How long the marks of member changes are kept; who is behind for longer compares in full. */
export const changeMarkDays = 30;

/**
 * Memberships in one integration's group: what is known of each, and a mark on users who wait to be looked at by the
 * next call, which may be there with or without a membership.
 */
export type PushedMemberStore = {
  among(integrationId: string, groupId: string, userIds: string[]): Promise<Map<string, PushedMember>>;
  /** All that were ever pushed and are known, in pages, those `out` included. */
  all(integrationId: string, groupId: string): AsyncIterable<PushedMember[]>;
  /** The users that wait. Cost grows with those that wait alone. */
  waiting(integrationId: string, groupId: string): Promise<string[]>;
  /**
   * Save what is known of these. Users who are `in` wait no longer, and users of whom it is `unknown` wait from then on.
   * Who is `out` waits until they are let go of, which is for the caller to note. Safe to repeat; a process that dies
   * within it forgets nobody who waits.
   */
  save(integrationId: string, groupId: string, members: PushedMember[]): Promise<void>;
  /** Change who waits, whatever is known of their memberships. */
  noteWaiting(
    integrationId: string,
    groupId: string,
    change: { begin?: string[]; end?: string[] },
  ): Promise<void>;
};
