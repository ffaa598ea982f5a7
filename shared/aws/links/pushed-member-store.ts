import type { PushedMember } from "../../model/link.ts";
import type { PushedMemberStore } from "../../provisioning/ports/directory-store.ts";
import { createBatches } from "../table/batches.ts";
import { type Key, pendingKey, pendingMembers, pushedKey, pushedMembers } from "../table/keys.ts";
import { createStateTable, type TableAccess, takeFrom } from "../table/state-table.ts";

/** How long it stays visible that a member was taken out of the provider's group, where that was told of it. */
const outDays = 30;

/**
 * One item holds what is known of a membership, and another one says that the user waits. So waiting users are found
 * without reading the rest, and waiting does not hide what was pushed before.
 */
export const createPushedMemberStore = ({
  now = Date.now,
  ...access
}: TableAccess & { now?: () => number }): PushedMemberStore => {
  const table = createStateTable(access);
  const batches = createBatches(access);

  const waiting: PushedMemberStore["waiting"] = async (integrationId, groupId) => {
    const range = pendingMembers(integrationId, groupId);
    const marks = await takeFrom(table.pages<{ userId: string }>(range, { fields: ["userId"] }));
    return marks.map(({ userId }) => userId);
  };

  const noteWaiting: PushedMemberStore["noteWaiting"] = (
    integrationId,
    groupId,
    { begin = [], end = [] },
  ) => {
    const markOf = (userId: string) => pendingKey(integrationId, groupId, userId);
    return batches.write({
      put: [...new Set(begin)].map((userId) => ({ ...markOf(userId), userId })),
      remove: [...new Set(end)].map(markOf),
    });
  };

  return {
    waiting,
    noteWaiting,

    async among(integrationId, groupId, userIds) {
      const keys = userIds.map((userId) => pushedKey(integrationId, groupId, userId));
      const items = await batches.get<StoredMember>(keys);
      return new Map(items.flatMap(toMembers).map((member) => [member.userId, member]));
    },

    async *all(integrationId, groupId) {
      for await (const page of table.pages<StoredMember>(pushedMembers(integrationId, groupId))) {
        yield page.flatMap(toMembers);
      }
    },

    async save(integrationId, groupId, members) {
      if (members.length === 0) return;
      const byUser = new Map(members.map((member) => [member.userId, member]));
      const expiresAt = Math.floor(now() / 1000) + outDays * 86_400;
      const put = [...byUser.values()].map((member) => {
        const expiry = member.presence === "out" && !member.isUnsent ? { expiresAt } : {};
        return { ...pushedKey(integrationId, groupId, member.userId), ...member, ...expiry };
      });
      const whoAre = (which: PushedMember["presence"]) =>
        put.filter(({ presence }) => presence === which).map(({ userId }) => userId);
      // Marks come first and go last: a user who waits without need is looked at again, one who is forgotten never is.
      await noteWaiting(integrationId, groupId, { begin: whoAre("unknown") });
      const there = new Set(whoAre("in"));
      // Who waits is read, since that costs less than deleting many marks that are not there.
      const marked = there.size > 0 ? await waiting(integrationId, groupId) : [];
      await batches.write({ put });
      const end = marked.filter((userId) => there.has(userId));
      await noteWaiting(integrationId, groupId, { end });
    },
  };
};

/** A membership as it is stored, or as version 0.1 did: `pushed`, perhaps `isDoubtful`, or `removed`. */
type StoredMember = Key &
  Omit<PushedMember, "presence" | "remoteId"> & {
    remoteId?: string;
    presence?: PushedMember["presence"];
    state?: "pushed" | "removed";
    isDoubtful?: true;
  };

/** None of an item of version 0.1 that says no more than that a user without an account waits no longer. */
const toMembers = (item: StoredMember): PushedMember[] => {
  const { userId, remoteId, since, by, eventId } = item;
  const { foundThere, isUnsent, isUntold, shutOutAt, mayLeave, addedAt, lateAt } = item;
  if (remoteId === undefined) return [];
  const presence = item.presence ?? presenceOf(item);
  return [
    {
      userId,
      remoteId,
      presence,
      ...(foundThere && presence === "in" && { foundThere }),
      ...(isUnsent && presence === "out" && { isUnsent }),
      ...(isUntold && presence === "unknown" && { isUntold }),
      ...(shutOutAt && presence === "unknown" && { shutOutAt }),
      ...(mayLeave && presence === "unknown" && { mayLeave }),
      ...(addedAt && presence === "unknown" && { addedAt }),
      ...(lateAt && presence !== "out" && { lateAt }),
      since,
      by,
      eventId,
    },
  ];
};

const presenceOf = ({ state, isDoubtful }: StoredMember): PushedMember["presence"] => {
  if (state === "removed") return "out";
  return isDoubtful ? "unknown" : "in";
};
