import { createBriefCache } from "../../common/brief-cache.ts";
import { decodeCursor, encodeCursor, pageOf } from "../../common/cursor.ts";
import { ownedList } from "../../provisioning/ports/list-names.ts";
import type { OwnedStore } from "../../provisioning/ports/owned-store.ts";
import { type Key, ownedKey, ownedObjects } from "../table/keys.ts";
import { createStateTable, type TableAccess, takeFrom } from "../table/state-table.ts";

const briefMs = 5_000;
/** A count of so many costs about 100 read units: one that takes as many times as much is asked as many times less often. */
const unit = 10_000;

/** What sources own, one small item for each object, in a partition for each source and kind. */
export const createOwnedStore = ({
  now = Date.now,
  ...access
}: TableAccess & { now?: () => number }): OwnedStore => {
  const table = createStateTable(access);
  const cache = createBriefCache(now);
  return {
    async note(sourceId, { kind, id }, at) {
      await table.put(ownedKey(sourceId, kind, id), { at });
    },

    async forget(sourceId, { kind, id }, at) {
      await table.remove(ownedKey(sourceId, kind, id), { when: "#at = :when", values: { when: at } });
    },

    async list(sourceId, kind, { limit, cursor }) {
      const list = ownedList(sourceId, kind);
      const range = ownedObjects(sourceId, kind, decodeCursor(list, cursor));
      const pages = table.pages<Key & { at: number }>(range, { limit: limit + 1 });
      const read = (await takeFrom(pages, limit + 1)).map(({ sk, at }) => ({ id: sk, at }));
      return pageOf(read, limit, ({ id }) => encodeCursor(list, id));
    },

    count: (sourceId, kind) =>
      cache.ask(
        `${sourceId} ${kind}`,
        async () => {
          let count = 0;
          for await (const page of table.pages(ownedObjects(sourceId, kind), { fields: ["at"] }))
            count += page.length;
          return count;
        },
        (count) => briefMs * Math.max(1, count / unit),
      ),
  };
};
