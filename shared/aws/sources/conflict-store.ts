import { decodeCursor, encodeCursor, pageOf } from "../../common/cursor.ts";
import type { Conflict } from "../../model/source.ts";
import { conflictsList } from "../../provisioning/ports/list-names.ts";
import type { ConflictStore } from "../../provisioning/ports/owned-store.ts";
import { setAll } from "../table/expressions.ts";
import { conflictKey, conflictsOf, type Key } from "../table/keys.ts";
import { createStateTable, type TableAccess, takeFrom } from "../table/state-table.ts";

const keptMs = 30 * 86_400_000;

type ConflictItem = Key & { conflict: Omit<Conflict, "since">; since: string; expiresAt: number };

/** What sources could not have, an item for each name. One that has expired counts as absent: DynamoDB may remove it later. */
export const createConflictStore = ({
  now = Date.now,
  ...access
}: TableAccess & { now?: () => number }): ConflictStore => {
  const table = createStateTable(access);
  return {
    async note(sourceId, { since, ...conflict }) {
      const expiresAt = Math.ceil((Date.parse(conflict.at) + keptMs) / 1000);
      const { kind, name } = conflict;
      const fields = { conflict, expiresAt };
      const change = `${setAll(fields)}, #since = if_not_exists(#since, :since)`;
      const when = "attribute_not_exists(#expiresAt) OR #expiresAt <= :expiresAt";
      await table.write(conflictKey(sourceId, kind, name), change, { when, values: { ...fields, since } });
    },

    async list(sourceId, { limit, cursor }) {
      const list = conflictsList(sourceId);
      const range = conflictsOf(sourceId, decodeCursor(list, cursor));
      const read = await takeFrom(table.pages<ConflictItem>(range, { limit: limit + 1 }), limit + 1);
      const page = pageOf(read, limit, ({ sk }) => encodeCursor(list, sk));
      const kept = page.items.filter(({ expiresAt }) => expiresAt * 1000 > now());
      return { ...page, items: kept.map(({ conflict, since }) => ({ ...conflict, since })) };
    },
  };
};
