import { allPages } from "../common/all-pages.ts";
import { emptyHolds, memoryHoldStore } from "../memory/hold-store.ts";
import { atOnce } from "../memory/request.ts";
import type { HeldItem } from "../model/hold.ts";
import type { HeldObject, HoldKey, HoldStore } from "../provisioning/ports/hold-store.ts";
import { loadOnce } from "./load-once.ts";

/** People, of an integration. */
export type HeldBack = { integrationId: string; count: number };

/** Holds as they are, and what would come into them. Lists of holds are those of the real store. */
export const rehearsedHolds = (real: HoldStore, now: () => number) => {
  const kept = emptyHolds();
  const own = memoryHoldStore({ ...kept, entries: [] }, atOnce, now);
  const loads = loadOnce();
  const nameOf = (...parts: (string | undefined)[]) => JSON.stringify(parts);
  const itemName = (integrationId: string, { userId, groupId }: HeldObject) =>
    nameOf("item", integrationId, userId, groupId);

  const loadHold = ({ integrationId, holdId }: HoldKey) =>
    loads.one(nameOf("hold", integrationId, holdId), async () => {
      const hold = await real.read({ integrationId, holdId });
      if (hold) kept.holds.set(`${integrationId} ${holdId}`, hold);
    });
  const keep = async (integrationId: string, { holdId, ...item }: HeldItem & { holdId: string }) =>
    own.put({ integrationId, holdId }, [item]);
  const loadItems = async (integrationId: string, objects: HeldObject[]): Promise<void> => {
    const byName = new Map(objects.map((object) => [itemName(integrationId, object), object]));
    await loads.many([...byName.keys()], async (missing) => {
      const asked = missing.flatMap((name) => byName.get(name) ?? []);
      for (const item of await real.itemsOf(integrationId, asked)) await keep(integrationId, item);
    });
  };
  const loadOrigin = (integrationId: string, origin: string) =>
    loads.one(nameOf("origin", integrationId, origin), async () => {
      const latest = await real.ofOrigin(integrationId, origin);
      if (latest) kept.origins.set(`${integrationId} ${origin}`, latest);
    });
  const after =
    <K extends HoldKey, R extends unknown[], T>(act: (key: K, ...rest: R) => Promise<T>) =>
    async (key: K, ...rest: R): Promise<T> => {
      await loadHold(key);
      return act(key, ...rest);
    };
  const added = new Map<string, { integrationId: string; userId: string }>();
  const store: HoldStore = {
    list: real.list,
    create: own.create,
    read: after(own.read),
    save: after(own.save),
    begin: after(own.begin),
    takeOver: after(own.takeOver),
    abandon: after(own.abandon),
    settle: after(own.settle),
    async ofOrigin(integrationId, origin) {
      await loadOrigin(integrationId, origin);
      return own.ofOrigin(integrationId, origin);
    },
    async claimOrigin(integrationId, origin, mine, instead) {
      await loadOrigin(integrationId, origin);
      return own.claimOrigin(integrationId, origin, mine, instead);
    },
    async items(key, page) {
      await loads.one(nameOf("items", key.integrationId, key.holdId), async () => {
        for await (const items of allPages((part) => real.items(key, part), 500))
          for (const item of items)
            if (loads.note(itemName(key.integrationId, item)))
              await keep(key.integrationId, { ...item, holdId: key.holdId });
      });
      return own.items(key, page);
    },
    async itemsOf(integrationId, objects) {
      await loadItems(integrationId, objects);
      return own.itemsOf(integrationId, objects);
    },
    async ofGroup(integrationId, groupId) {
      await loads.one(nameOf("group", integrationId, groupId), async () => {
        for (const item of await real.ofGroup(integrationId, groupId))
          if (loads.note(itemName(integrationId, item))) await keep(integrationId, item);
      });
      return own.ofGroup(integrationId, groupId);
    },
    async put(key, items) {
      await loadItems(key.integrationId, items);
      await own.put(key, items);
      const { integrationId } = key;
      for (const item of items)
        added.set(itemName(integrationId, item), { integrationId, userId: item.userId });
    },
    async remove(key, objects) {
      await loadItems(key.integrationId, objects);
      await own.remove(key, objects);
      for (const object of objects) added.delete(itemName(key.integrationId, object));
    },
  };
  return {
    store,
    /** From how many people something would be held, by integration. */
    added(): HeldBack[] {
      const people = new Map<string, Set<string>>();
      for (const { integrationId, userId } of added.values())
        people.set(integrationId, (people.get(integrationId) ?? new Set()).add(userId));
      return [...people].map(([integrationId, { size }]) => ({ integrationId, count: size }));
    },
  };
};
