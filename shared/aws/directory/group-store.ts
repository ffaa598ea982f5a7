import { randomUUID } from "node:crypto";
import { decodeCursor, encodeCursor, pageOf } from "../../common/cursor.ts";
import { recentKept, traceOf } from "../../model/directory-change.ts";
import { changeMarkDays, type GroupStore } from "../../provisioning/ports/directory-store.ts";
import { groupsList, membersList } from "../../provisioning/ports/list-names.ts";
import { createBatches } from "../table/batches.ts";
import { setAll } from "../table/expressions.ts";
import {
  changesOfGroup,
  groupIdIn,
  groupKey,
  groupListing,
  type Key,
  type KeyRange,
  listedGroups,
  memberKey,
  membershipsOfUser,
  membersOfGroup,
} from "../table/keys.ts";
import { createStateTable, type TableAccess, takeFrom } from "../table/state-table.ts";
import { changeGroup } from "./group-change.ts";
import { createGroupLease } from "./group-lease.ts";
import { readPlan } from "./group-plan.ts";
import {
  everybody,
  type GroupHistory,
  type GroupItem,
  type MemberItem,
  membershipAt,
  toSavedGroup,
} from "./member-item.ts";

/**
 * Directory groups. `version` grows with every change, by more than one after a change that was given up. A read at a
 * version sees all of the changes up to it and none later, as long as no second change has touched the same member.
 */
export const createGroupStore = ({
  now = Date.now,
  newId = randomUUID,
  ...access
}: TableAccess & { now?: () => number; newId?: () => string }): GroupStore => {
  const table = createStateTable(access);
  const batches = createBatches(access);
  const tools = { table, batches, lease: createGroupLease(table, now), now };

  const historyOf = async (groupId: string): Promise<GroupHistory | undefined> =>
    table.get<GroupItem>(groupKey(groupId), ["voided", "ended"]);

  const membersAndLeavers: GroupStore["membersAndLeavers"] = async function* (groupId, version) {
    const history = await historyOf(groupId);
    for await (const page of table.pages<MemberItem>(membersOfGroup(groupId))) {
      const isMember = (item: MemberItem) => membershipAt(item, version, history).member;
      const idsOf = (items: MemberItem[]) => items.map(({ userId }) => userId);
      yield {
        members: idsOf(page.filter(isMember)),
        left: idsOf(page.filter((item) => !isMember(item))),
      };
    }
  };

  return {
    async read(groupId) {
      const item = await table.get<GroupItem>(groupKey(groupId));
      return item && toSavedGroup(item);
    },

    change: (groupId, base, change) =>
      changeGroup(tools, groupId, base?.version ?? 0, { ...change, id: newId() }),

    dispatched: (groupId, version) =>
      table.write(groupKey(groupId), "REMOVE #changed, #unrecorded, #workPk, #workSk", {
        when: "#version = :version AND attribute_not_exists(#changing.#plan)",
        values: { version },
      }),

    async resume(groupId, until) {
      const item = await table.get<GroupItem>(groupKey(groupId));
      const { changing } = item ?? {};
      if (!item || !changing?.plan || changing.leaseUntil >= now()) return;
      const change = await readPlan(batches, groupId, changing.plan);
      const { asked, digest } = changing;
      const at = asked ? Date.parse(asked.at) : now();
      const recent = [...(item.recent ?? []), { after: item.version, at }].slice(-recentKept);
      const trace = { ...traceOf(changing), recent };
      await changeGroup(tools, groupId, item.version, { ...change, ...trace, id: newId(), digest, until });
    },

    async noteCount({ groupId, version }, memberCount) {
      const fields = { memberCount, ...groupListing(groupId) };
      const isUncounted = "#version = :version AND attribute_not_exists(#memberCount)";
      const when = `${isUncounted} AND attribute_not_exists(#changing)`;
      await table.write(groupKey(groupId), setAll(fields), { when, values: { ...fields, version } });
    },

    async list({ limit, cursor }) {
      const range = listedGroups(decodeCursor(groupsList, cursor));
      const read = await takeFrom(
        table.pages<Key>(range, { index: "byListing", limit: limit + 1 }),
        limit + 1,
      );
      const page = pageOf(read, limit, (last) => encodeCursor(groupsList, groupIdIn(last)));
      const groups = await batches.get<GroupItem>(page.items.map(({ pk, sk }) => ({ pk, sk })));
      const saved = groups.map(toSavedGroup).filter((group) => group !== undefined);
      // The index may still know one that has ended.
      return { ...page, items: saved.filter(({ deleted }) => !deleted) };
    },

    membersAndLeavers,

    async *members(groupId, version) {
      for await (const { members } of membersAndLeavers(groupId, version))
        if (members.length > 0) yield members;
    },

    async membersAmong(groupId, version, userIds) {
      const history = await historyOf(groupId);
      const items = await batches.get<MemberItem>(userIds.map((userId) => memberKey(groupId, userId)));
      const members = items.filter((item) => membershipAt(item, version, history).member);
      return new Set(members.map(({ userId }) => userId));
    },

    async ofUser(userId) {
      const range = membershipsOfUser(userId);
      const marks = await takeFrom(table.pages<{ groupId: string }>(range, { fields: ["groupId"] }));
      return marks.map(({ groupId }) => groupId);
    },

    async changedBetween(groupId, after, until) {
      if (after >= until) return [];
      const read = async (range: KeyRange) => {
        const changed = await takeFrom(table.pages<{ userId: string }>(range, { fields: ["userId"] }));
        return new Set(changed.map(({ userId }) => userId));
      };
      // There are no marks of how a group began, and one alone of how it ended: all who ever were members count.
      const marked = after <= 0 ? undefined : await read(changesOfGroup(groupId, after, until));
      return [...(marked && !marked.has(everybody) ? marked : await read(membersOfGroup(groupId)))];
    },

    async page({ groupId, version }, { limit, cursor }) {
      const list = membersList(groupId);
      const range = membersOfGroup(groupId, decodeCursor(list, cursor));
      const history = await historyOf(groupId);
      const read = await takeFrom(table.pages<MemberItem>(range, { limit: limit + 1 }), limit + 1);
      const lately = new Date(now() - changeMarkDays * 86_400_000).toISOString();
      const page = pageOf(read, limit, ({ userId }) => encodeCursor(list, userId));
      const items = page.items.flatMap((item) => {
        const { member, since } = membershipAt(item, version, history);
        const isShown = since !== undefined && (member || since >= lately);
        return isShown ? [{ userId: item.userId, member, since }] : [];
      });
      return { ...page, items };
    },

    async noteReferenced(groupId, eventId, referenced) {
      const when = "#unrecorded.#eventId = :eventId";
      const values = { eventId, referenced };
      await table.write(groupKey(groupId), "SET #unrecorded.#referenced = :referenced", { when, values });
    },

    async endUnrecorded(groupId, eventId) {
      const when = "#unrecorded.#eventId = :eventId";
      await table.write(groupKey(groupId), "REMOVE #unrecorded", { when, values: { eventId } });
    },
  };
};
