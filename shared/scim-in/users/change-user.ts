import type { SavedUser } from "../../model/directory.ts";
import type { JsonObject } from "../../model/json.ts";
import { patchResource } from "../../scim-server/patch/patch-resource.ts";
import type { Operation } from "../../scim-server/patch/read-operations.ts";
import { readReplacement } from "../../scim-server/resources/read-resource.ts";
import { userType } from "../../scim-server/schemas/resource-types.ts";
import { changeOwnedUser } from "../../sources/change-owned-user.ts";
import { type Asking, nowOf } from "../access/asking.ts";
import { requireChangeable, requireOwned } from "../access/require-owned.ts";
import { attributesOf, userChange } from "../conversion/user-attributes.ts";

/**
 * PUT: the user as it is to be. Whoever writes meanwhile is not overwritten unseen: it is computed anew of what is there then.
 * @throws ScimError; Failure of `changeOwnedUser`
 */
export const replaceUser = (asking: Asking, userId: string, body: JsonObject): Promise<SavedUser> =>
  changeUser(asking, userId, (current) => readReplacement(userType, current, body).attributes);

/** PATCH: all of the operations, or none. Throws as `replaceUser`. */
export const patchUser = (asking: Asking, userId: string, operations: Operation[]): Promise<SavedUser> =>
  changeUser(
    asking,
    userId,
    (attributes) => patchResource(userType, { id: userId, attributes }, operations).attributes,
  );

const changeUser = async (
  asking: Asking,
  userId: string,
  compute: (attributes: JsonObject) => JsonObject,
): Promise<SavedUser> => {
  const owner = { sourceId: asking.source.sourceId, since: nowOf(asking) };
  const saved = await changeOwnedUser(asking, userId, (before) => {
    const now = requireChangeable(asking, before);
    return userChange(now, compute(attributesOf(now)), owner);
  });
  return requireOwned(asking, saved);
};
