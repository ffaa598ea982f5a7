import { isDeepStrictEqual } from "node:util";
import { present } from "../../common/objects.ts";
import type { DirectoryUser, SavedUser } from "../../model/directory.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import type { Owner } from "../../model/owner.ts";
import type { OwnedUserChange } from "../../sources/change-owned-user.ts";
import { valueAt, withValueAt } from "./attribute-values.ts";
import { ownerOf } from "./owner.ts";
import { type Properties, type UserRow, userRows } from "./user-rows.ts";

type Kept = Pick<SavedUser, "userId" | "user" | "source">;

/**
 * The attributes of a user, as `readCreation` gives them. What the source has said is shown as it said it for as long as it is
 * what the directory has: a change by a call shows.
 */
export const attributesOf = ({ userId, user, source }: Kept): JsonObject => {
  const userName = source?.name ?? user.username ?? user.email ?? userId;
  const externalId = source?.externalId;
  const begun: JsonObject = { ...(externalId !== undefined && { externalId }), userName };
  return userRows.reduce(
    (attributes, row) =>
      row.name === "userName"
        ? attributes
        : withValueAt(attributes, row.path, shownBy(row, user, source, begun)),
    begun,
  );
};

const shownBy = (
  row: UserRow,
  user: DirectoryUser,
  source: Owner | undefined,
  attributes: JsonObject,
): JsonValue | undefined => {
  const said = source?.said?.[row.name];
  if (said === undefined) return row.show(user);
  const value = said ?? undefined;
  return isKept(user, row.store(value, { attributes, user })) ? value : row.show(user);
};

const isKept = (user: DirectoryUser, properties: Properties): boolean =>
  Object.entries(properties).every(([name, value]) =>
    isDeepStrictEqual(user[name as keyof DirectoryUser], value),
  );

/**
 * The user once a source has given them these attributes; undefined where nothing changes. What it leaves as it is shown stays
 * as the directory has it, to the last part that SCIM does not know. `since`: when the source has got the user (RFC 3339).
 */
export const userChange = (
  before: Kept | undefined,
  attributes: JsonObject,
  { sourceId, since }: { sourceId: string; since: string },
): (Omit<OwnedUserChange, "source"> & { source: Owner }) | undefined => {
  const user = userAfter(before, attributes);
  const source = {
    ...ownerOf(before?.source, { sourceId, since, name: String(attributes.userName), attributes }),
    ...saidBy(user, attributes),
  };
  const isSame = before && isDeepStrictEqual(before.user, user) && isDeepStrictEqual(before.source, source);
  return isSame ? undefined : { user, source };
};

const userAfter = (before: Kept | undefined, attributes: JsonObject): DirectoryUser => {
  const shown = before ? attributesOf(before) : {};
  const isChanged = (row: UserRow) =>
    !isDeepStrictEqual(valueAt(shown, row.path), valueAt(attributes, row.path));
  const isRenamed = shown.userName !== attributes.userName;
  const user: Properties = { ...before?.user };
  for (const row of userRows) {
    // By what the source calls the user anybody may find them here, and an address may be told by that alone.
    const isToStore = isChanged(row) || row.name === "userName" || (row.name === "emails" && isRenamed);
    if (isToStore) Object.assign(user, row.store(valueAt(attributes, row.path), { attributes, user }));
  }
  return present(user) as DirectoryUser;
};

/** What the directory would show otherwise. */
const saidBy = (user: DirectoryUser, attributes: JsonObject): Pick<Owner, "said"> => {
  const said = userRows.flatMap(({ name, path, show }): [string, JsonValue][] => {
    const value = valueAt(attributes, path);
    const isShown = name === "userName" || isDeepStrictEqual(show(user), value);
    return isShown ? [] : [[name, value ?? null]];
  });
  return said.length > 0 ? { said: Object.fromEntries(said) } : {};
};
