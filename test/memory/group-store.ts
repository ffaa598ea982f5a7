import { everybody, membershipAt } from "../../shared/aws/directory/member-item.ts";
import type { SavedGroup } from "../../shared/model/directory.ts";
import { changeMarkDays, type GroupStore } from "../../shared/provisioning/ports/directory-store.ts";
import { groupsList, membersList } from "../../shared/provisioning/ports/list-names.ts";
import { changeGroup } from "./group-change.ts";
import type { GroupItem, GroupItems, StoredMember } from "./group-items.ts";
import { listPage } from "./list-page.ts";
import { copyOf, type Request } from "./request.ts";

const markMs = changeMarkDays * 86_400_000;

/** Directory groups in memory: members, marks and given-up versions as the table keeps them. */
export const memoryGroupStore = (
  items: GroupItems,
  request: Request,
  now: () => number,
  pageSize = 100,
): GroupStore => {
  const kept = (groupId: string): StoredMember[] =>
    [...(items.get(groupId)?.members.values() ?? [])]
      .filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now())
      .toSorted((a, b) => (a.userId < b.userId ? -1 : 1));
  const isMember = (groupId: string, item: StoredMember, version: number): boolean =>
    membershipAt(item, version, items.get(groupId)).member;

  const membersAndLeavers: GroupStore["membersAndLeavers"] = async function* (groupId, version) {
    let after = "";
    for (;;) {
      const from = after;
      const { read, ...page } = await request(`read a page of members of ${groupId}`, () => {
        const read = kept(groupId)
          .filter(({ userId }) => userId > from)
          .slice(0, pageSize);
        const idsOf = (wanted: boolean) =>
          read.filter((item) => isMember(groupId, item, version) === wanted).map(({ userId }) => userId);
        return { read: read.map(({ userId }) => userId), members: idsOf(true), left: idsOf(false) };
      });
      if (read.length > 0) yield page;
      if (read.length < pageSize) return;
      after = read.at(-1) ?? after;
    }
  };

  return {
    membersAndLeavers,

    read: (groupId) => request(`read group ${groupId}`, () => savedIn(items.get(groupId))),
    change: (groupId, base, change) =>
      changeGroup({ items, request, now }, groupId, base?.version ?? 0, change),

    // A change in memory takes no time, so that none is ever left.
    resume: async () => undefined,

    dispatched: (groupId, version) =>
      request(`note group ${groupId} as dispatched`, () => {
        const item = items.get(groupId);
        if (item?.saved.version !== version) return false;
        delete item.saved.changed;
        delete item.saved.unrecorded;
        return true;
      }),

    noteCount: ({ groupId, version }, memberCount) =>
      request(`note the count of ${groupId}`, () => {
        const item = items.get(groupId);
        if (!item || item.changing || item.saved.version !== version) return;
        item.saved.memberCount ??= memberCount;
      }),

    list: (page) =>
      request("list groups", () => {
        const saved = [...items.values()].flatMap((item) => savedIn(item) ?? []);
        const listed = saved.filter(({ deleted }) => !deleted);
        return listPage(groupsList, listed, ({ groupId }) => groupId, page);
      }),

    async *members(groupId, version) {
      for await (const { members } of membersAndLeavers(groupId, version))
        if (members.length > 0) yield members;
    },

    noteReferenced: (groupId, eventId, count) =>
      request(`note references of ${groupId}`, () => {
        const unrecorded = items.get(groupId)?.saved.unrecorded;
        if (unrecorded?.eventId === eventId) unrecorded.referenced = count;
      }),

    endUnrecorded: (groupId, eventId) =>
      request(`end unrecorded of ${groupId}`, () => {
        const saved = items.get(groupId)?.saved;
        if (saved?.unrecorded?.eventId === eventId) delete saved.unrecorded;
      }),

    membersAmong: (groupId, version, userIds) =>
      request(`read members of ${groupId}`, () => {
        const found = kept(groupId).filter((item) => isMember(groupId, item, version));
        return new Set(found.map(({ userId }) => userId).filter((userId) => userIds.includes(userId)));
      }),

    ofUser: (userId) =>
      request(`read groups of ${userId}`, () =>
        [...items].filter(([, { members }]) => members.has(userId)).map(([groupId]) => groupId),
      ),

    async changedBetween(groupId, after, until) {
      if (after >= until) return [];
      return await request(`read changes of ${groupId}`, () => {
        const marks = (items.get(groupId)?.marks ?? []).filter(
          ({ version, expiresAt }) => version > after && version <= until && expiresAt > now(),
        );
        const isEnded = marks.some(({ userId }) => userId === everybody);
        const changed = after <= 0 || isEnded ? kept(groupId) : marks;
        return [...new Set(changed.map(({ userId }) => userId))];
      });
    },

    page: ({ groupId, version }, page) =>
      request(`list members of ${groupId}`, () => {
        const lately = new Date(now() - markMs).toISOString();
        const listed = listPage(membersList(groupId), kept(groupId), ({ userId }) => userId, page);
        return {
          ...listed,
          items: listed.items.flatMap((item) => {
            const { member, since } = membershipAt(item, version, items.get(groupId));
            return since !== undefined && (member || since >= lately)
              ? [{ userId: item.userId, member, since }]
              : [];
          }),
        };
      }),
  };
};

/** Undefined while the group is being made. */
const savedIn = (item: GroupItem | undefined): SavedGroup | undefined =>
  item && item.saved.version > 0 ? copyOf(item.saved) : undefined;
