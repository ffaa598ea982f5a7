import { isObject } from "../common/objects.ts";
import { asText, readKey } from "../mapping/remote-attributes.ts";
import type { AttributeChange } from "../model/attributes.ts";
import type { JsonObject } from "../model/json.ts";
import type { Profile } from "../model/profile.ts";
import type { Changed, KnownMembers, ServiceProvider } from "../provisioning/ports/service-provider.ts";
import { changeMembers } from "./changes/members.ts";
import { attributePatch } from "./changes/patch.ts";
import { patchOrPut, type UpdateMethod } from "./changes/patch-or-put.ts";
import { putChanged, takesWholeGroups } from "./changes/put-merged.ts";
import { sendPatch } from "./changes/send-patch.ts";
import { changedIn } from "./changes/unconfirmed.ts";
import type { CallState } from "./exchange/scim-request.ts";
import { createResource } from "./lookup/create-resource.ts";
import { lookUp } from "./lookup/lookup.ts";
import { idOf, Unreadable } from "./messages/answers.ts";
import { readRequested } from "./messages/read-requested.ts";
import { groupSchema } from "./messages/resource.ts";
import { resourcePath } from "./messages/resource-path.ts";
import { deleteResource, isIgnored, unlessGone } from "./users.ts";
import type { HttpAnswer } from "./wire/transport.ts";

type GroupCalls = Pick<
  ServiceProvider,
  "findGroups" | "readGroup" | "createGroup" | "renameGroup" | "changeMembers" | "deleteGroup"
>;
/** A longer name is none that we gave, and would not fit where names are kept. */
const longestName = 1_000;

type Ways = { attributes: UpdateMethod; members: UpdateMethod };
type RemoteGroup = Awaited<ReturnType<ServiceProvider["readGroup"]>>;

export const groupCalls = (call: CallState, profile: Profile, ways: Ways): GroupCalls => ({
  findGroups: (displayName) =>
    lookUp(call, profile, {
      collection: "Groups",
      attribute: "displayName",
      value: displayName,
      matches: (group) => readKey(group, "displayName") === displayName,
      // Lists of a group's 100,000 members are not what is asked for; who does not know it ignores it.
      parameters: { excludedAttributes: "members" },
    }),

  readGroup: (id) => readGroup(call, profile, id),

  createGroup: async (displayName, externalId) =>
    createResource(
      call,
      { collection: "Groups", nameAttribute: "displayName", name: displayName, externalId },
      {
        schemas: [groupSchema],
        displayName,
        ...(externalId === undefined ? {} : { externalId }),
        ...(profile.groupsNeedMembersList ? { members: [] } : {}),
      },
    ),

  renameGroup: (id, displayName, before, known) => {
    const from = before === undefined ? {} : { from: before };
    return renameGroup(
      call,
      profile,
      ways.attributes,
      id,
      { path: "displayName", ...from, to: displayName },
      known,
    );
  },

  changeMembers: (id, difference, done, { isLost, known } = {}) =>
    changeMembers(
      { call, profile, way: ways.members, id, done, known, readGroup: () => readGroup(call, profile, id) },
      difference,
      isLost,
    ),

  deleteGroup: (id) => deleteResource(call, "Groups", id),
});

const renameGroup = async (
  call: CallState,
  profile: Profile,
  way: UpdateMethod,
  id: string,
  change: AttributeChange,
  known: KnownMembers | undefined,
): Promise<Changed> => {
  const path = resourcePath("Groups", id);
  const body = attributePatch([change], profile);
  const read = (answer: HttpAnswer) => changedIn(answer, "Groups", id, [change]);
  const isPut = takesWholeGroups(profile);
  const patch = () => sendPatch(call, "Groups", id, () => ({ body, read }), isPut && profile.etag);
  return isPut
    ? patchOrPut(way, patch, () => putChanged(call, path, profile, [change], read, known), isIgnored)
    : patch();
};

const readGroup = async (call: CallState, profile: Profile, id: string): Promise<RemoteGroup> => {
  const path = resourcePath("Groups", id);
  return unlessGone(
    call({
      method: "GET",
      path,
      byId: true,
      read: (answer) => {
        const group = readRequested(answer, "Groups", id);
        return {
          id: group.id,
          displayName: asText(readKey(group.resource, "displayName")).slice(0, longestName).toWellFormed(),
          members: profile.readsMembers ? memberIds(group.resource) : undefined,
        };
      },
    }),
  );
};

/** `members[].value`; `display` is an e-mail here and a name there, and is not looked at. */
const memberIds = (group: JsonObject): string[] => {
  const members = readKey(group, "members") ?? [];
  if (!Array.isArray(members)) throw new Unreadable("with members that are not a list");
  const ids = members.map((member) => idOf(isObject(member) ? readKey(member, "value") : member));
  if (ids.includes(undefined)) throw new Unreadable("with a member that has no usable id");
  return ids.filter((one) => one !== undefined);
};
