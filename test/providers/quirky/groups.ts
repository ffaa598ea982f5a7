import { notFound, Refusal } from "./errors.ts";
import { type Operation, readOperations } from "./patch.ts";
import { alike, isObject, type Json, respelled } from "./resource.ts";
import { checkVersion, isLagging, newId, type Store, type StoredGroup } from "./store.ts";
import type { Written } from "./users.ts";

export const showGroup = ({ switches }: Store, group: StoredGroup, query?: URLSearchParams): Json => {
  const schema = "urn:ietf:params:scim:schemas:core:2.0:Group";
  const { id, displayName, externalId, version } = group;
  const isLeftOut = !switches.showsMembersAlways && query?.get("excludedAttributes")?.includes("members");
  const most = switches.membersHiddenOnRead ? 0 : switches.membersShownUpTo;
  const members = group.members.slice(0, most).map((value) => ({ value }));
  const shown = {
    schemas: switches.schemasAsString ? schema : [schema],
    id: switches.numericIds ? Number(id) : id,
    displayName,
    ...(externalId !== undefined && { externalId }),
    ...(!isLeftOut && { members }),
    meta: {
      resourceType: "Group",
      location: `Groups/${encodeURIComponent(id)}`,
      ...(switches.etag412 && { version: `W/"${version}"` }),
    },
  };
  return respelled(shown, switches.respellsNames);
};

export const listGroups = (store: Store, query: URLSearchParams): Json[] =>
  [...store.groups.values()]
    .filter((group) => !isLagging(store, group))
    .map((group) => showGroup(store, group, query));

export const findGroup = (store: Store, id: string): StoredGroup => {
  const group = store.groups.get(id);
  if (!group || isLagging(store, group)) throw notFound(id);
  return group;
};

export const createGroup = (store: Store, body: Json): Written => {
  const { switches } = store;
  if (switches.noGroupCreate) throw new Refusal(501, "Groups cannot be created.");
  const members = readMembers(store, body.members ?? []);
  checkSize(switches.maxMembersPerOp, members);
  const name = checkName(store, body.displayName, undefined);
  const displayName = switches.storesCapitals ? name.toUpperCase() : name;
  const group: StoredGroup = {
    id: newId(store, body.externalId, displayName),
    displayName,
    ...(typeof body.externalId === "string" && { externalId: body.externalId }),
    members,
    version: 1,
    lags: switches.replicationLag === true,
  };
  store.groups.set(group.id, group);
  const shown = showGroup(store, group);
  if (switches.missingIdInCreate) delete shown.id;
  if (switches.missingIdInCreate) delete shown.meta;
  return {
    status: switches.oddSuccesses ? 200 : 201,
    shown,
    location: `Groups/${encodeURIComponent(group.id)}`,
  };
};

const checkName = ({ groups, switches }: Store, name: unknown, self: string | undefined): string => {
  if (typeof name !== "string" || name === "")
    throw new Refusal(400, "displayName is required", "invalidValue");
  const isSame = (other: string) =>
    switches.groupNamesAlike ? alike(other) === alike(name) : other === name;
  const isTaken = [...groups.values()].some(({ id, displayName }) => id !== self && isSame(displayName));
  if (!isTaken || switches.allowsDuplicates) return name;
  throw new Refusal(switches.duplicateAnswers ?? 409, "The name is in use.", "uniqueness");
};

const checkSize = (most: number | undefined, members: string[]): void => {
  if (most !== undefined && members.length > most)
    throw new Refusal(400, `At most ${most} members in one request.`, "invalidValue");
};

/** Ids of those who are to be members; inactive ones may be refused. */
const readMembers = (store: Store, value: unknown): string[] => {
  const { users, switches } = store;
  const inactive = idsIn(value).find((id) => users.get(id)?.resource.active === false);
  if (switches.inactiveMemberRefused && inactive !== undefined)
    throw new Refusal(400, `member ${inactive} is inactive`, "invalidValue");
  return readKnown(store, value);
};

const idsIn = (value: unknown): string[] => {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((member) => {
    if (!isObject(member)) throw new Refusal(400, "a member must be an object", "invalidValue");
    return String(member.value);
  });
};

/** Ids of known users; unknown ones are refused or left out. */
const readKnown = (store: Store, value: unknown): string[] => {
  const ids = idsIn(value);
  const { unknownMember = "ignored" } = store.switches;
  const stranger = ids.find((id) => !isKnown(store, id));
  if (stranger === undefined || unknownMember === "ignored") return ids.filter((id) => isKnown(store, id));
  throw unknown(unknownMember, stranger);
};

const isKnown = (store: Store, id: string): boolean => {
  const user = store.users.get(id);
  return user !== undefined && !user.buried && !isLagging(store, user);
};

const unknown = (status: 404 | 400 | 409 | 500, id: string): Refusal => {
  if (status === 404) return notFound(id);
  if (status === 500) return new Refusal(500, "The group could not be changed.");
  return new Refusal(status, `member ${id} is unknown`, "invalidValue");
};

export const patchGroup = async (
  store: Store,
  id: string,
  body: Json,
  ifMatch?: string,
): Promise<Written> => {
  const { switches } = store;
  if (switches.noPatch && !switches.groupsHavePatch)
    throw new Refusal(switches.noPatch, "PATCH is not supported.");
  if (!store.groups.has(id) && store.switches.changeMissingIs500) throw new Refusal(500, "Internal error.");
  const group = findGroup(store, id);
  checkVersion(store, group, ifMatch);
  const operations = readOperations(body, switches);
  const before = { ...group, members: [...copyOf(store, group)] };
  if (switches.lostConcurrentUpdates) await store.pause();
  const next = operations.reduce((now, operation) => applyToGroup(store, now, operation), before);
  const touched = operations.flatMap(({ path, value }) =>
    path === "members" && Array.isArray(value) ? value : path?.startsWith("members[") ? [path] : [],
  );
  checkSize(switches.maxMembersPerOp, touched.map(String));
  if (touched.length > (switches.membersTooLarge413At ?? Number.POSITIVE_INFINITY))
    throw new Refusal(413, "The request is too large.");
  Object.assign(group, { displayName: next.displayName, externalId: next.externalId, members: next.members });
  group.version += 1;
  renameId(store, group);
  return switches.patchAnswers204 ? { status: 204 } : { status: 200, shown: showGroup(store, group) };
};

/** The members that a change is made on. */
const copyOf = ({ switches }: Store, group: StoredGroup): string[] => {
  if (!switches.patchesOldCopy) return group.members;
  if (!group.copy?.left) group.copy = { members: group.members, left: switches.patchesOldCopy };
  group.copy.left -= 1;
  return group.copy.members;
};

const renameId = ({ switches, groups }: Store, group: StoredGroup): void => {
  if (!switches.idFollowsName || group.id === group.displayName) return;
  groups.delete(group.id);
  group.id = group.displayName;
  groups.set(group.id, group);
};

const applyToGroup = (
  store: Store,
  group: StoredGroup,
  { op, path = "", value, isPathless }: Operation,
): StoredGroup => {
  const { switches } = store;
  if (path === "displayName" && op !== "remove") {
    const form = isPathless ? "pathless" : "path";
    if (switches.ignoresOps?.includes("rename") || switches.renameIgnored === form) return group;
    const members = switches.renameEmpties === form ? [] : group.members;
    return { ...group, displayName: checkName(store, value, group.id), members };
  }
  if (path === "externalId") return { ...group, externalId: String(value) };
  if (path === "members" && op === "add") {
    const ids = readMembers(store, value);
    if (switches.ignoresOps?.includes("addMember")) return group;
    const fresh = switches.duplicatesMembersOnReAdd ? ids : ids.filter((id) => !group.members.includes(id));
    return { ...group, members: [...group.members, ...fresh] };
  }
  if (path === "members" && op === "replace") {
    if (switches.replaceMembers501) throw new Refusal(501, "Replacing members is not implemented.");
    if (switches.noReplaceMembers) throw new Refusal(400, "Replacing group memberships is not supported.");
    return { ...group, members: readMembers(store, value) };
  }
  if (path === "members" && op === "remove" && switches.removesByValueList) {
    const leaving = readKnown(store, value);
    return { ...group, members: group.members.filter((member) => !leaving.includes(member)) };
  }
  const quoted = /^members\[\s*value\s+eq\s+("(?:[^"\\]|\\.)*")\s*\]$/.exec(path)?.[1];
  if (op !== "remove" || quoted === undefined || switches.removesByValueList)
    throw new Refusal(400, `${op} ${path} is not supported`, "invalidPath");
  if (switches.ignoresOps?.includes("removeMember")) return group;
  const gone = String(JSON.parse(quoted));
  if (switches.unknownLeaver && !isKnown(store, gone)) throw unknown(switches.unknownLeaver, gone);
  if (switches.strangerLeaver && !group.members.includes(gone))
    throw new Refusal(switches.strangerLeaver, `${gone} is no member of the group.`);
  return { ...group, members: group.members.filter((member) => member !== gone) };
};

export const replaceGroup = (store: Store, id: string, body: Json, ifMatch?: string): Written => {
  if (store.switches.noGroupPut === 404) throw new Refusal(404, "Cannot PUT.");
  if (store.switches.noGroupPut) throw new Refusal(405, "PUT of groups is not supported.");
  if (store.switches.replaceMembers501) throw new Refusal(501, "Replacing members is not implemented.");
  if (!store.groups.has(id) && store.switches.changeMissingIs500) throw new Refusal(500, "Internal error.");
  const group = findGroup(store, id);
  checkVersion(store, group, ifMatch);
  const displayName = checkName(store, body.displayName, id);
  const members = readMembers(store, body.members ?? []);
  const { switches } = store;
  const { putKeeps } = switches;
  const isEmptied = switches.renameEmpties === "put" && group.displayName !== displayName;
  if (putKeeps !== "everything") group.displayName = displayName;
  if (!putKeeps) group.members = isEmptied ? [] : members;
  group.version += 1;
  renameId(store, group);
  return store.switches.oddSuccesses ? { status: 204 } : { status: 200, shown: showGroup(store, group) };
};

export const deleteGroup = (store: Store, id: string): Written => {
  const { deleteMissingIs = 404 } = store.switches;
  const group = store.groups.get(id);
  if (group && isLagging(store, group)) throw notFound(id);
  if (store.groups.delete(id) || deleteMissingIs === 204) return { status: 204 };
  throw deleteMissingIs === 500 ? new Refusal(500, "Internal error.") : notFound(id);
};
