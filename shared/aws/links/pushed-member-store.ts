import { omit } from "../../common/objects.ts";
import type { PushedMember } from "../../model/link.ts";
import type { PushedMemberStore } from "../../provisioning/ports/directory-store.ts";
import { createBatches } from "../table/batches.ts";
import { type Key, pendingKey, pendingMembers, pushedKey, pushedMembers } from "../table/keys.ts";
import { createStateTable, type TableAccess, takeFrom } from "../table/state-table.ts";

/** How long it stays visible that a member was taken out of the provider's group, where that was told of it. */
const removedDays = 30;

/**
 * Members as pushed to one integration's group. One item holds what was pushed or removed, and another one says that
 * the user waits. So waiting members are found without reading the rest, and waiting does not hide what was pushed
 * before.
 */
export const createPushedMemberStore = ({
  now = Date.now,
  ...access
}: TableAccess & { now?: () => number }): PushedMemberStore => {
  const table = createStateTable(access);
  const batches = createBatches(access);

  const pending: PushedMemberStore["pending"] = async (integrationId, groupId) => {
    const range = pendingMembers(integrationId, groupId);
    const waiting = await takeFrom(table.pages<{ userId: string }>(range, { fields: ["userId"] }));
    return waiting.map(({ userId }) => userId);
  };

  return {
    pending,

    async among(integrationId, groupId, userIds) {
      const keys = userIds.map((userId) => pushedKey(integrationId, groupId, userId));
      const items = await batches.get<PushedMember & Key>(keys);
      return new Map(items.map((item) => [item.userId, toMember(item)]));
    },

    async *all(integrationId, groupId) {
      for await (const page of table.pages<PushedMember & Key>(pushedMembers(integrationId, groupId))) {
        yield page.map(toMember);
      }
    },

    async save(integrationId, groupId, members) {
      if (members.length === 0) return;
      const byUser = new Map(members.map((member) => [member.userId, member]));
      const expiresAt = Math.floor(now() / 1000) + removedDays * 86_400;
      const put = [...byUser.values()].map((member) => {
        const key = member.state === "pending" ? pendingKey : pushedKey;
        const expiry = member.state === "removed" && !member.isUnsent ? { expiresAt } : {};
        return { ...key(integrationId, groupId, member.userId), ...member, ...expiry };
      });
      // Waiting members are read first, since that costs less than deleting many items that are not there.
      const waiting = await pending(integrationId, groupId);
      const done = waiting.filter((userId) => (byUser.get(userId)?.state ?? "pending") !== "pending");
      await batches.write({ put });
      // Deletions come last: a member that waits without need is pushed again, a member that is forgotten never is.
      await batches.write({ remove: done.map((userId) => pendingKey(integrationId, groupId, userId)) });
    },
  };
};

const toMember = (item: PushedMember & Key & { expiresAt?: number }): PushedMember =>
  omit(item, "pk", "sk", "expiresAt");
