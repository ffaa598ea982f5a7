import { omit, present } from "../common/objects.ts";
import type { SavedGroup } from "../model/directory.ts";
import { traceOf } from "../model/directory-change.ts";
import { Failure } from "../model/failure.ts";
import { ownerAfter } from "../model/owner.ts";
import type { GroupChange, GroupStore, Membership } from "../provisioning/ports/directory-store.ts";
import { loadOnce } from "./load-once.ts";

/** A group as it is (`base`), and as it would be: with whom it differs, and whether nobody of before is left. */
type Group = {
  base: SavedGroup | undefined;
  now: SavedGroup | undefined;
  changed: Map<string, { member: boolean; since: string }>;
  isEmptied: boolean;
};

/**
 * Directory groups as they are, and as they would be. A change costs what it names, whatever the size of the group; lists
 * are those of the real store.
 */
export const rehearsedGroups = (real: GroupStore, now: () => number) => {
  const groups = new Map<string, Group>();
  const loads = loadOnce();
  const note = (groupId: string, base: SavedGroup | undefined): void => {
    if (loads.note(groupId)) groups.set(groupId, { base, now: base, changed: new Map(), isEmptied: false });
  };
  const load = async (groupId: string): Promise<Group> => {
    const known = groups.get(groupId);
    if (known) return known;
    note(groupId, await real.read(groupId));
    return groups.get(groupId) as Group;
  };
  /** The group's own version up to `version`; undefined where nobody of before counts. */
  const baseVersion = ({ base, isEmptied }: Group, version: number): number | undefined =>
    isEmptied && version > (base?.version ?? 0) ? undefined : Math.min(version, base?.version ?? 0);
  const changedAt = ({ base, changed }: Group, version: number) =>
    version > (base?.version ?? 0) ? changed : new Map<string, { member: boolean }>();

  const membersAmong: GroupStore["membersAmong"] = async (groupId, version, userIds) => {
    const group = await load(groupId);
    const changed = changedAt(group, version);
    const others = userIds.filter((userId) => !changed.has(userId));
    const at = baseVersion(group, version);
    const found = at && others.length > 0 ? await real.membersAmong(groupId, at, others) : [];
    return new Set([...userIds.filter((userId) => changed.get(userId)?.member), ...found]);
  };

  const membersAndLeavers: GroupStore["membersAndLeavers"] = async function* (groupId, version) {
    const group = await load(groupId);
    const changed = changedAt(group, version);
    const isOther = (userId: string) => !changed.has(userId);
    const at = baseVersion(group, version);
    if (group.base)
      for await (const { members, left } of real.membersAndLeavers(groupId, at ?? group.base.version)) {
        const those = members.filter(isOther);
        const gone = left.filter(isOther);
        yield at === undefined ? { members: [], left: [...those, ...gone] } : { members: those, left: gone };
      }
    const idsOf = (member: boolean) =>
      [...changed].flatMap(([userId, one]) => (one.member === member ? [userId] : [])).toSorted();
    if (changed.size > 0) yield { members: idsOf(true), left: idsOf(false) };
  };

  const store: GroupStore = {
    list: real.list,
    page: real.page,
    membersAmong,
    membersAndLeavers,
    read: async (groupId) => structuredClone((await load(groupId)).now),

    async *members(groupId, version) {
      for await (const { members } of membersAndLeavers(groupId, version))
        if (members.length > 0) yield members;
    },

    async change(groupId, base, change) {
      const group = await load(groupId);
      const version = group.now?.version ?? 0;
      if (version !== (base?.version ?? 0))
        throw new Failure("attempt-in-progress", "Another change of this group came first. Call again.", {
          retryAfterSeconds: 1,
        });
      const members = await changesOf(change, (ids) => membersAmong(groupId, version, ids));
      const since = new Date(now()).toISOString();
      if (change.ends) group.changed.clear();
      if (change.ends) group.isEmptied = true;
      for (const [member, ids] of [
        [true, members.added],
        [false, members.removed],
      ] as const)
        for (const userId of ids) group.changed.set(userId, { member, since });
      const source = ownerAfter(group.now?.source, change.ends ? null : change.source);
      const count = (group.now?.memberCount ?? 0) + members.added.length - members.removed.length;
      group.now = {
        ...{ groupId, name: change.name, version: version + 1, updatedAt: since },
        memberCount: change.ends ? 0 : count,
        ...(change.ends && { deleted: true }),
        ...present({ source }),
        ...traceOf(change),
      };
      const { unrecorded } = group.now;
      return structuredClone({ ...group.now, ...(unrecorded && { unrecorded: { ...unrecorded, members } }) });
    },

    async dispatched(groupId, version) {
      const group = await load(groupId);
      if (group.now?.version !== version) return false;
      group.now = omit(group.now, "changed", "unrecorded");
      return true;
    },
    async noteCount({ groupId, version }, memberCount) {
      const group = await load(groupId);
      if (group.now?.version === version) group.now = { memberCount, ...group.now };
    },
    // A rehearsal takes no time, and leaves no event.
    resume: async () => {},
    noteReferenced: async () => {},
    async endUnrecorded(groupId, eventId) {
      const group = await load(groupId);
      if (group.now?.unrecorded?.eventId === eventId) group.now = omit(group.now, "unrecorded");
    },

    async ofUser(userId) {
      const joined = [...groups].flatMap(([groupId, { changed }]) => (changed.has(userId) ? [groupId] : []));
      return [...new Set([...(await real.ofUser(userId)), ...joined])];
    },
    async changedBetween(groupId, after, until) {
      if (after >= until) return [];
      const group = await load(groupId);
      const at = baseVersion(group, until);
      // An end concerns all who ever were members.
      const from = at === undefined ? 0 : after;
      const before = await real.changedBetween(groupId, from, at ?? group.base?.version ?? 0);
      return [...new Set([...before, ...changedAt(group, until).keys()])];
    },
  };
  return {
    store,
    note,
    /** How the user's membership would be, where it was `known`. */
    membershipOf(groupId: string, userId: string, known: Membership): Membership {
      const { changed, isEmptied, now: saved } = groups.get(groupId) ?? {};
      const own = changed?.get(userId);
      if (own) return own;
      return isEmptied && known.member && saved ? { member: false, since: saved.updatedAt } : known;
    },
    /** Those whose change would still have to reach their links. */
    changed: (): string[] => [...groups].flatMap(([groupId, group]) => (group.now?.changed ? [groupId] : [])),
  };
};

/** Who joins and who leaves by it: whoever is named twice joins. */
const changesOf = async (
  { add, remove }: GroupChange,
  membersAmong: (userIds: string[]) => Promise<Set<string>>,
): Promise<{ added: string[]; removed: string[] }> => {
  const joining = new Set(add);
  const leaving = new Set(remove.filter((userId) => !joining.has(userId)));
  const members = await membersAmong([...joining, ...leaving]);
  return {
    added: [...joining].filter((userId) => !members.has(userId)),
    removed: [...leaving].filter((userId) => members.has(userId)),
  };
};
