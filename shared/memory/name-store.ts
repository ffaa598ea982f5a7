import { comparableName } from "../common/names.ts";
import type { NameClaim, NameKey, NameStore } from "../provisioning/ports/name-store.ts";
import { copyOf, type Request } from "./request.ts";

export type NameItems = Map<string, NameClaim>;

const keyOf = ({ sourceId, kind, value }: NameKey): string =>
  JSON.stringify([
    kind === "person" ? "" : sourceId,
    kind,
    kind.endsWith("externalId") ? value : comparableName(value),
  ]);

/** Unique names in memory. */
export const memoryNameStore = (items: NameItems, request: Request): NameStore => ({
  read: (keys) => request("read names", () => keys.map((key) => copyOf(items.get(keyOf(key))))),

  claim: (key, mine, instead) =>
    request(`claim ${key.kind}`, () => {
      const held = items.get(keyOf(key));
      const isFree = !held || held.objectId === mine.objectId || held.claimId === instead?.claimId;
      if (!isFree) return copyOf(held);
      items.set(keyOf(key), copyOf(mine));
      return mine;
    }),

  release: (key, claimId) =>
    request(`release ${key.kind}`, () => {
      if (items.get(keyOf(key))?.claimId === claimId) items.delete(keyOf(key));
    }),
});
