import { notFound, Refusal, refusal } from "./errors.ts";
import { readFilter, readJsonString } from "./lists.ts";
import { type Operation, readOperations } from "./patch.ts";
import {
  findAttribute,
  GROUP_ATTRIBUTES,
  GROUP_SCHEMA,
  isObject,
  type Json,
  readAttributes,
  requireSchema,
} from "./schema.ts";
import { findRoleByName, newId, type Store, type StoredRole, showRole } from "./store.ts";

export function listGroups(store: Store, query: URLSearchParams): Json[] {
  const displayName = readFilter(query, "displayName");
  const named = displayName === undefined ? undefined : findRoleByName(store, displayName);
  const roles = displayName === undefined ? [...store.roles.values()] : named === undefined ? [] : [named];
  return roles.map((role) => showRole(store, role));
}

export function getGroup(store: Store, id: string): Json {
  return showRole(store, requireRole(store, id));
}

/** A well-formed but unknown member is left out without a word. */
export function createGroup(store: Store, body: Json): Json {
  const { displayName, members } = readGroup(body);
  if (displayName.trim() === "") {
    throw new Refusal(
      400,
      "could not create role: cannot create role: invalid operation: name cannot be empty",
    );
  }
  const known = members.filter((id) => store.users.has(id));
  const role = { id: newId(store, "r"), displayName, members: new Set(known) };
  checkName(store, role);
  store.roles.set(role.id, role);
  touch(store, known);
  return showRole(store, role);
}

/** An unknown member is 404. */
export function replaceGroup(store: Store, id: string, body: Json): Json {
  const { displayName, members } = readGroup(body);
  requireRole(store, id);
  const role = { id, displayName, members: new Set(requireMembers(store, members)) };
  checkName(store, role);
  store.roles.set(id, role);
  return showRole(store, role);
}

/** The group when something changed, undefined (204) when not. All operations take effect or none. */
export function patchGroup(store: Store, id: string, body: Json): Json | undefined {
  const operations = readOperations(body);
  const before = requireRole(store, id);
  const role: StoredRole = { ...before, members: new Set(before.members) };
  for (const operation of operations) applyToRole(store, role, operation);
  checkName(store, role);
  store.roles.set(id, role);
  const same =
    role.members.size === before.members.size &&
    [...role.members].every((member) => before.members.has(member));
  return same && role.displayName === before.displayName ? undefined : showRole(store, role);
}

export function deleteGroup(store: Store, id: string): void {
  requireRole(store, id);
  store.roles.delete(id);
}

function applyToRole(store: Store, role: StoredRole, { op, path, value }: Operation): void {
  if (op === "remove") {
    // `members[value eq "a-…"]` is the only remove form that strongDM documents; it refuses all others.
    const quoted = /^members\[\s*value\s+eq\s+("(?:[^"\\]|\\.)*")\s*\]$/i.exec(path ?? "")?.[1];
    const id = readJsonString(quoted);
    if (id === undefined) throw refusal("invalidPath");
    parseMemberId(id);
    touch(store, [id]);
    role.members.delete(id);
    return;
  }
  const entries = path === undefined ? value : { [path]: value };
  if (!isObject(entries)) throw refusal("invalidValue");
  for (const [name, entry] of Object.entries(entries)) {
    const attribute = findAttribute(GROUP_ATTRIBUTES, name);
    if (attribute === undefined && path !== undefined) throw refusal("invalidPath");
    if (attribute?.name === "displayName") role.displayName = readName(entry);
    if (attribute?.name === "members") setMembers(store, role, op, entry);
    // Anything else in a path-less value is ignored, `id` included.
  }
}

function setMembers(store: Store, role: StoredRole, op: "add" | "replace", value: unknown): void {
  const ids = requireMembers(store, readMembers(Array.isArray(value) ? value : [value]));
  role.members = op === "add" ? new Set([...role.members, ...ids]) : new Set(ids);
}

function readGroup(body: Json): { displayName: string; members: string[] } {
  requireSchema(body, GROUP_SCHEMA);
  const { displayName, members } = readAttributes(GROUP_ATTRIBUTES, body);
  return { displayName: String(displayName), members: readMembers(members) };
}

function readName(value: unknown): string {
  if (typeof value !== "string") throw refusal("invalidValue");
  return value;
}

function readMembers(value: unknown): string[] {
  if (!Array.isArray(value)) throw refusal("invalidValue");
  return value.map((member) => {
    if (!isObject(member) || typeof member.value !== "string") throw refusal("invalidValue");
    return parseMemberId(member.value);
  });
}

function parseMemberId(id: string): string {
  if (!/^a-[0-9a-f]+$/.test(id)) throw new Refusal(400, `cannot parse member id: ${id}`);
  return id;
}

function requireMembers(store: Store, ids: string[]): string[] {
  for (const id of ids) if (!store.users.has(id)) throw notFound(id);
  touch(store, ids);
  return ids;
}

function touch(store: Store, ids: string[]): void {
  for (const id of ids) if (store.users.has(id)) store.managed.add(id);
}

function requireRole(store: Store, id: string): StoredRole {
  const role = store.roles.get(id);
  if (role === undefined) throw notFound(id);
  return role;
}

function checkName(store: Store, role: StoredRole): void {
  if (role.displayName.trim() === "") {
    throw new Refusal(
      400,
      "could not update role name: cannot update role: invalid operation: name cannot be empty",
    );
  }
  const holder = findRoleByName(store, role.displayName);
  if (holder !== undefined && holder.id !== role.id) throw refusal("uniqueness");
}
