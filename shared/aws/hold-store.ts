import { decodeCursor, encodeCursor, pageOf } from "../common/cursor.ts";
import type { HeldItem, Hold } from "../model/hold.ts";
import type { HeldObject, HoldKey, HoldStore, OriginHold } from "../provisioning/ports/hold-store.ts";
import { heldItemsList, holdsList } from "../provisioning/ports/list-names.ts";
import { createAttemptWrites, endAttempt } from "./links/attempt-writes.ts";
import { createBatches } from "./table/batches.ts";
import { setAll } from "./table/expressions.ts";
import {
  heldItemKey,
  heldItems,
  heldObjectKey,
  heldOfGroup,
  holdKey,
  holdsOf,
  type Key,
  originKey,
} from "./table/keys.ts";
import { createStateTable, type StateTable, type TableAccess, takeFrom } from "./table/state-table.ts";

/** A hold, and its items, for each of which another item says in which hold the object is. */
export const createHoldStore = (access: TableAccess): HoldStore => {
  const table = createStateTable(access);
  const attempts = createAttemptWrites(table);
  const batches = createBatches(access);
  const at = ({ integrationId, holdId }: HoldKey): Key => holdKey(integrationId, holdId);

  const itemsAt = async (integrationId: string, marks: Mark[]) => {
    const keys = marks.map((mark) => heldItemKey(integrationId, mark.holdId, mark));
    const items = await batches.get<HeldItem & Mark>(keys);
    return items.map((item) => ({ ...toItem(item), holdId: item.holdId }));
  };

  return {
    async read(key) {
      const item = await table.get<Hold & Key>(at(key));
      return item && toHold(item);
    },

    async list(integrationId, { limit, cursor }) {
      const list = holdsList(integrationId);
      const range = holdsOf(integrationId, decodeCursor(list, cursor));
      const read = await takeFrom(table.pages<Hold & Key>(range, { limit: limit + 1 }), limit + 1);
      return pageOf(read.map(toHold), limit, ({ holdId }) => encodeCursor(list, holdId));
    },

    ofOrigin: (integrationId, origin) => readOrigin(table, integrationId, origin),

    async claimOrigin(integrationId, origin, mine, instead) {
      const free = instead
        ? { when: "#holdId = :instead", values: { instead: instead.holdId } }
        : { when: "attribute_not_exists(#pk)" };
      if (await table.put(originKey(integrationId, origin), mine, free)) return mine;
      return (await readOrigin(table, integrationId, origin)) ?? mine;
    },

    async create(hold) {
      await table.put(at(hold), { ...hold, rev: 1 }, { when: "attribute_not_exists(#pk)" });
    },

    save: ({ state, count, acts, rev, ...key }) =>
      table.write(at(key), `${setAll({ state, count, acts })} ADD #rev :one`, {
        when: "#rev = :rev",
        values: { state, count, acts, rev, one: 1 },
      }),

    begin: (key, rev, attempt) =>
      attempts.begin(at(key), { when: "#rev = :rev", values: { rev } }, attempt, {}),
    takeOver: (key, attemptId, leaseUntil, now) => attempts.takeOver(at(key), attemptId, leaseUntil, now),
    abandon: (key, attempt) => attempts.abandon(at(key), attempt),

    async settle({ state, count, rev, ...key }, attempt) {
      const change = `${setAll({ state, count })}, ${endAttempt.set} REMOVE ${endAttempt.remove} ADD #rev :one`;
      const values = { state, count, ...endAttempt.values(attempt), rev, one: 1 };
      const isSettled = await table.write(at(key), change, {
        when: `${endAttempt.when} AND #rev = :rev`,
        values,
      });
      return isSettled || (await wasSettled(table, at(key), attempt.intent.attemptId));
    },

    async items({ integrationId, holdId }, { limit, cursor }) {
      const list = heldItemsList(holdId);
      const range = heldItems(integrationId, holdId, decodeCursor(list, cursor, places));
      const read = await takeFrom(table.pages<HeldItem & Key>(range, { limit: limit + 1 }), limit + 1);
      const page = pageOf(read, limit, ({ sk }) => encodeCursor(list, sk));
      return { ...page, items: page.items.map(toItem) };
    },

    async itemsOf(integrationId, objects) {
      const keys = objects.map((object) => heldObjectKey(integrationId, object));
      return itemsAt(integrationId, await batches.get<Mark>(keys));
    },

    async ofGroup(integrationId, groupId) {
      return itemsAt(integrationId, await takeFrom(table.pages<Mark>(heldOfGroup(integrationId, groupId))));
    },

    async put({ integrationId, holdId }, items) {
      const put = items.flatMap((item) => {
        const { userId, groupId } = item;
        const mark = { userId, ...(groupId !== undefined && { groupId }), holdId };
        return [
          { ...heldItemKey(integrationId, holdId, item), ...item, holdId },
          { ...heldObjectKey(integrationId, item), ...mark },
        ];
      });
      await batches.write({ put });
    },

    async remove({ integrationId, holdId }, objects) {
      const remove = objects.flatMap((object) => [
        heldItemKey(integrationId, holdId, object),
        heldObjectKey(integrationId, object),
      ]);
      await batches.write({ remove });
    },
  };
};

/** Says in which hold an object is. */
type Mark = HeldObject & { holdId: string };

/** The sort key of an item. */
const places = /^[A-Za-z0-9._@:+-]{1,128}#(ACCOUNT|GROUP#[A-Za-z0-9._@:+-]{1,128})$/;

const readOrigin = async (
  table: StateTable,
  integrationId: string,
  origin: string,
): Promise<OriginHold | undefined> => {
  const item = await table.get<OriginHold>(originKey(integrationId, origin));
  return item && { holdId: item.holdId, since: item.since };
};

/** The write may be refused because its first try settled the decision and the reply was lost. */
const wasSettled = async (table: StateTable, key: Key, attemptId: string): Promise<boolean> => {
  const item = await table.get<{ settledAttempt?: string }>(key);
  return item?.settledAttempt === attemptId;
};

const toHold = (item: Hold & Key): Hold => ({
  integrationId: item.integrationId,
  holdId: item.holdId,
  rev: item.rev,
  state: item.state,
  count: item.count,
  since: item.since,
  cause: item.cause,
  acts: item.acts,
  ...(item.attempt && { attempt: item.attempt }),
});

const toItem = ({ kind, userId, groupId, at, state, wanted, decided }: HeldItem): HeldItem => ({
  kind,
  userId,
  ...(groupId !== undefined && { groupId }),
  at,
  state,
  wanted,
  ...(decided && { decided }),
});
