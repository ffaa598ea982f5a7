import type { SavedUser } from "../model/directory.ts";
import type { GroupAssignment, GroupObserved, UserAssignment, UserObserved } from "../model/link.ts";
import type { CallReads } from "../provisioning/ports/call-reads.ts";
import { type GroupItem, type MemberItem, membershipAt, toSavedGroup } from "./directory/member-item.ts";
import { toSavedUser } from "./directory/user-store.ts";
import { type RowItem, toRow } from "./integration-store.ts";
import { type LinkItem, toLink } from "./links/link-store.ts";
import { createBatches } from "./table/batches.ts";
import { groupKey, integrationKey, type Key, linkKey, memberKey, userKey } from "./table/keys.ts";
import type { TableAccess } from "./table/state-table.ts";

/** All of a call's items in one BatchGetItem: the same read units as one by one, a fraction of the requests. */
export const createCallReads = (access: TableAccess): CallReads => {
  const batches = createBatches(access);
  const read = async (keys: Key[]) => {
    const items = new Map((await batches.get<Key>(keys)).map((item) => [nameOf(item), item]));
    return <T>(key: Key) => items.get(nameOf(key)) as (Key & T) | undefined;
  };
  type Found = Awaited<ReturnType<typeof read>>;

  const keysOfUser = (integrationId: string, id: string): [Key, Key] => [
    userKey(id),
    linkKey("user", { integrationId, id }),
  ];
  const userOf = (found: Found, integrationId: string, userId: string) => {
    const [user, link] = keysOfUser(integrationId, userId);
    const savedItem = found<SavedUser>(user);
    const linkItem = found<LinkItem<UserAssignment, UserObserved>>(link);
    return { saved: savedItem && toSavedUser(savedItem), link: linkItem && toLink(linkItem) };
  };
  const rowOf = (found: Found, key: Key) => {
    const item = found<RowItem>(key);
    return item && toRow(item);
  };

  return {
    async user(integrationId, userId) {
      const row = integrationKey(integrationId);
      const found = await read([row, ...keysOfUser(integrationId, userId)]);
      return { row: rowOf(found, row), ...userOf(found, integrationId, userId) };
    },

    async users(integrationId, userIds) {
      const found = await read(userIds.flatMap((userId) => keysOfUser(integrationId, userId)));
      return new Map(userIds.map((userId) => [userId, userOf(found, integrationId, userId)]));
    },

    async group(integrationId, groupId, userIds = []) {
      const [row, group] = [integrationKey(integrationId), groupKey(groupId)];
      const link = linkKey("group", { integrationId, id: groupId });
      const ofUsers = userIds.flatMap((userId) => [
        ...keysOfUser(integrationId, userId),
        memberKey(groupId, userId),
      ]);
      const found = await read([row, group, link, ...ofUsers]);
      const item = found<GroupItem>(group);
      const linkItem = found<LinkItem<GroupAssignment, GroupObserved>>(link);
      const membershipOf = (userId: string) =>
        membershipAt(found<MemberItem>(memberKey(groupId, userId)), item?.version ?? 0, item);
      return {
        row: rowOf(found, row),
        saved: item && toSavedGroup(item),
        link: linkItem && toLink(linkItem),
        users: new Map(
          userIds.map((userId) => [
            userId,
            { ...userOf(found, integrationId, userId), ...membershipOf(userId) },
          ]),
        ),
      };
    },
  };
};

const nameOf = ({ pk, sk }: Key): string => `${pk} ${sk}`;
