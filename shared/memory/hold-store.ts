import { decodeCursor, encodeCursor, pageOf } from "../common/cursor.ts";
import type { HeldItem, Hold } from "../model/hold.ts";
import type { HeldObject, HoldKey, HoldStore, OriginHold } from "../provisioning/ports/hold-store.ts";
import type { OpenAttemptRef } from "../provisioning/ports/link-store.ts";
import { heldItemsList, holdsList } from "../provisioning/ports/list-names.ts";
import type { AttemptEntries } from "./attempt-index.ts";
import { attemptWrites } from "./attempts.ts";
import { listPage } from "./list-page.ts";
import { copyOf, type Request } from "./request.ts";

export type HoldItems = {
  holds: Map<string, Hold>;
  origins: Map<string, OriginHold>;
  /** By integration, hold and object. */
  items: Map<string, HeldItem>;
  /** In which hold an object is, by integration and object. */
  marks: Map<string, string>;
};

export const emptyHolds = (): HoldItems => ({
  holds: new Map(),
  origins: new Map(),
  items: new Map(),
  marks: new Map(),
});

const nameOf = ({ userId, groupId }: HeldObject): string =>
  groupId === undefined ? `${userId}#ACCOUNT` : `${userId}#GROUP#${groupId}`;
const holdName = ({ integrationId, holdId }: HoldKey): string => `${integrationId} ${holdId}`;

/** Holds in memory; a decision lives in its hold. */
export const memoryHoldStore = (
  { holds, origins, items, marks, entries }: HoldItems & { entries: AttemptEntries },
  request: Request,
  now: () => number,
): HoldStore => {
  const attempts = attemptWrites(entries, now);
  const refOf = ({ integrationId, holdId }: HoldKey): OpenAttemptRef => ({
    kind: "hold",
    key: { integrationId, id: holdId },
  });
  const ask = <T>(verb: string, apply: () => T): Promise<T> => request(`${verb} hold`, apply);

  return {
    read: (key) => ask("read", () => copyOf(holds.get(holdName(key)))),
    list: (integrationId, page) =>
      ask("list", () => {
        const own = [...holds.values()].filter((hold) => hold.integrationId === integrationId);
        return listPage(holdsList(integrationId), own, ({ holdId }) => holdId, page);
      }),

    ofOrigin: (integrationId, origin) =>
      ask("read origin of", () => copyOf(origins.get(`${integrationId} ${origin}`))),
    claimOrigin: (integrationId, origin, mine, instead) =>
      ask("claim origin of", () => {
        const name = `${integrationId} ${origin}`;
        const held = origins.get(name);
        if (held && held.holdId !== instead?.holdId) return copyOf(held);
        origins.set(name, copyOf(mine));
        return mine;
      }),
    create: (hold) =>
      ask("create", () => {
        if (!holds.has(holdName(hold))) holds.set(holdName(hold), copyOf({ ...hold, rev: 1 }));
      }),
    save: ({ state, count, acts, rev, ...key }) =>
      ask("save", () => {
        const hold = holds.get(holdName(key));
        if (hold?.rev !== rev) return false;
        Object.assign(hold, copyOf({ state, count, acts, rev: rev + 1 }));
        return true;
      }),

    begin: (key, rev, attempt) =>
      ask("begin", () => {
        const hold = holds.get(holdName(key));
        if (hold?.rev !== rev || hold.attempt) return false;
        attempts.hold(hold, refOf(key), attempt);
        return true;
      }),
    takeOver: (key, attemptId, leaseUntil, at) =>
      ask("take over", () =>
        attempts.takeOver(holds.get(holdName(key)), refOf(key), { attemptId, leaseUntil, at }),
      ),
    abandon: (key, attempt) =>
      ask("abandon", () => attempts.abandon(holds.get(holdName(key)), refOf(key), attempt)),
    settle: ({ state, count, rev, ...key }, attempt) =>
      ask("settle", () => {
        const hold = holds.get(holdName(key));
        if (hold?.rev !== rev || !attempts.isHeld(hold, attempt)) return false;
        Object.assign(hold, { state, count });
        attempts.end(hold, refOf(key));
        return true;
      }),

    items: (key, { limit, cursor }) =>
      ask("list items of", () => {
        const list = heldItemsList(key.holdId);
        const after = decodeCursor(list, cursor, /^[A-Za-z0-9._@:+#-]+$/);
        const prefix = `${holdName(key)} `;
        const own = [...items]
          .filter(([name]) => name.startsWith(prefix))
          .map(([name, item]) => ({ at: name.slice(prefix.length), item }))
          .toSorted((a, b) => (a.at < b.at ? -1 : 1))
          .filter(({ at }) => after === undefined || at > after);
        const page = pageOf(own, limit, ({ at }) => encodeCursor(list, at));
        return copyOf({ ...page, items: page.items.map(({ item }) => item) });
      }),
    itemsOf: (integrationId, objects) =>
      ask("read items of", () =>
        objects.flatMap((object) => {
          const holdId = marks.get(`${integrationId} ${nameOf(object)}`);
          if (holdId === undefined) return [];
          const item = items.get(`${integrationId} ${holdId} ${nameOf(object)}`);
          return item ? [copyOf({ ...item, holdId })] : [];
        }),
      ),
    ofGroup: (integrationId, groupId) =>
      ask("read items of group in", () => {
        const ends = `#GROUP#${groupId}`;
        const names = [...marks.keys()].filter(
          (name) => name.startsWith(`${integrationId} `) && name.endsWith(ends),
        );
        return names.toSorted().flatMap((name) => {
          const holdId = marks.get(name) ?? "";
          const item = items.get(`${integrationId} ${holdId} ${name.slice(integrationId.length + 1)}`);
          return item ? [copyOf({ ...item, holdId })] : [];
        });
      }),
    put: (key, put) =>
      ask("put items into", () => {
        for (const item of put) {
          items.set(`${holdName(key)} ${nameOf(item)}`, copyOf(item));
          marks.set(`${key.integrationId} ${nameOf(item)}`, key.holdId);
        }
      }),
    remove: (key, objects) =>
      ask("remove items of", () => {
        for (const object of objects) {
          items.delete(`${holdName(key)} ${nameOf(object)}`);
          marks.delete(`${key.integrationId} ${nameOf(object)}`);
        }
      }),
  };
};
