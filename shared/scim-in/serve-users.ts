import { type SavedUser, userIdSchema } from "../model/directory.ts";
import { readListQuery } from "../scim-server/messages/read-list-query.ts";
import { readOperations } from "../scim-server/patch/read-operations.ts";
import { userType } from "../scim-server/schemas/resource-types.ts";
import type { Asking } from "./access/asking.ts";
import { requireOwned } from "./access/require-owned.ts";
import { noContent, noSuchMethod, noSuchPath, resourceAnswer, type ScimAnswer } from "./answer.ts";
import { search } from "./lists/search.ts";
import { searchedUsers } from "./lists/searched-users.ts";
import type { ScimRequest } from "./request.ts";
import { patchUser, replaceUser } from "./users/change-user.ts";
import { createUser } from "./users/create-user.ts";
import { deleteUser } from "./users/delete-user.ts";
import { showUser } from "./users/show-user.ts";

/** `/Users` and what is below it. Throws ScimError, Failure. */
export const serveUsers = async (asking: Asking, request: ScimRequest): Promise<ScimAnswer> => {
  const { method, path, query } = request;
  const [id, ...further] = path;
  const answer = (status: 200 | 201, saved: SavedUser): ScimAnswer => {
    const { userId, version } = saved;
    const resource = showUser(asking.baseUrl, saved);
    return resourceAnswer(
      status,
      { type: userType, id: userId, version, resource, baseUrl: asking.baseUrl },
      request,
    );
  };
  const list = async (parameters: ScimRequest["query"]): Promise<ScimAnswer> => ({
    status: 200,
    body: await search(asking, searchedUsers, readListQuery(userType, parameters)),
  });
  if (further.length > 0) throw noSuchPath();
  if (id === undefined) {
    if (method === "GET") return list(query);
    if (method === "POST") return answer(201, await createUser(asking, request.body()));
    throw noSuchMethod(method);
  }
  if (id === ".search") {
    if (method === "POST") return list(request.body());
    throw noSuchMethod(method);
  }
  if (!userIdSchema.safeParse(id).success) requireOwned(asking, undefined);
  switch (method) {
    case "GET":
      return answer(200, requireOwned(asking, await asking.ports.users.read(id)));
    case "PUT":
      return answer(200, await replaceUser(asking, id, request.body()));
    case "PATCH":
      return answer(200, await patchUser(asking, id, readOperations(request.body())));
    case "DELETE":
      await deleteUser(asking, id);
      return noContent();
    default:
      throw noSuchMethod(method);
  }
};
