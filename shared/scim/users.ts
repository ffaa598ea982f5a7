import { asText, readKey } from "../mapping/remote-attributes.ts";
import type { AttributeChange, RemoteResource } from "../model/attributes.ts";
import type { JsonObject } from "../model/json.ts";
import type { Profile } from "../model/profile.ts";
import {
  type Changed,
  ProviderFailure,
  type ServiceProvider,
} from "../provisioning/ports/service-provider.ts";
import { attributePatch } from "./changes/patch.ts";
import { patchOrPut, type UpdateMethod } from "./changes/patch-or-put.ts";
import { putChanged } from "./changes/put-merged.ts";
import { sendPatch } from "./changes/send-patch.ts";
import { changedIn } from "./changes/unconfirmed.ts";
import type { CallState } from "./exchange/scim-request.ts";
import { createResource } from "./lookup/create-resource.ts";
import { type Lookup, lookUp } from "./lookup/lookup.ts";
import { readNothing } from "./messages/answers.ts";
import { readRequested } from "./messages/read-requested.ts";
import { userResource } from "./messages/resource.ts";
import { resourcePath } from "./messages/resource-path.ts";
import type { HttpAnswer } from "./wire/transport.ts";

type UserCalls = Pick<
  ServiceProvider,
  "findUsers" | "findUsersByExternalId" | "readUser" | "createUser" | "patchUser" | "deleteUser"
>;

export const userCalls = (call: CallState, profile: Profile, way: UpdateMethod): UserCalls => ({
  findUsers: async (userName, externalId) =>
    lookUp(call, profile, userLookup(profile.userFilter, userName, externalId)),

  findUsersByExternalId: (externalId) => lookUp(call, profile, idLookup("externalId", externalId)),

  readUser: (id) => readUser(call, id),

  createUser: async (attributes) =>
    createResource(
      call,
      {
        collection: "Users",
        nameAttribute: "userName",
        name: String(attributes.userName),
        externalId: attributes.externalId === undefined ? undefined : String(attributes.externalId),
      },
      userResource(attributes),
    ),

  patchUser: (id, changes) => patchUser(call, profile, way, id, changes),

  deleteUser: (id) => deleteResource(call, "Users", id),
});

/** userName is case-insensitive (RFC 7643 §4.1.1); externalId and id are not (§3.1). */
const userLookup = (
  userFilter: Profile["userFilter"],
  userName: string,
  externalId: string | undefined,
): Lookup => {
  if (userFilter === "userName") {
    const matches = (user: JsonObject) =>
      asText(readKey(user, "userName")).toLowerCase() === userName.toLowerCase();
    return { collection: "Users", attribute: userFilter, value: userName, matches };
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

/** Undefined where the provider says that there is none. */
export const unlessGone = async <T>(work: Promise<T>): Promise<T | undefined> => {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ProviderFailure && error.kind === "not-found") return undefined;
    throw error;
  }
};

/** DELETE (RFC 7644 §3.6); false where it is answered 404. */
export const deleteResource = async (
  call: CallState,
  collection: "Users" | "Groups",
  id: string,
): Promise<boolean> => {
  const path = resourcePath(collection, id);
  const read = (answer: HttpAnswer): boolean => {
    readNothing(answer);
    return true;
  };
  return (await unlessGone(call({ method: "DELETE", path, byId: true, read }))) ?? false;
};

const readUser = async (call: CallState, id: string): Promise<RemoteResource | undefined> => {
  const path = resourcePath("Users", id);
  return unlessGone(
    call({
      method: "GET",
      path,
      byId: true,
      read: (answer) => readRequested(answer, "Users", id),
    }),
  );
};

/** Whether an answer plainly shows that a change, or part of it, was not carried out. */
export const isIgnored = ({ unconfirmed }: Changed): boolean => unconfirmed.length > 0;

const patchUser = async (
  call: CallState,
  profile: Profile,
  way: UpdateMethod,
  id: string,
  changes: AttributeChange[],
): Promise<Changed> => {
  const path = resourcePath("Users", id);
  const body = attributePatch(changes, profile);
  const read = (answer: HttpAnswer) => changedIn(answer, "Users", id, changes);
  return patchOrPut(
    way,
    () => sendPatch(call, "Users", id, () => ({ body, read }), profile.etag),
    () => putChanged(call, path, profile, changes, read),
    isIgnored,
  );
};
