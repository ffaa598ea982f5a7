import { expect, test } from "vitest";
import { undocumented } from "./documented.ts";

test.each([
  ["GET", "/users/ada", 404, "not-found", undefined],
  ["GET", "/users/ada?limit=1", 400, "invalid-input", undefined],
  ["DELETE", "/integrations/i/groups/g?action=delete", 422, "groups-disabled", undefined],
  ["GET", "/nowhere", 404, "not-found", undefined],
  ["GET", "/users/ada", 404, "groups-disabled", "GET /users/{userId} answered 404 groups-disabled"],
  ["PUT", "/users/ada", 418, "not-found", "PUT /users/{userId} answered 418 not-found"],
  ["PUT", "/users/ada", 202, undefined, "PUT /users/{userId} answered 202 undefined"],
])("%s %s with %i %s is held to the OpenAPI document", (method, path, status, code, told) => {
  const said = undocumented({ method, path }, status, code);
  expect(said?.slice(0, told?.length)).toBe(told);
});
