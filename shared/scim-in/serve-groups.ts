import { groupIdSchema, type SavedGroup } from "../model/directory.ts";
import { showsMembers } from "../scim-server/messages/projection.ts";
import { readListQuery, readProjection } from "../scim-server/messages/read-list-query.ts";
import { readOperations } from "../scim-server/patch/read-operations.ts";
import { groupType } from "../scim-server/schemas/resource-types.ts";
import type { Asking } from "./access/asking.ts";
import { requireOwned } from "./access/require-owned.ts";
import { noContent, noSuchMethod, noSuchPath, resourceAnswer, type ScimAnswer } from "./answer.ts";
import { patchGroup, replaceGroup } from "./groups/change-group.ts";
import { createGroup } from "./groups/create-group.ts";
import { deleteGroup } from "./groups/delete-group.ts";
import { showGroup } from "./groups/show-group.ts";
import { search } from "./lists/search.ts";
import { searchedGroups } from "./lists/searched-groups.ts";
import type { ScimRequest } from "./request.ts";

/** `/Groups` and what is below it. Throws ScimError, Failure. */
export const serveGroups = async (asking: Asking, request: ScimRequest): Promise<ScimAnswer> => {
  const { method, path, query } = request;
  const { baseUrl, ports } = asking;
  const [id, ...further] = path;
  const answer = async (status: 200 | 201, saved: SavedGroup): Promise<ScimAnswer> => {
    const { groupId, version } = saved;
    const members = showsMembers(groupType, readProjection(query)) ? "all" : "none";
    const resource = await showGroup(asking, saved, members);
    return resourceAnswer(status, { type: groupType, id: groupId, version, resource, baseUrl }, request);
  };
  const list = async (parameters: ScimRequest["query"]): Promise<ScimAnswer> => ({
    status: 200,
    body: await search(asking, searchedGroups, readListQuery(groupType, parameters)),
  });
  if (further.length > 0) throw noSuchPath();
  if (id === undefined) {
    if (method === "GET") return list(query);
    if (method === "POST") return answer(201, await createGroup(asking, request.body()));
    throw noSuchMethod(method);
  }
  if (id === ".search") {
    if (method === "POST") return list(request.body());
    throw noSuchMethod(method);
  }
  if (!groupIdSchema.safeParse(id).success) requireOwned(asking, undefined);
  switch (method) {
    case "GET":
      return answer(200, requireOwned(asking, await ports.groups.read(id)));
    case "PUT":
      return answer(200, await replaceGroup(asking, id, request.body()));
    case "PATCH": {
      const saved = await patchGroup(asking, id, readOperations(request.body()));
      // Entra wants no list of members, which may be long, after each member.
      return readProjection(query).attributes ? answer(200, saved) : noContent(saved.version);
    }
    case "DELETE":
      await deleteGroup(asking, id);
      return noContent();
    default:
      throw noSuchMethod(method);
  }
};
