import { valuesOf } from "../../mapping/listed-values.ts";
import type { SavedUser } from "../../model/directory.ts";
import type { JsonObject } from "../../model/json.ts";
import { ScimError } from "../../scim-server/errors/scim-error.ts";
import { readCreation } from "../../scim-server/resources/read-resource.ts";
import { userType } from "../../scim-server/schemas/resource-types.ts";
import { changeOwnedUser } from "../../sources/change-owned-user.ts";
import { userOfName } from "../../sources/find-named.ts";
import { findPerson, requireSameOwner } from "../../sources/find-person.ts";
import { joinWaiting } from "../../sources/join-waiting.ts";
import { type Asking, nowOf } from "../access/asking.ts";
import { attributesOf, userChange } from "../conversion/user-attributes.ts";
import { withSaid } from "../conversion/with-said.ts";
import { hasLeft, leaveOwnGroups } from "./leave-own-groups.ts";

/**
 * A new user of the source; or one who is there already, nobody's, and passes to the source by being named: what it does not say
 * of them stays then.
 * @throws ScimError; Failure `name-taken` and others of `changeOwnedUser`
 */
export const createUser = async (asking: Asking, body: JsonObject): Promise<SavedUser> => {
  const { ports, source } = asking;
  const { attributes } = readCreation(userType, body);
  const userName = String(attributes.userName);
  const namesake = await userOfName(ports, source.sourceId, userName);
  if (namesake) {
    // A request that was cut off may have made the user, and not come to the groups that wait for them.
    await joinWaiting(asking, source.sourceId, namesake.userId);
    throw userNameTaken();
  }
  const found = await findPerson(ports, source, namedIn(attributes));
  // The request that deleted them may have been cut off: who comes back is in no group of the time before.
  if (found && hasLeft(asking, found)) await leaveOwnGroups(asking, found.userId);
  const owner = { sourceId: source.sourceId, since: nowOf(asking) };
  const userId = found?.userId ?? ports.newId(ports.clock.now());
  const saved = await changeOwnedUser(
    asking,
    userId,
    (before) => {
      if (!found) return userChange(undefined, attributes, owner);
      requireSameOwner(found, before);
      return userChange(before, withSaid(before ? attributesOf(before) : {}, attributes), owner);
    },
    { saved: found },
  );
  if (!saved) throw new Error("A user was made and is not there.");
  return saved;
};

const userNameTaken = (): ScimError =>
  new ScimError(
    409,
    "There is a user of this userName already. Look it up, and change that one.",
    "uniqueness",
  );

const namedIn = ({ userName, emails, externalId }: JsonObject) => {
  const list = Array.isArray(emails) ? emails : [];
  const isPrimary = (one: (typeof list)[number]) => (one as JsonObject).primary === true;
  return {
    userName: String(userName),
    addresses: valuesOf([...list.filter(isPrimary), ...list.filter((one) => !isPrimary(one))]),
    ...(typeof externalId === "string" && { externalId }),
  };
};
