import type { SavedUser } from "../model/directory.ts";
import type { GroupAssignment, GroupObserved, UserAssignment, UserObserved } from "../model/link.ts";
import type { CallReads } from "../provisioning/ports/call-reads.ts";
import { toSavedGroup } from "./directory/group-store.ts";
import type { GroupItem } from "./directory/member-item.ts";
import { toSavedUser } from "./directory/user-store.ts";
import { type RowItem, toRow } from "./integration-store.ts";
import { type LinkItem, toLink } from "./links/link-store.ts";
import { createBatches } from "./table/batches.ts";
import { groupKey, integrationKey, type Key, linkKey, userKey } from "./table/keys.ts";
import type { TableAccess } from "./table/state-table.ts";

/** Integration, directory object and link in one BatchGetItem: the same read units as one by one, a third of the requests. */
export const createCallReads = (access: TableAccess): CallReads => {
  const batches = createBatches(access);
  const read = async (...keys: [Key, Key, Key]) => {
    const items = await batches.get<Key>(keys);
    const at = (key: Key) => items.find(({ pk, sk }) => pk === key.pk && sk === key.sk);
    const [row, saved, link] = keys;
    return [at(row) as RowItem | undefined, at(saved), at(link)] as const;
  };
  return {
    async user(integrationId, userId) {
      const key = { integrationId, id: userId };
      const [row, saved, link] = await read(
        integrationKey(integrationId),
        userKey(userId),
        linkKey("user", key),
      );
      return {
        row: row && toRow(row),
        saved: saved && toSavedUser(saved as Key & SavedUser),
        link: link && toLink(link as Key & LinkItem<UserAssignment, UserObserved>),
      };
    },
    async group(integrationId, groupId) {
      const key = { integrationId, id: groupId };
      const [row, saved, link] = await read(
        integrationKey(integrationId),
        groupKey(groupId),
        linkKey("group", key),
      );
      return {
        row: row && toRow(row),
        saved: saved && toSavedGroup(saved as Key & GroupItem),
        link: link && toLink(link as Key & LinkItem<GroupAssignment, GroupObserved>),
      };
    },
  };
};
