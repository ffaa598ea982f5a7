import type { PushedMember } from "../../shared/model/link.ts";
import type { PushedMemberStore } from "../../shared/provisioning/ports/directory-store.ts";
import { copyOf, type Request } from "./request.ts";

/** What is known of memberships, and who waits, by group and user. */
export type PushedItems = { pushed: Map<string, Group>; waiting: Map<string, Set<string>> };
type Group = Map<string, { member: PushedMember; expiresAt?: number }>;

const outMs = 30 * 86_400_000;

/** Members as pushed to one integration's group, in memory. Reading takes pages of `pageSize`. */
export const memoryPushedMemberStore = (
  { pushed, waiting }: PushedItems,
  request: Request,
  now: () => number,
  pageSize = 100,
): PushedMemberStore => {
  const keyOf = (integrationId: string, groupId: string) => `${integrationId}#${groupId}`;
  const membersOf = (key: string): PushedMember[] =>
    [...(pushed.get(key)?.values() ?? [])]
      .filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now())
      .map(({ member }) => copyOf(member))
      .toSorted((a, b) => (a.userId < b.userId ? -1 : 1));
  const waitingIn = (key: string) => [...(waiting.get(key) ?? [])].toSorted();
  const noteWaiting = async (
    groupId: string,
    key: string,
    { begin, end }: { begin: string[]; end: string[] },
  ): Promise<void> => {
    if (begin.length + end.length === 0) return;
    await request(`note who waits for ${groupId}`, () => {
      const those = waiting.get(key) ?? new Set();
      for (const userId of begin) those.add(userId);
      for (const userId of end) those.delete(userId);
      waiting.set(key, those);
    });
  };

  return {
    among: (integrationId, groupId, userIds) =>
      request(`read pushed members of ${groupId}`, () => {
        const found = membersOf(keyOf(integrationId, groupId)).filter(({ userId }) =>
          userIds.includes(userId),
        );
        return new Map(found.map((member) => [member.userId, member]));
      }),

    async *all(integrationId, groupId) {
      let after = "";
      for (;;) {
        const from = after;
        const page = await request(`read a page of pushed members of ${groupId}`, () =>
          membersOf(keyOf(integrationId, groupId))
            .filter(({ userId }) => userId > from)
            .slice(0, pageSize),
        );
        if (page.length > 0) yield page;
        if (page.length < pageSize) return;
        after = page.at(-1)?.userId ?? after;
      }
    },

    waiting: (integrationId, groupId) =>
      request(`read who waits for ${groupId}`, () => waitingIn(keyOf(integrationId, groupId))),

    noteWaiting: (integrationId, groupId, { begin = [], end = [] }) =>
      noteWaiting(groupId, keyOf(integrationId, groupId), { begin, end }),

    async save(integrationId, groupId, members) {
      if (members.length === 0) return;
      const key = keyOf(integrationId, groupId);
      const byUser = new Map(members.map((member) => [member.userId, member]));
      const put = [...byUser.values()];
      const unknown = put.filter(({ presence }) => presence === "unknown").map(({ userId }) => userId);
      await noteWaiting(groupId, key, { begin: unknown, end: [] });
      const there = put.filter(({ presence }) => presence === "in").map(({ userId }) => userId);
      const marked =
        there.length > 0 ? await request(`read who waits for ${groupId}`, () => waitingIn(key)) : [];
      await request(`save pushed members of ${groupId}`, () => {
        const group: Group = pushed.get(key) ?? new Map();
        for (const member of put) {
          const expires = member.presence === "out" && !member.isUnsent;
          group.set(member.userId, {
            member: copyOf(member),
            ...(expires && { expiresAt: now() + outMs }),
          });
        }
        pushed.set(key, group);
      });
      const end = marked.filter((userId) => there.includes(userId));
      await noteWaiting(groupId, key, { begin: [], end });
    },
  };
};
