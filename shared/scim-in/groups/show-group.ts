import type { SavedGroup } from "../../model/directory.ts";
import type { JsonObject } from "../../model/json.ts";
import { badRequest } from "../../scim-server/errors/scim-error.ts";
import { showResource } from "../../scim-server/messages/show-resource.ts";
import { groupType } from "../../scim-server/schemas/resource-types.ts";
import type { Asking } from "../access/asking.ts";
import { groupAttributesOf } from "../conversion/group-attributes.ts";

/** Which members are shown: none, these as far as they are some, or all. */
export type ShownMembers = "none" | "all" | { among: readonly string[] };

/** As many as fit an answer of a Lambda. */
const mostShown = 40_000;

/**
 * The whole resource, before `project`. Members are read where they are to be shown alone.
 * @throws ScimError `tooMany` where they do not fit one answer
 */
export const showGroup = async (
  asking: Pick<Asking, "ports" | "baseUrl">,
  saved: SavedGroup,
  shown: ShownMembers,
): Promise<JsonObject> => {
  const members = await membersOf(asking, saved, shown);
  return showResource(asking.baseUrl, groupType, {
    id: saved.groupId,
    attributes: groupAttributesOf(saved),
    ...(members && members.length > 0 && { members }),
    created: saved.source?.since ?? saved.updatedAt,
    lastModified: saved.updatedAt,
    version: saved.version,
  });
};

const membersOf = async (
  { ports: { groups } }: Pick<Asking, "ports">,
  { groupId, version }: SavedGroup,
  shown: ShownMembers,
): Promise<string[] | undefined> => {
  if (shown === "none") return undefined;
  if (shown !== "all") {
    const among = await groups.membersAmong(groupId, version, [...shown.among]);
    return [...among];
  }
  const members: string[] = [];
  for await (const page of groups.members(groupId, version)) {
    members.push(...page);
    if (members.length > mostShown)
      throw badRequest(
        "tooMany",
        `The group has more than ${mostShown} members. Ask with excludedAttributes=members.`,
      );
  }
  return members;
};
