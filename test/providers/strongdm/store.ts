import { randomBytes } from "node:crypto";
import { ENTERPRISE_SCHEMA, GROUP_SCHEMA, isObject, type Json, USER_SCHEMA } from "./schema.ts";

/** A user: what the client set, nothing derived. The enterprise extension stands under its URN. */
export type StoredUser = { id: string; attributes: Json };

/** A role, which SCIM shows as a group. */
export type StoredRole = { id: string; displayName: string; members: Set<string> };

/** Everything the fake holds. */
export type Store = {
  users: Map<string, StoredUser>;
  /** Lower-case userName → id. */
  userIds: Map<string, string>;
  roles: Map<string, StoredRole>;
  /** Ids that a request created, changed, returned or referred to: strongDM locks those against edits by hand. */
  managed: Set<string>;
  /** Whether a PATCH without a path may nest an extension under its URN. */
  takesNestedExtensions: boolean;
  /** 16 hex digits that no other id has. */
  newHex(): string;
};

export function createStore(
  newHex = () => randomBytes(8).toString("hex"),
  takesNestedExtensions = false,
): Store {
  return {
    ...{ users: new Map(), userIds: new Map(), roles: new Map(), managed: new Set() },
    ...{ takesNestedExtensions, newHex },
  };
}

/** `a-` for users, `r-` for roles, then 16 hex digits. */
export function newId(store: Store, prefix: "a" | "r"): string {
  return `${prefix}-${store.newHex()}`;
}

export function userNameOf(user: StoredUser): string {
  return String(user.attributes.userName);
}

/** Saves a user and keeps the index by name right. */
export function saveUser(store: Store, user: StoredUser): void {
  const before = store.users.get(user.id);
  if (before !== undefined) store.userIds.delete(userNameOf(before).toLowerCase());
  store.users.set(user.id, user);
  store.userIds.set(userNameOf(user).toLowerCase(), user.id);
}

/** Removes a user and, with it, its memberships. */
export function removeUser(store: Store, user: StoredUser): void {
  store.users.delete(user.id);
  store.userIds.delete(userNameOf(user).toLowerCase());
  for (const role of store.roles.values()) role.members.delete(user.id);
}

export function findRoleByName(store: Store, displayName: string): StoredRole | undefined {
  const wanted = displayName.toLowerCase();
  return [...store.roles.values()].find((role) => role.displayName.toLowerCase() === wanted);
}

/** The user as shown. strongDM holds one e-mail, the userName, and a first and last name; the rest follows from them. */
export function showUser(store: Store, user: StoredUser): Json {
  const { attributes } = user;
  const userName = userNameOf(user);
  const name = isObject(attributes.name) ? attributes.name : {};
  const formatted = `${name.givenName} ${name.familyName}`;
  const enterprise = attributes[ENTERPRISE_SCHEMA];
  const groups = [...store.roles.values()]
    .filter((role) => role.members.has(user.id))
    .map((role) => ({ display: role.displayName, value: role.id }));
  return inKeyOrder({
    userType: "user",
    displayName: formatted,
    ...attributes,
    emails: [{ primary: true, value: userName }],
    groups,
    id: user.id,
    // Not alphabetical in strongDM's samples, unlike all else.
    meta: { resourceType: "User", location: `Users/${user.id}` },
    name: inKeyOrder({ ...name, formatted }),
    schemas: enterprise === undefined ? [USER_SCHEMA] : [USER_SCHEMA, ENTERPRISE_SCHEMA],
  });
}

/** The role as a SCIM group. */
export function showRole(store: Store, role: StoredRole): Json {
  const members = [...role.members].flatMap((id) => {
    const user = store.users.get(id);
    return user === undefined ? [] : [{ display: userNameOf(user), value: id }];
  });
  return {
    displayName: role.displayName,
    id: role.id,
    members,
    meta: { location: `Groups/${role.id}`, resourceType: "Group" },
    schemas: [GROUP_SCHEMA],
  };
}

/** Go writes a map's keys in byte order. */
function inKeyOrder(object: Json): Json {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
