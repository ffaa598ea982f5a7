import { omit, present } from "../../../shared/common/objects.ts";
import { type DirectoryUser, isActive, type SavedUser } from "../../../shared/model/directory.ts";
import type { User, Wanted } from "./operations.ts";
import type { TwoServices } from "./two-services.ts";

/** A directory as far as both services keep it: users and groups by the ids of the first one. */
export type Seen = {
  users: Record<string, object>;
  groups: Record<string, { name: string; members: string[] }>;
};

/** What the other directory is to hold: whom the integration holds, with all that the default mapping sends. */
export const wantedThere = ({ users, groups }: Wanted): Seen => {
  const isThere = (userId: string) => users.get(userId)?.isHeld === true;
  const held = [...users].filter(([userId]) => isThere(userId));
  return {
    users: Object.fromEntries(held.map(([userId, user]) => [userId, sentOf(user, isThere)])),
    groups: Object.fromEntries(
      [...groups].map(([groupId, { name, members }]) => [
        groupId,
        { name, members: [...members].filter(isThere).toSorted() },
      ]),
    ),
  };
};

const sentOf = ({ body, isLocked }: User, isThere: (userId: string) => boolean): object => {
  const { suspended: _, manager, displayname, ...kept } = body;
  const email = body.email.toLowerCase();
  return {
    ...kept,
    ...{ email, username: email, displayname: displayname ?? `${body.firstname} ${body.lastname}` },
    ...(manager !== undefined && isThere(manager) && { manager }),
    active: isActive(body) && !isLocked,
  };
};

/** What the other directory holds. Throws where it has a user or a group twice. */
export const seenThere = async ({ other }: TwoServices): Promise<Seen> => {
  const users = await other.savedUsers();
  const idsHere = new Map(users.map((saved) => [saved.userId, hereOf(saved.source)]));
  const groups = await Promise.all(
    (await other.savedGroups()).map(async (saved) => {
      const members = (await other.membersOf(saved)).map((id) => idsHere.get(id) ?? `unknown ${id}`);
      return [hereOf(saved.source), { name: saved.name, members: members.toSorted() }] as const;
    }),
  );
  return {
    users: uniquely(users.map((saved) => [hereOf(saved.source), shownOf(saved, idsHere)])),
    groups: uniquely(groups),
  };
};

/** What is seen, but for groups that have ended and were empty by then: nothing tells who may hide in them, so they stay. */
export const withoutEmptied = (wanted: Seen, { users, groups }: Seen): Seen => ({
  users,
  groups: Object.fromEntries(
    Object.entries(groups).filter(([id, { members }]) => wanted.groups[id] || members.length > 0),
  ),
});

/**
 * Both as far as they have to agree at any time. Of those without an open account nothing else is sent until they are let in
 * again, neither as members, who stay where they are; who was never let in has no account, and a group without a member who can
 * be sent is not made.
 */
export const withOpenMembers = (wanted: Seen, seen: Seen): { wanted: Seen; seen: Seen } => {
  const isOpen = (id: string) => activeOf(wanted.users[id]) === true;
  const groups = Object.keys(wanted.groups).filter(
    (id) => seen.groups[id] || wanted.groups[id]?.members.some(isOpen),
  );
  const shut = (id: string) => wanted.groups[id]?.members.filter((member) => !isOpen(member)) ?? [];
  const made = Object.fromEntries(
    Object.entries(wanted.users).filter(([id]) => isOpen(id) || seen.users[id] !== undefined),
  );
  const usersIn = ({ users }: Seen) =>
    Object.fromEntries(
      Object.entries(users).map(([id, user]) => [
        id,
        isOpen(id) ? withManagerAmong(made, user) : { active: activeOf(user) },
      ]),
    );
  return {
    wanted: {
      users: usersIn({ ...wanted, users: made }),
      groups: Object.fromEntries(
        groups.flatMap((id) => {
          const group = wanted.groups[id];
          return group ? [[id, { ...group, members: group.members.filter(isOpen) }]] : [];
        }),
      ),
    },
    seen: {
      users: usersIn(seen),
      groups: Object.fromEntries(
        Object.entries(seen.groups).map(([id, group]) => [
          id,
          { ...group, members: group.members.filter((member) => !shut(id).includes(member)) },
        ]),
      ),
    },
  };
};

/** A manager without an account cannot be named. */
const withManagerAmong = (made: Seen["users"], user: object & { manager?: string }): object =>
  user.manager !== undefined && !made[user.manager] ? omit(user, "manager") : user;

const activeOf = (user: object | undefined) => (user as { active?: boolean } | undefined)?.active;

const hereOf = (source: SavedUser["source"]): string => source?.externalId ?? "nobody";

const shownOf = ({ user, lock }: SavedUser, idsHere: Map<string, string>): object => {
  const { suspended: _, manager, ...kept } = user as DirectoryUser;
  return present({
    ...kept,
    manager: manager && (idsHere.get(manager) ?? `unknown ${manager}`),
    active: isActive(user) && !lock,
  });
};

const uniquely = <T>(entries: (readonly [string, T])[]): Record<string, T> => {
  const found = Object.fromEntries(entries);
  if (Object.keys(found).length < entries.length)
    throw new Error(`somebody is there twice: ${entries.map(([id]) => id).toSorted()}`);
  return found;
};
