import { randomUUID } from "node:crypto";
import SCIMMY from "scimmy";

/** A user as stored; `resource` is the whole SCIM resource. */
export type ScimUser = { id: string; userName: string; active: boolean; resource: Record<string, unknown> };

/** A group as stored, with the ids of its members. */
export type ScimGroup = { id: string; displayName: string; members: string[] };

/** Where resources are kept over a restart: each is saved whole, and deleted where there is none. */
export type KeptResources = {
  read(kind: Kind): Stored[];
  save(kind: Kind, id: string, resource: Stored | undefined): void;
};
export type Kind = "users" | "groups";

/** What a service provider itself keeps; SCIMMY does the protocol and keeps nothing. */
export type ScimStore = {
  users: Map<string, StoredUser>;
  groups: Map<string, StoredGroup>;
  /** Undefined where all is in memory. */
  kept: KeptResources | undefined;
  /** The reason to refuse a user (400 invalidValue), or undefined to take it. */
  refuseUser: (user: Record<string, unknown>) => string | undefined;
};

export type Stored = Record<string, unknown> & { id: string; meta: { created: Date; lastModified: Date } };
type StoredUser = Stored & { userName: string };
type StoredGroup = Stored & { displayName: string };

export function createScimStore(refuseUser: ScimStore["refuseUser"], kept?: KeptResources): ScimStore {
  const read = (kind: Kind) => new Map((kept?.read(kind) ?? []).map((resource) => [resource.id, resource]));
  return {
    users: read("users") as ScimStore["users"],
    groups: read("groups") as ScimStore["groups"],
    kept,
    refuseUser,
  };
}

/** Creates (without an id) or replaces a user. userName is unique, whatever its case (RFC 7643 §4.1.1). */
export function saveUser(
  store: ScimStore,
  id: string | undefined,
  data: Record<string, unknown>,
): StoredUser {
  const reason = store.refuseUser(data);
  if (reason !== undefined) throw new SCIMMY.Types.Error(400, "invalidValue", reason);
  const userName = String(data.userName);
  for (const other of store.users.values()) {
    if (other.id !== id && other.userName.toLowerCase() === userName.toLowerCase()) {
      throw new SCIMMY.Types.Error(409, "uniqueness", "userName is already in use");
    }
  }
  const { groups: _, ...kept } = data;
  const user = { ...kept, ...stamp(store.users, id), userName, active: data.active ?? true };
  store.kept?.save("users", user.id, user);
  store.users.set(user.id, user);
  return showUser(store, user);
}

/** Creates or replaces a group. Members are a set of existing users; two groups may bear one name. */
export function saveGroup(
  store: ScimStore,
  id: string | undefined,
  data: Record<string, unknown>,
): StoredGroup {
  const ids = new Set(memberIds(data));
  for (const member of ids) {
    if (!store.users.has(member)) {
      throw new SCIMMY.Types.Error(400, "invalidValue", `Member ${member} does not exist`);
    }
  }
  const members = [...ids].map((value) => ({ value }));
  const group = { ...data, ...stamp(store.groups, id), displayName: String(data.displayName), members };
  store.kept?.save("groups", group.id, group);
  store.groups.set(group.id, group);
  return showGroup(store, group);
}

export function readUsers(store: ScimStore, id?: string): StoredUser[] {
  return pick(store.users, id).map((user) => showUser(store, user));
}

export function readGroups(store: ScimStore, id?: string): StoredGroup[] {
  return pick(store.groups, id).map((group) => showGroup(store, group));
}

/** A user with the groups that it is in, which only the provider may set (RFC 7643 §4.1.2). */
function showUser(store: ScimStore, user: StoredUser): StoredUser {
  const groups = [...store.groups.values()]
    .filter((group) => memberIds(group).includes(user.id))
    .map((group) => ({ value: group.id, display: group.displayName, type: "direct" }));
  return groups.length === 0 ? user : { ...user, groups };
}

/** A group, each member with the name that is shown for it. */
function showGroup(store: ScimStore, group: StoredGroup): StoredGroup {
  const members = memberIds(group).map((value) => ({
    value,
    display: store.users.get(value)?.userName,
    type: "User",
  }));
  return { ...group, members };
}

/** Deletes a user and its memberships. */
export function removeUser(store: ScimStore, id: string): void {
  remove(store, "users", id);
  for (const group of store.groups.values()) {
    const members = memberIds(group);
    if (!members.includes(id)) continue;
    group.members = members.filter((member) => member !== id).map((value) => ({ value }));
    store.kept?.save("groups", group.id, group);
  }
}

export function removeGroup(store: ScimStore, id: string): void {
  remove(store, "groups", id);
}

/** The ids behind `members`, in either of the shapes that SCIMMY hands over. */
export function memberIds(group: Record<string, unknown>): string[] {
  const members = Array.isArray(group.members) ? group.members : [];
  return members.map((member: { value: unknown }) => String(member.value));
}

/** Id and times: of the resource that is there, or of a new one when no id is given. */
function stamp(kept: Map<string, Stored>, id: string | undefined): Pick<Stored, "id" | "meta"> {
  const before = id === undefined ? undefined : kept.get(id);
  if (id !== undefined && before === undefined) throw missing(id);
  const now = new Date();
  return { id: id ?? randomUUID(), meta: { created: before?.meta.created ?? now, lastModified: now } };
}

function pick<T extends Stored>(kept: Map<string, T>, id: string | undefined): T[] {
  if (id === undefined) return [...kept.values()];
  const found = kept.get(id);
  if (found === undefined) throw missing(id);
  return [found];
}

function remove(store: ScimStore, kind: Kind, id: string): void {
  if (!store[kind].has(id)) throw missing(id);
  store.kept?.save(kind, id, undefined);
  store[kind].delete(id);
}

function missing(id: string): Error {
  return new SCIMMY.Types.Error(404, "", `Resource ${id} not found`);
}
