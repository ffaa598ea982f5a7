import { randomUUID } from "node:crypto";
import { decodeCursor, encodeCursor, pageOf } from "../../common/cursor.ts";
import type { SavedUser } from "../../model/directory.ts";
import { traceOf } from "../../model/directory-change.ts";
import type { UserStore } from "../../provisioning/ports/directory-store.ts";
import { usersList } from "../../provisioning/ports/list-names.ts";
import { createBatches } from "../table/batches.ts";
import {
  emailKey,
  type Key,
  listedUsers,
  traceKey,
  userIdIn,
  userKey,
  userListing,
  usernameEntry,
  usernameKey,
  usersOfEmail,
  usersOfUsername,
} from "../table/keys.ts";
import { createStateTable, type TableAccess, takeFrom } from "../table/state-table.ts";

/** `lastChange`: of the very write that made it what it is. */
type UserItem = SavedUser & { lastChange?: string };

/**
 * Directory users, one item each. Lists come from an index of keys, which lags behind; the users themselves are read
 * from the table. A deleted user keeps its item, so that its version goes on, but leaves the indexes.
 */
export const createUserStore = ({
  now = Date.now,
  newId = randomUUID,
  ...access
}: TableAccess & { now?: () => number; newId?: () => string }): UserStore => {
  const table = createStateTable(access);
  const batches = createBatches(access);

  const present = async (userIds: string[]): Promise<SavedUser[]> =>
    (await batches.get<SavedUser>(userIds.map(userKey))).filter(({ deleted }) => !deleted).map(toSavedUser);

  return {
    async read(userId) {
      const item = await table.get<SavedUser>(userKey(userId));
      return item && toSavedUser(item);
    },

    async save(userId, version, user, { deleted = false, lock, source, ...trace } = {}) {
      const updatedAt = new Date(now()).toISOString();
      const kept = {
        deleted,
        updatedAt,
        ...traceOf(trace),
        ...(lock && { lock }),
        ...(source && { source }),
      };
      const saved: SavedUser = { userId, user, version: version + 1, ...kept };
      const indexed = deleted ? {} : { ...userListing(userId), ...(user.email && emailKey(user.email)) };
      const unchanged =
        version === 0
          ? { when: "attribute_not_exists(#pk)" }
          : { when: "#version = :version", values: { version } };
      const marked = traceKey(trace, updatedAt, userKey(userId).pk);
      const lastChange = newId();
      const item = { ...saved, ...indexed, ...marked, lastChange };
      if (await table.put(userKey(userId), item, unchanged)) return saved;
      // The write may be refused because its first try was applied and the reply was lost. Another that saves the very same
      // is not this one: whoever asks for the version that is replaced has lost to it.
      const found = await table.get<UserItem>(userKey(userId));
      return found?.lastChange === lastChange ? toSavedUser(found) : undefined;
    },

    dispatched: (userId, version) =>
      table.write(userKey(userId), "REMOVE #changed, #unrecorded, #workPk, #workSk", {
        when: "#version = :version",
        values: { version },
      }),

    async list({ limit, cursor, email }) {
      const list = usersList(email);
      const after = decodeCursor(list, cursor);
      const keys =
        email === undefined
          ? table.pages<Key>(listedUsers(after), { index: "byListing", limit: limit + 1 })
          : table.pages<Key>(usersOfEmail(email, after), { index: "byEmail", limit: limit + 1 });
      const read = await takeFrom(keys, limit + 1);
      const page = pageOf(read, limit, (last) => encodeCursor(list, userIdIn(last)));
      const users = await present(page.items.map(userIdIn));
      // The index may still know an address that the user no longer has.
      const wanted = email?.toLowerCase();
      return { ...page, items: users.filter(({ user }) => !wanted || user.email?.toLowerCase() === wanted) };
    },

    async readMany(userIds) {
      return new Map((await present(userIds)).map((saved) => [saved.userId, saved]));
    },

    async noteUsername(userId, username) {
      await table.put(usernameKey(userId), usernameEntry(username));
    },

    async ofUsername(username, most) {
      const keys = table.pages<Key>(usersOfUsername(username), { index: "byEmail", limit: most });
      const users = await present((await takeFrom(keys, most)).map(userIdIn));
      return users.filter(({ user }) => user.username?.toLowerCase() === username.toLowerCase());
    },
  };
};

export const toSavedUser = ({
  userId,
  user,
  version,
  deleted,
  updatedAt,
  lock,
  source,
  ...trace
}: SavedUser): SavedUser => ({
  userId,
  user,
  version,
  deleted,
  updatedAt,
  ...(lock && { lock }),
  ...(source && { source }),
  ...traceOf(trace),
});
