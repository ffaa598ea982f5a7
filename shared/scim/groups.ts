import { isSameName } from "../common/names.ts";
import { present } from "../common/objects.ts";
import { asText, readKey } from "../mapping/remote-attributes.ts";
import type { ServiceProvider } from "../provisioning/ports/service-provider.ts";
import { changeMembers } from "./changes/change-members.ts";
import { readGroup, shownGroups } from "./changes/group-members.ts";
import { renameGroup } from "./changes/rename-group.ts";
import type { UpdateMethod } from "./changes/update-method.ts";
import { deleteResource } from "./exchange/resource-requests.ts";
import type { ResourceContext, ScimContext } from "./exchange/scim-request.ts";
import type { Lookup } from "./lookup/ask-page.ts";
import { createResource } from "./lookup/create-resource.ts";
import { listPage } from "./lookup/list-page.ts";
import { lookUp, lookUpInList } from "./lookup/lookup.ts";
import { groupSchema } from "./messages/resource.ts";

type GroupCalls = Pick<
  ServiceProvider,
  | "findGroups"
  | "listGroups"
  | "groupPage"
  | "readGroup"
  | "createGroup"
  | "renameGroup"
  | "changeMembers"
  | "deleteGroup"
>;

export const groupCalls = (
  context: ScimContext,
  methods: { attributes: UpdateMethod; members: UpdateMethod },
): GroupCalls => {
  const group = (id: string): ResourceContext => ({ ...context, collection: "Groups", id });
  return {
    findGroups: (displayName) => lookUp(context, groupLookup(displayName)),

    listGroups: (displayName, pages) => lookUpInList(context, groupLookup(displayName), pages),

    groupPage: async (place, isDoubted) => {
      const page = await listPage(context, "Groups", place, isDoubted);
      return { ...page, items: shownGroups(page.items, context.profile) };
    },

    readGroup: (id) => readGroup(group(id)),

    createGroup: (displayName, externalId) =>
      createResource(context.call, "Groups", {
        schemas: [groupSchema],
        displayName,
        ...present({ externalId }),
        ...(context.profile.groupsNeedMembersList && { members: [] }),
      }),

    renameGroup: (id, displayName, rename, known) =>
      renameGroup({ ...group(id), method: methods.attributes, known }, displayName, rename),

    changeMembers: (id, difference, done, { isLost, known, name } = {}) =>
      changeMembers({ ...group(id), method: methods.members, known, name }, difference, done, isLost),

    deleteGroup: (id) => deleteResource(group(id)),
  };
};

const groupLookup = (displayName: string): Lookup => ({
  collection: "Groups",
  attribute: "displayName",
  value: displayName,
  matches: (shown) => isSameName(asText(readKey(shown, "displayName")), displayName),
  isExact: (shown) => readKey(shown, "displayName") === displayName,
  // A group may have 100,000 members; a provider that does not know the parameter ignores it.
  parameters: { excludedAttributes: "members" },
});
