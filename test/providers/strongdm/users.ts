import { notFound, Refusal, refusal } from "./errors.ts";
import { readFilter } from "./lists.ts";
import { readOperations } from "./patch.ts";
import {
  ENTERPRISE_ATTRIBUTES,
  ENTERPRISE_SCHEMA,
  isObject,
  type Json,
  readAttributes,
  requireAttributes,
  requireSchema,
  USER_ATTRIBUTES,
  USER_SCHEMA,
} from "./schema.ts";
import { newId, removeUser, type Store, type StoredUser, saveUser, showUser, userNameOf } from "./store.ts";
import { applyToUser } from "./user-patch.ts";

export function listUsers(store: Store, query: URLSearchParams): Json[] {
  const userName = readFilter(query, "userName");
  if (userName === undefined) return [...store.users.values()].map((user) => showUser(store, user));
  const user = store.users.get(store.userIds.get(userName.toLowerCase()) ?? "");
  return user === undefined ? [] : [showUser(store, user)];
}

export function getUser(store: Store, id: string): Json {
  return showUser(store, requireUser(store, id));
}

export function createUser(store: Store, body: Json): Json {
  const user = { id: newId(store, "a"), attributes: readUser(body) };
  checkUser(store, user, "create");
  saveUser(store, user);
  return showUser(store, user);
}

export function replaceUser(store: Store, id: string, body: Json): Json {
  const attributes = readUser(body);
  requireUser(store, id);
  const user = { id, attributes };
  checkUser(store, user, "update");
  saveUser(store, user);
  return showUser(store, user);
}

/** The user when something changed, undefined (204) when not. All operations take effect or none. */
export function patchUser(store: Store, id: string, body: Json): Json | undefined {
  const operations = readOperations(body);
  const before = requireUser(store, id);
  const user: StoredUser = { id, attributes: structuredClone(before.attributes) };
  for (const operation of operations) applyToUser(user.attributes, operation, store);
  requireAttributes(USER_ATTRIBUTES, user.attributes);
  checkUser(store, user, "update");

  const shown = JSON.stringify(showUser(store, before));
  saveUser(store, user);
  const after = showUser(store, user);
  return JSON.stringify(after) === shown ? undefined : after;
}

export function deleteUser(store: Store, id: string): void {
  removeUser(store, requireUser(store, id));
}

function readUser(body: Json): Json {
  requireSchema(body, USER_SCHEMA);
  const attributes = readAttributes(USER_ATTRIBUTES, body);
  const extension = body[ENTERPRISE_SCHEMA];
  if (extension === undefined || extension === null) return attributes;
  if (!isObject(extension)) throw refusal("invalidValue");
  return { ...attributes, [ENTERPRISE_SCHEMA]: readAttributes(ENTERPRISE_ATTRIBUTES, extension) };
}

function requireUser(store: Store, id: string): StoredUser {
  const user = store.users.get(id);
  if (user === undefined) throw notFound(id);
  return user;
}

/** The rules of the account itself: an e-mail, and one that nobody else has. The update text is by analogy. */
function checkUser(store: Store, user: StoredUser, verb: "create" | "update"): void {
  const userName = userNameOf(user);
  if (userName.trim() === "") {
    throw new Refusal(
      400,
      `could not ${verb} user: cannot ${verb} user: invalid operation: email cannot be blank`,
    );
  }
  const holder = store.userIds.get(userName.toLowerCase());
  if (holder !== undefined && holder !== user.id) throw refusal("uniqueness");
}
