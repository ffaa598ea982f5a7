import { isSameName } from "../common/names.ts";
import { asText, readKey } from "../mapping/remote-attributes.ts";
import type { JsonObject } from "../model/json.ts";
import type { Profile } from "../model/profile.ts";
import { ProviderFailure } from "../provisioning/ports/provider-failure.ts";
import type { ServiceProvider } from "../provisioning/ports/service-provider.ts";
import { changeResource } from "./changes/change-resource.ts";
import type { UpdateMethod } from "./changes/update-method.ts";
import { deleteResource, readResource, undefinedIfGone } from "./exchange/resource-requests.ts";
import type { ResourceContext, ScimContext } from "./exchange/scim-request.ts";
import type { Lookup } from "./lookup/ask-page.ts";
import { createResource } from "./lookup/create-resource.ts";
import { listPage } from "./lookup/list-page.ts";
import { lookUp, lookUpInList } from "./lookup/lookup.ts";
import { userResource } from "./messages/resource.ts";

type UserCalls = Pick<
  ServiceProvider,
  | "findUsers"
  | "findUsersByExternalId"
  | "listUsers"
  | "userPage"
  | "readUser"
  | "createUser"
  | "patchUser"
  | "deleteUser"
>;

export const userCalls = (context: ScimContext, method: UpdateMethod): UserCalls => {
  const user = (id: string): ResourceContext => ({ ...context, collection: "Users", id });
  return {
    findUsers: async (userName, externalId) =>
      lookUp(context, userLookup(context.profile.userFilter, userName, externalId)),

    findUsersByExternalId: (externalId) => lookUp(context, idLookup("externalId", externalId)),

    listUsers: (userName, externalId, pages) =>
      lookUpInList(context, listedUser(userName, externalId), pages),

    userPage: (place, isDoubted) => listPage(context, "Users", place, isDoubted),

    readUser: (id) => undefinedIfGone(readResource(user(id))),

    createUser: (attributes) => createResource(context.call, "Users", userResource(attributes)),

    patchUser: (id, changes, how) => changeResource(user(id), method, changes, how),

    deleteUser: (id) => deleteResource(user(id)),
  };
};

/** userName is case-insensitive (RFC 7643 §4.1.1); externalId and id are not (§3.1). */
const userLookup = (
  userFilter: Profile["userFilter"],
  userName: string,
  externalId: string | undefined,
): Lookup => {
  if (userFilter === "userName") {
    return { collection: "Users", attribute: userFilter, value: userName, matches: isNamed(userName) };
  }
  if (externalId === undefined) {
    throw new ProviderFailure(
      "rejected",
      `Users are looked up by our externalId at this service provider, and ${userName} has none: map it`,
    );
  }
  return idLookup(userFilter, externalId);
};

const idLookup = (attribute: "externalId" | "id", value: string): Lookup => ({
  collection: "Users",
  attribute,
  value,
  matches: (user) => asText(readKey(user, attribute)) === value,
});

const isNamed =
  (userName: string) =>
  (user: JsonObject): boolean =>
    isSameName(asText(readKey(user, "userName")), userName);

const listedUser = (userName: string, externalId: string | undefined): Lookup => ({
  collection: "Users",
  attribute: "userName",
  value: userName,
  matches: (user) =>
    isNamed(userName)(user) || (externalId !== undefined && readKey(user, "externalId") === externalId),
});
