import { atOnce } from "../memory/request.ts";
import { memoryUserStore, type UserItems } from "../memory/user-store.ts";
import type { SavedUser } from "../model/directory.ts";
import type { UserStore } from "../provisioning/ports/directory-store.ts";
import { loadOnce } from "./load-once.ts";

/** Directory users as they are, and as they would be: what is saved stays in memory. Lists are those of the real store. */
export const rehearsedUsers = (real: UserStore, now: () => number) => {
  const items: UserItems = new Map();
  const own = memoryUserStore(items, atOnce, now);
  const loads = loadOnce();
  const keep = (userId: string, saved: SavedUser | undefined): void => {
    if (saved) items.set(userId, saved);
  };
  const load = (userId: string) => loads.one(userId, async () => keep(userId, await real.read(userId)));
  const store: UserStore = {
    list: real.list,
    ofUsername: real.ofUsername,
    noteUsername: async () => {},
    async read(userId) {
      await load(userId);
      return own.read(userId);
    },
    async save(userId, ...rest) {
      await load(userId);
      return own.save(userId, ...rest);
    },
    async dispatched(userId, version) {
      await load(userId);
      return own.dispatched(userId, version);
    },
    async readMany(userIds) {
      const known = userIds.filter((userId) => items.has(userId));
      const others = userIds.filter((userId) => !items.has(userId));
      return new Map([...(await real.readMany(others)), ...(await own.readMany(known))]);
    },
  };
  return {
    store,
    /** The user as it was just read, unless it is known. */
    note(userId: string, saved: SavedUser | undefined): void {
      if (loads.note(userId)) keep(userId, saved);
    },
    /** Those whose change would still have to reach their links. */
    changed: (): string[] => [...items.values()].flatMap((saved) => (saved.changed ? [saved.userId] : [])),
  };
};
