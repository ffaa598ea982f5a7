import type { GuardCount, GuardStore } from "../provisioning/ports/guard-store.ts";
import { guardKey } from "./table/keys.ts";
import { createStateTable, type TableAccess } from "./table/state-table.ts";

/** The item of an integration that loses nothing may expire, once its last hour is over. */
const keptMs = 2 * 60 * 60 * 1000;

/** What integrations lost lately, in the state table, each changed under its revision. */
export const createGuardStore = ({
  now = Date.now,
  ...access
}: TableAccess & { now?: () => number }): GuardStore => {
  const table = createStateTable(access);
  return {
    async read(integrationId) {
      const item = await table.get<GuardCount & { rev: number }>(guardKey(integrationId));
      if (!item) return { rev: 0, buckets: [] };
      const { rev, buckets, open } = item;
      return { rev, buckets, ...(open && { open }) };
    },

    save(integrationId, rev, { buckets, open }) {
      const unmoved =
        rev === 0 ? { when: "attribute_not_exists(#pk)" } : { when: "#rev = :rev", values: { rev } };
      const expiresAt = Math.ceil((now() + keptMs) / 1000);
      return table.put(guardKey(integrationId), { rev: rev + 1, buckets, open, expiresAt }, unmoved);
    },
  };
};
