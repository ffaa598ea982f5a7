import type { SavedUser } from "../model/directory.ts";
import { traceOf } from "../model/directory-change.ts";
import type { UserStore } from "../provisioning/ports/directory-store.ts";
import { usersList } from "../provisioning/ports/list-names.ts";
import { listPage } from "./list-page.ts";
import { copyOf, type Request } from "./request.ts";

export type UserItems = Map<string, SavedUser>;

/** Directory users in memory. A deleted user keeps its item, so that its version goes on. */
export const memoryUserStore = (items: UserItems, request: Request, now: () => number): UserStore => ({
  read: (userId) => request(`read user ${userId}`, () => copyOf(items.get(userId))),

  save: (userId, version, user, { deleted = false, lock, source, ...trace } = {}) =>
    request(`save user ${userId}`, () => {
      if ((items.get(userId)?.version ?? 0) !== version) return undefined;
      const updatedAt = new Date(now()).toISOString();
      const kept = {
        deleted,
        updatedAt,
        ...traceOf(trace),
        ...(lock && { lock }),
        ...(source && { source }),
      };
      items.set(userId, copyOf({ userId, user, version: version + 1, ...kept }));
      return copyOf(items.get(userId));
    }),

  dispatched: (userId, version) =>
    request(`note user ${userId} as dispatched`, () => {
      const item = items.get(userId);
      if (item?.version !== version) return false;
      delete item.changed;
      delete item.unrecorded;
      return true;
    }),

  list: ({ email, ...page }) =>
    request("list users", () => {
      const wanted = email?.toLowerCase();
      const isListed = ({ deleted, user }: SavedUser) =>
        !deleted && (wanted === undefined || user.email?.toLowerCase() === wanted);
      const listed = [...items.values()].filter(isListed);
      return listPage(usersList(email), listed, ({ userId }) => userId, page);
    }),

  readMany: (userIds) =>
    request("read users", () => {
      const found = userIds.flatMap((userId) => copyOf(items.get(userId)) ?? []);
      return new Map(found.filter(({ deleted }) => !deleted).map((saved) => [saved.userId, saved]));
    }),

  // Users are found by what they are.
  noteUsername: (userId) => request(`note username of ${userId}`, () => undefined),

  ofUsername: (username, most) =>
    request("list users of a username", () => {
      const wanted = username.toLowerCase();
      const isFound = ({ deleted, user }: SavedUser) => !deleted && user.username?.toLowerCase() === wanted;
      return copyOf([...items.values()].filter(isFound).slice(0, most));
    }),
});
