import { type SavedUser, userIdSchema } from "../../model/directory.ts";
import { userType } from "../../scim-server/schemas/resource-types.ts";
import { userOfExternalId, userOfName } from "../../sources/find-named.ts";
import { listOwnedUsers } from "../../sources/list-owned.ts";
import { isOwned } from "../access/require-owned.ts";
import { showUser } from "../users/show-user.ts";
import type { SearchedKind } from "./searched-kind.ts";

/** More of one address are no help to anybody. */
const mostNamesakes = 100;

export const searchedUsers: SearchedKind<SavedUser> = {
  type: userType,
  kind: "user",
  idOf: ({ userId }) => userId,
  list: ({ ports, source }, page) => listOwnedUsers(ports, source.sourceId, page),
  find: async (asking, { key, value }) => {
    const { ports, source } = asking;
    const known = (...saved: (SavedUser | undefined)[]) => saved.filter((one) => isOwned(asking, one));
    switch (key) {
      case "id": {
        const isId = userIdSchema.safeParse(value).success;
        return { found: known(isId ? await ports.users.read(value) : undefined), isWhole: true };
      }
      case "userName":
        return { found: known(await userOfName(ports, source.sourceId, value)), isWhole: true };
      case "externalId":
        return { found: known(await userOfExternalId(ports, source.sourceId, value)), isWhole: true };
      case "emails.value": {
        // The index has the address that counts, and may not have that of the last second.
        const { items } = await ports.users.list({ email: value, limit: mostNamesakes });
        return { found: known(...items), isWhole: false };
      }
      default:
        return undefined;
    }
  },
  show: async ({ baseUrl }, saved) => showUser(baseUrl, saved),
};
