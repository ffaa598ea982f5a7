import { concurrently } from "../../common/concurrently.ts";
import { groupIdSchema, type SavedGroup, userIdSchema } from "../../model/directory.ts";
import type { KeyTerm } from "../../scim-server/filter/key-terms.ts";
import { groupType } from "../../scim-server/schemas/resource-types.ts";
import { groupOfExternalId, groupOfName } from "../../sources/find-named.ts";
import { listOwnedGroups } from "../../sources/list-owned.ts";
import type { Asking } from "../access/asking.ts";
import { isOwned } from "../access/require-owned.ts";
import { showGroup } from "../groups/show-group.ts";
import type { SearchedKind } from "./searched-kind.ts";

const readsAtOnce = 16;

export const searchedGroups: SearchedKind<SavedGroup> = {
  type: groupType,
  kind: "group",
  idOf: ({ groupId }) => groupId,
  list: ({ ports, source }, page) => listOwnedGroups(ports, source.sourceId, page),
  find: async (asking, term) => {
    const found = await candidatesOf(asking, term);
    return found && { found: found.filter((one) => isOwned(asking, one)), isWhole: true };
  },
  show: showGroup,
};

const candidatesOf = async (
  { ports, source }: Asking,
  { key, value }: KeyTerm,
): Promise<(SavedGroup | undefined)[] | undefined> => {
  switch (key) {
    case "id":
      return groupIdSchema.safeParse(value).success ? [await ports.groups.read(value)] : [];
    case "displayName":
      return [await groupOfName(ports, source.sourceId, value)];
    case "externalId":
      return [await groupOfExternalId(ports, source.sourceId, value)];
    case "members.value": {
      if (!userIdSchema.safeParse(value).success) return [];
      return concurrently(await ports.groups.ofUser(value), readsAtOnce, (id) => ports.groups.read(id));
    }
    default:
      return undefined;
  }
};
