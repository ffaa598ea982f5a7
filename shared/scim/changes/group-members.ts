import { isSameId } from "../../common/names.ts";
import { isObject } from "../../common/objects.ts";
import { asText, readKey } from "../../mapping/remote-attributes.ts";
import type { RemoteResource } from "../../model/attributes.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import type { Profile } from "../../model/profile.ts";
import { ignoreFailure } from "../../provisioning/ports/ignore-failure.ts";
import type { ServiceProvider, ShownGroup } from "../../provisioning/ports/service-provider.ts";
import { readResource, undefinedIfGone } from "../exchange/resource-requests.ts";
import type { ResourceContext } from "../exchange/scim-request.ts";
import { idOf, readShownResource, Unreadable } from "../messages/answers.ts";
import type { HttpAnswer } from "../wire/transport.ts";

/** A longer name is none that we gave, and would not fit where names are kept. */
const longestName = 1_000;

/** `members[].value`; `display` is an e-mail here and a name there, and is not looked at. */
export const idOfMember = (member: JsonValue): string | undefined =>
  idOf(isObject(member) ? readKey(member, "value") : member);

/** A group that was asked for has to be readable as a whole. */
export const readGroup = (group: ResourceContext): ReturnType<ServiceProvider["readGroup"]> =>
  undefinedIfGone(
    readResource(group, ({ id, resource }) => ({
      id,
      displayName: nameOf(resource),
      members: group.profile.readsMembers ? memberIds(resource) : undefined,
      ...(isSilent(resource) && { isSilent: true }),
    })),
  );

const nameOf = (group: JsonObject): string =>
  asText(readKey(group, "displayName")).slice(0, longestName).toWellFormed();

/** Groups of one list. Where it shows the members of some, one without them is empty; else nobody can tell. */
export const shownGroups = (groups: RemoteResource[], { readsMembers }: Profile): ShownGroup[] => {
  const showsMembers =
    readsMembers && groups.some(({ resource }) => Array.isArray(readKey(resource, "members")));
  return groups.map(({ id, resource }) => ({
    id,
    displayName: nameOf(resource),
    members: showsMembers ? (membersShownIn(resource) ?? []) : undefined,
  }));
};

const isSilent = (group: JsonObject): boolean => (readKey(group, "members") ?? null) === null;

const memberIds = (group: JsonObject): string[] => {
  const members = readKey(group, "members") ?? [];
  if (!Array.isArray(members)) throw new Unreadable("with members that are not a list");
  const ids = members.map(idOfMember);
  if (ids.includes(undefined)) throw new Unreadable("with a member that has no usable id");
  return ids.filter((one) => one !== undefined);
};

/** The members that a read shows; undefined where nobody can tell. */
export const lookAtMembers = async (group: ResourceContext): Promise<string[] | undefined> =>
  (await readGroup(group).catch(ignoreFailure))?.members;

/** The members that the answer to a change shows; undefined where it shows no list of them. */
export const readShownMembers = (answer: HttpAnswer, groupId: string): string[] | undefined => {
  const group = readShownResource(answer);
  const id = group && idOf(readKey(group, "id"));
  if (!group || id === undefined || !isSameId(id, groupId)) return undefined;
  return membersShownIn(group);
};

/** The same of a group that is shown. */
export const membersShownIn = (group: JsonObject): string[] | undefined => {
  const members = readKey(group, "members");
  return Array.isArray(members) ? members.flatMap((member) => idOfMember(member) ?? []) : undefined;
};
