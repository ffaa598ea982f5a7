import { comparableName } from "../../common/names.ts";
import { Failure } from "../../model/failure.ts";
import type { NameClaim, NameKey, NameStore } from "../../provisioning/ports/name-store.ts";
import { createBatches } from "../table/batches.ts";
import { type Key, nameKey } from "../table/keys.ts";
import { createStateTable, type TableAccess } from "../table/state-table.ts";

/** No source has this id. */
const allSources = "all";

const keyOf = ({ sourceId, kind, value }: NameKey): Key =>
  nameKey(
    kind === "person" ? allSources : sourceId,
    kind.replace(" ", "-"),
    isExact(kind) ? value : comparableName(value),
  );
const isExact = (kind: NameKey["kind"]): boolean => kind.endsWith("externalId");

/** Unique names, each an item whose key is its hash: of a name itself nothing is kept. */
export const createNameStore = (access: TableAccess): NameStore => {
  const table = createStateTable(access);
  const batches = createBatches(access);
  return {
    async read(keys) {
      const all = keys.map(keyOf);
      const items = await batches.get<NameClaim & Key>(all);
      const found = new Map(items.map((item) => [item.pk, toClaim(item)]));
      return all.map(({ pk }) => found.get(pk));
    },

    async claim(key, mine, instead) {
      const free = "attribute_not_exists(#pk) OR #objectId = :objectId";
      const { objectId } = mine;
      const condition = instead
        ? { when: `${free} OR #claimId = :seen`, values: { objectId, seen: instead.claimId } }
        : { when: free, values: { objectId } };
      if (await table.put(keyOf(key), mine, condition)) return mine;
      const found = await table.get<NameClaim>(keyOf(key));
      if (found) return toClaim(found);
      throw new Failure("store-unavailable", "Who has the name is changing. Call again.", {
        retryAfterSeconds: 1,
      });
    },

    async release(key, claimId) {
      await table.remove(keyOf(key), { when: "#claimId = :claimId", values: { claimId } });
    },
  };
};

const toClaim = ({ objectId, claimId, at }: NameClaim): NameClaim => ({ objectId, claimId, at });
