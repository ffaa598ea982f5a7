import { type GuardItems, memoryGuardStore } from "../memory/guard-store.ts";
import { atOnce } from "../memory/request.ts";
import type { GuardStore } from "../provisioning/ports/guard-store.ts";
import { loadOnce } from "./load-once.ts";

/** What integrations lost lately, and would lose: nothing of it is counted. */
export const rehearsedGuards = (real: GuardStore): GuardStore => {
  const items: GuardItems = new Map();
  const own = memoryGuardStore(items, atOnce);
  const loads = loadOnce();
  const load = (id: string) =>
    loads.one(id, async () => {
      items.set(id, await real.read(id));
    });
  return {
    async read(id) {
      await load(id);
      return own.read(id);
    },
    async save(id, rev, count) {
      await load(id);
      return own.save(id, rev, count);
    },
  };
};
