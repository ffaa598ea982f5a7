import { concurrently } from "../../common/concurrently.ts";
import type { WaitingStore } from "../../provisioning/ports/owned-store.ts";
import {
  allWaitingOf,
  type Key,
  waitingGroupIn,
  waitingGroups,
  waitingKey,
  waitingUserIn,
} from "../table/keys.ts";
import { createStateTable, type TableAccess } from "../table/state-table.ts";

const writesAtOnce = 16;

/** Who waits for a user of a source, one small item for each group, in a partition for each source. */
export const createWaitingStore = (access: TableAccess): WaitingStore => {
  const table = createStateTable(access);
  return {
    async note(sourceId, userIds, groupId) {
      await concurrently(userIds, writesAtOnce, (userId) =>
        table.put(waitingKey(sourceId, userId, groupId), {}),
      );
    },
    async groupsOf(sourceId, userId) {
      const groupIds: string[] = [];
      for await (const page of table.pages<Key>(waitingGroups(sourceId, userId)))
        groupIds.push(...page.map(waitingGroupIn));
      return groupIds;
    },
    async *all(sourceId) {
      for await (const page of table.pages<Key>(allWaitingOf(sourceId)))
        yield page.map((key) => ({ userId: waitingUserIn(key), groupId: waitingGroupIn(key) }));
    },
    async forget(sourceId, userId, groupId) {
      const isThere = { when: "attribute_exists(#pk)" };
      await table.remove(waitingKey(sourceId, userId, groupId), isThere);
    },
  };
};
