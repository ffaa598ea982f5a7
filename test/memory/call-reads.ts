import { membershipAt } from "../../shared/aws/directory/member-item.ts";
import { itemKey, type LinkItems } from "../../shared/memory/link-store.ts";
import { copyOf, type Request } from "../../shared/memory/request.ts";
import type { UserItems } from "../../shared/memory/user-store.ts";
import type {
  GroupAssignment,
  GroupObserved,
  UserAssignment,
  UserObserved,
} from "../../shared/model/link.ts";
import type { CallReads, UserReads } from "../../shared/provisioning/ports/call-reads.ts";
import type { IntegrationRow } from "../../shared/provisioning/ports/integration-store.ts";
import type { GroupItems, StoredMember } from "./group-items.ts";
import type { IntegrationItems } from "./integration-store.ts";

type Items = {
  integrations: IntegrationItems;
  users: UserItems;
  groups: GroupItems;
  userLinks: LinkItems<UserAssignment, UserObserved>;
  groupLinks: LinkItems<GroupAssignment, GroupObserved>;
};

/** Integration, directory objects and links, each as it is at a moment of its own, as a batch of reads has them. */
export const memoryCallReads = (items: Items, request: Request): CallReads => {
  const readRow = (about: string, integrationId: string): Promise<IntegrationRow | undefined> =>
    request(`read row with ${about}`, () => {
      const item = items.integrations.get(integrationId);
      if (!item) return undefined;
      const { rev: _, ...row } = item;
      return copyOf(row);
    });
  const readUser = async (integrationId: string, id: string): Promise<UserReads> => {
    const [saved, link] = await Promise.all([
      request(`read user ${id} in a batch`, () => copyOf(items.users.get(id))),
      request(`read link of user ${id} in a batch`, () =>
        copyOf(items.userLinks.get(itemKey({ integrationId, id }))),
      ),
    ]);
    return { saved, link };
  };
  const readUsers = async <T>(userIds: string[], read: (userId: string) => Promise<T>) =>
    new Map(await Promise.all(userIds.map(async (userId) => [userId, await read(userId)] as const)));

  return {
    async user(integrationId, id) {
      const reads = [readRow(`user ${id}`, integrationId), readUser(integrationId, id)] as const;
      const [row, user] = await Promise.all(reads);
      return { row, ...user };
    },

    users: (integrationId, userIds) => readUsers(userIds, (userId) => readUser(integrationId, userId)),

    async group(integrationId, id, userIds = []) {
      const readMember = (userId: string) =>
        request(`read member ${userId} of ${id} in a batch`, () =>
          copyOf(items.groups.get(id)?.members.get(userId)),
        );
      const [row, group, link, users] = await Promise.all([
        readRow(`group ${id}`, integrationId),
        request(`read group ${id} in a batch`, () => {
          const { saved, voided, ended } = items.groups.get(id) ?? {};
          return copyOf({ saved, history: { ...(voided && { voided }), ...(ended && { ended }) } });
        }),
        request(`read link of group ${id} in a batch`, () =>
          copyOf(items.groupLinks.get(itemKey({ integrationId, id }))),
        ),
        readUsers(userIds, (userId) =>
          Promise.all([readUser(integrationId, userId), readMember(userId)] as const),
        ),
      ]);
      const { saved, history } = group;
      const membershipOf = (item: StoredMember | undefined) =>
        membershipAt(item, saved?.version ?? 0, history);
      return {
        row,
        saved: saved && saved.version > 0 ? saved : undefined,
        link,
        users: new Map(
          [...users].map(([userId, [user, item]]) => [userId, { ...user, ...membershipOf(item) }]),
        ),
      };
    },
  };
};
