import { createHash } from "node:crypto";
import type { Conflict } from "../model/source.ts";
import { conflictsList, ownedList } from "../provisioning/ports/list-names.ts";
import type { ConflictStore, OwnedStore, WaitingStore } from "../provisioning/ports/owned-store.ts";
import { listPage } from "./list-page.ts";
import { copyOf, type Request } from "./request.ts";

/** By source and kind, ids and when each was noted. */
export type OwnedItems = Map<string, Map<string, number>>;

/** What sources own, in memory. */
export const memoryOwnedStore = (items: OwnedItems, request: Request): OwnedStore => {
  const of = (sourceId: string, kind: string) => {
    const name = `${sourceId} ${kind}`;
    const owned = items.get(name) ?? new Map<string, number>();
    items.set(name, owned);
    return owned;
  };
  return {
    note: (sourceId, { kind, id }, at) =>
      request(`note that ${sourceId} owns ${kind} ${id}`, () => void of(sourceId, kind).set(id, at)),
    forget: (sourceId, { kind, id }, at) =>
      request(`forget that ${sourceId} owns ${kind} ${id}`, () => {
        if (of(sourceId, kind).get(id) === at) of(sourceId, kind).delete(id);
      }),
    list: (sourceId, kind, page) =>
      request(`list what ${sourceId} owns`, () => {
        const owned = [...of(sourceId, kind)].map(([id, at]) => ({ id, at }));
        return listPage(ownedList(sourceId, kind), owned, ({ id }) => id, page);
      }),
    count: (sourceId, kind) => request(`count what ${sourceId} owns`, () => of(sourceId, kind).size),
  };
};

export type ConflictItems = Map<string, Map<string, Conflict>>;
const keptMs = 30 * 86_400_000;

/** What sources could not have, in memory. */
export const memoryConflictStore = (
  items: ConflictItems,
  request: Request,
  now: () => number,
): ConflictStore => ({
  note: (sourceId, conflict) =>
    request(`note a conflict of ${sourceId}`, () => {
      const own = items.get(sourceId) ?? new Map<string, Conflict>();
      const place = placeOf(conflict);
      const { since } = own.get(place) ?? conflict;
      items.set(sourceId, own.set(place, copyOf({ ...conflict, since })));
    }),
  list: (sourceId, page) =>
    request(`list conflicts of ${sourceId}`, () => {
      const own = [...(items.get(sourceId)?.values() ?? [])];
      const kept = own.filter(({ at }) => Date.parse(at) + keptMs > now());
      return listPage(conflictsList(sourceId), kept, placeOf, page);
    }),
});

/** Fit for a cursor. */
const placeOf = ({ kind, name }: Conflict): string =>
  `${kind}-${createHash("sha256").update(name).digest("hex")}`;

/** By source and user, in one text, the groups. */
export type WaitingItems = Map<string, Set<string>>;

/** Who waits for users of sources, in memory. */
export const memoryWaitingStore = (items: WaitingItems, request: Request): WaitingStore => {
  const nameOf = (sourceId: string, userId: string) => `${sourceId} ${userId}`;
  return {
    note: (sourceId, userIds, groupId) =>
      request(`note that ${groupId} waits`, () => {
        for (const userId of userIds) {
          const name = nameOf(sourceId, userId);
          items.set(name, (items.get(name) ?? new Set<string>()).add(groupId));
        }
      }),
    groupsOf: (sourceId, userId) =>
      request(`list who waits for ${userId}`, () => [...(items.get(nameOf(sourceId, userId)) ?? [])].sort()),
    async *all(sourceId) {
      yield await request(`list who waits for users of ${sourceId}`, () =>
        [...items]
          .filter(([name]) => name.startsWith(`${sourceId} `))
          .flatMap(([name, groupIds]) =>
            [...groupIds].map((groupId) => ({ userId: name.slice(sourceId.length + 1), groupId })),
          ),
      );
    },
    forget: (sourceId, userId, groupId) =>
      request(
        `forget that ${groupId} waits`,
        () => void items.get(nameOf(sourceId, userId))?.delete(groupId),
      ),
  };
};
