import { notFound, Refusal } from "./errors.ts";
import { applyToUser, readOperations } from "./patch.ts";
import { type Json, present, readAt, respelled, stepsOf } from "./resource.ts";
import { checkVersion, isLagging, newId, type Store, type StoredUser } from "./store.ts";

/** What a write did: the status, and the resource to show where there is one. */
export type Written = { status: number; shown?: Json; location?: string };

const nameOf = ({ resource }: StoredUser): string => String(resource.userName ?? "");

export const showUser = ({ switches, groups }: Store, { id, resource, version }: StoredUser): Json => {
  const held = [...groups.values()].filter(({ members }) => members.includes(id));
  const schema = "urn:ietf:params:scim:schemas:core:2.0:User";
  const shown = {
    ...resource,
    schemas: switches.schemasAsString ? schema : (resource.schemas ?? [schema]),
    ...(switches.activeAsText && { active: resource.active === false ? "False" : "True" }),
    ...(switches.showsGroupsOfUsers && { groups: held.map((group) => ({ value: group.id })) }),
    id: switches.numericIds ? Number(id) : id,
    meta: {
      resourceType: "User",
      location: `Users/${encodeURIComponent(id)}`,
      ...(switches.etag412 && { version: `W/"${version}"` }),
    },
  };
  return respelled(shown, switches.respellsNames);
};

export const listUsers = (store: Store): Json[] =>
  [...store.users.values()]
    .filter((user) => !user.buried && !user.hidden && !isLagging(store, user))
    .map((user) => showUser(store, user));

export const findUser = (store: Store, id: string): StoredUser => {
  const user = store.users.get(id);
  if (!user || user.buried || user.hidden || isLagging(store, user)) throw notFound(id);
  return user;
};

/** As a change finds it. */
const findChanged = (store: Store, id: string): StoredUser => {
  if (!store.users.has(id) && store.switches.changeMissingIs500) throw new Refusal(500, "Internal error.");
  return findUser(store, id);
};

export const createUser = (store: Store, body: Json): Written => {
  requireAttributes(store, body);
  const { id: _, meta: __, groups: ___, ...sent } = body;
  const resource = present({
    active: true,
    ...sent,
    ...(store.switches.createsInactive && { active: false }),
    ...(store.switches.storesCapitals && { userName: String(sent.userName).toUpperCase() }),
  });
  const known = [...store.users.values()].find((user) => sameName(user, resource));
  const isBindable = known?.buried || known?.hidden;
  if (known && isBindable) {
    Object.assign(known.resource, resource);
    known.buried = false;
    known.hidden = false;
    return { status: store.switches.returnIs201 ? 201 : 200, shown: showUser(store, known) };
  }
  checkUnique(store, resource, undefined);
  const user = {
    id: newId(store, resource.externalId, String(resource.userName)),
    resource,
    version: 1,
    lags: store.switches.replicationLag === true,
  };
  store.users.set(user.id, user);
  const shown = showUser(store, user);
  if (store.switches.missingIdInCreate) delete shown.id;
  if (store.switches.missingIdInCreate) delete shown.meta;
  const status = store.switches.oddSuccesses ? 200 : 201;
  return { status, shown, location: `Users/${encodeURIComponent(user.id)}` };
};

const sameName = (user: StoredUser, resource: Json): boolean =>
  nameOf(user).toLowerCase() === String(resource.userName).toLowerCase();

const requireAttributes = ({ switches }: Store, resource: Json): void => {
  for (const path of ["userName", ...(switches.requiredAttributes ?? [])]) {
    if (readAt(resource, stepsOf(path) ?? [path])) continue;
    if (switches.conflictForMissingAttribute)
      throw new Refusal(409, `REQUIRED_FIELD_MISSING: Required fields are missing: [${path}]`);
    throw new Refusal(400, `${path} is required`, "invalidValue");
  }
};

const checkUnique = (store: Store, resource: Json, self: string | undefined): void => {
  const { allowsDuplicates, uniqueExternalId, duplicateAnswers = 409 } = store.switches;
  if (allowsDuplicates) return;
  const isTaken = [...store.users.values()].some(
    (user) =>
      user.id !== self &&
      (sameName(user, resource) ||
        (uniqueExternalId && user.resource.externalId && user.resource.externalId === resource.externalId)),
  );
  if (!isTaken) return;
  if (duplicateAnswers === 409)
    throw new Refusal(409, "Refused to create a new, duplicate resource.", "uniqueness");
  throw new Refusal(duplicateAnswers, "The request could not be processed.");
};

export const patchUser = (store: Store, id: string, body: Json, ifMatch?: string): Written => {
  const { switches } = store;
  if (switches.noPatch) throw new Refusal(switches.noPatch, "PATCH is not supported.");
  const user = findChanged(store, id);
  checkVersion(store, user, ifMatch);
  const next = switches.keepsFirstOps ? user.resource : structuredClone(user.resource);
  for (const operation of readOperations(body, switches)) applyToUser(next, operation, switches);
  return keep(store, user, next, switches.patchAnswers204 ? 204 : 200);
};

export const replaceUser = (store: Store, id: string, body: Json, ifMatch?: string): Written => {
  const user = findChanged(store, id);
  checkVersion(store, user, ifMatch);
  const { id: _, meta: __, groups: ___, ...sent } = body;
  requireAttributes(store, sent);
  return keep(
    store,
    user,
    store.switches.putKeeps === "everything" ? user.resource : present(sent),
    store.switches.oddSuccesses ? 204 : 200,
  );
};

const keep = (store: Store, user: StoredUser, next: Json, status: number): Written => {
  const { inactiveIsFrozen, deactivateDestroys, deactivateLeavesGroups } = store.switches;
  const wasActive = user.resource.active !== false;
  const isActive = next.active !== false;
  if (inactiveIsFrozen && !wasActive && !isActive && JSON.stringify(next) !== JSON.stringify(user.resource))
    throw new Refusal(400, "An inactive user cannot be changed.", "mutability");
  if (store.switches.userNameIsFixed && next.userName !== user.resource.userName)
    throw new Refusal(400, "Attribute userName is immutable.", "mutability");
  if (wasActive && !isActive) checkOwner(store, user.id);
  checkUnique(store, next, user.id);
  user.resource = next;
  user.version += 1;
  renameId(store, user);
  if (!isActive && (deactivateDestroys || deactivateLeavesGroups)) leaveGroups(store, user.id);
  if (!isActive && deactivateDestroys) store.users.delete(user.id);
  return status === 204 ? { status } : { status, shown: showUser(store, user) };
};

const checkOwner = ({ switches, users }: Store, id: string): void => {
  if (switches.ownerStays && users.keys().next().value === id)
    throw new Refusal(403, "The only owner has to stay.", "mutability");
};

const renameId = ({ switches, users, groups }: Store, user: StoredUser): void => {
  const before = user.id;
  if (!switches.idFollowsName || before === nameOf(user)) return;
  users.delete(before);
  user.id = nameOf(user);
  users.set(user.id, user);
  for (const group of groups.values())
    group.members = group.members.map((member) => (member === before ? user.id : member));
};

const leaveGroups = ({ groups }: Store, id: string): void => {
  for (const group of groups.values()) group.members = group.members.filter((member) => member !== id);
};

export const deleteUser = (store: Store, id: string): Written => {
  const {
    deleteDeactivates,
    deleteKeepsGroups,
    deleteMissingIs = 404,
    deleteShows,
    deleteRefused,
  } = store.switches;
  const user = store.users.get(id);
  if (!user || user.buried || user.hidden || isLagging(store, user)) {
    if (deleteMissingIs === 204) return { status: 204 };
    throw deleteMissingIs === 500 ? new Refusal(500, "Internal error.") : notFound(id);
  }
  checkOwner(store, id);
  if (deleteRefused) throw new Refusal(400, "The user has open incidents.");
  if (deleteDeactivates) {
    user.resource.active = false;
    user.buried = deleteDeactivates === "then404";
  } else {
    store.users.delete(id);
  }
  if (!deleteKeepsGroups) leaveGroups(store, id);
  return deleteShows ? { status: 200, shown: showUser(store, user) } : { status: 204 };
};
