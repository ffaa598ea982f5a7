import { memoryPushedMemberStore, type PushedItems, pushedKey } from "../memory/pushed-member-store.ts";
import { atOnce } from "../memory/request.ts";
import type { PushedMember } from "../model/link.ts";
import type { PushedMemberStore } from "../provisioning/ports/directory-store.ts";
import { loadOnce } from "./load-once.ts";

/** Memberships at providers as they are known, and as they would be. */
export const rehearsedPushedMembers = (real: PushedMemberStore, now: () => number): PushedMemberStore => {
  const items: PushedItems = { pushed: new Map(), waiting: new Map() };
  const own = memoryPushedMemberStore(items, atOnce, now);
  const loads = loadOnce();
  const nameOf = (...parts: string[]) => JSON.stringify(parts);
  /** As read: who waits is read by itself. */
  const keep = (integrationId: string, groupId: string, members: PushedMember[]): void => {
    const key = pushedKey(integrationId, groupId);
    const group = items.pushed.get(key) ?? new Map();
    for (const member of members) group.set(member.userId, { member });
    items.pushed.set(key, group);
  };
  const loadWaiting = (integrationId: string, groupId: string) =>
    loads.one(nameOf("waiting", integrationId, groupId), async () => {
      const begin = await real.waiting(integrationId, groupId);
      await own.noteWaiting(integrationId, groupId, { begin });
    });
  const load = async (integrationId: string, groupId: string, userIds: string[]): Promise<void> => {
    const keys = new Map(userIds.map((userId) => [nameOf(integrationId, groupId, userId), userId]));
    await loads.many([...keys.keys()], async (missing) => {
      const asked = missing.map((key) => keys.get(key) ?? "");
      const found = await real.among(integrationId, groupId, asked);
      keep(integrationId, groupId, [...found.values()]);
    });
    await loadWaiting(integrationId, groupId);
  };
  const loadAll = (integrationId: string, groupId: string) =>
    loads.one(nameOf("all", integrationId, groupId), async () => {
      for await (const page of real.all(integrationId, groupId)) {
        const isNew = ({ userId }: PushedMember) => loads.note(nameOf(integrationId, groupId, userId));
        keep(integrationId, groupId, page.filter(isNew));
      }
    });
  return {
    async among(integrationId, groupId, userIds) {
      await load(integrationId, groupId, userIds);
      return own.among(integrationId, groupId, userIds);
    },
    async *all(integrationId, groupId) {
      await loadAll(integrationId, groupId);
      await loadWaiting(integrationId, groupId);
      yield* own.all(integrationId, groupId);
    },
    async waiting(integrationId, groupId) {
      await loadWaiting(integrationId, groupId);
      return own.waiting(integrationId, groupId);
    },
    async save(integrationId, groupId, members) {
      await load(
        integrationId,
        groupId,
        members.map(({ userId }) => userId),
      );
      await own.save(integrationId, groupId, members);
    },
    async noteWaiting(integrationId, groupId, change) {
      await loadWaiting(integrationId, groupId);
      await own.noteWaiting(integrationId, groupId, change);
    },
  };
};
