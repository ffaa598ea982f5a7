import { describe, expect, test } from "vitest";
import { callPatterns } from "../../infra/call-patterns.ts";
import type { Route } from "../../shared/http/endpoint.ts";
import type { Role } from "../../shared/model/role.ts";

const route = (key: string, role: Role): Route => {
  const [method, path] = key.split(" ") as [Route["method"], string];
  return { name: key, method, path, role, summary: key, access: {} };
};

test("every read is one pattern, and a change is one of its own", () => {
  const routes = [
    route("GET /users", "read"),
    route("PUT /users/{userId}", "provision"),
    route("POST /users/{userId}/lock", "provision"),
    route("POST /integrations", "admin"),
  ];
  expect(callPatterns(routes, "read")).toEqual(["GET/*"]);
  expect(callPatterns(routes, "provision")).toEqual(["GET/*", "PUT/users/*", "POST/users/*/lock"]);
  expect(callPatterns(routes, "admin")).toEqual(["*"]);
});

test("a pattern that another of the role covers is left out, since a wildcard stands for slashes, too", () => {
  const routes = [
    route("DELETE /users/{userId}/exclusion", "provision"),
    route("DELETE /users/{userId}", "provision"),
    route("PUT /users/{userId}/exclusion", "provision"),
    route("POST /users/{userId}/lock", "provision"),
    route("POST /users/{userId}/locks/{lockId}/lock", "provision"),
  ];
  expect(callPatterns(routes, "provision")).toEqual([
    "GET/*",
    "DELETE/users/*",
    "PUT/users/*/exclusion",
    "POST/users/*/lock",
  ]);
});

describe("a route that a pattern of a weaker role would let in stops the synth", () => {
  test.each([
    ["a read for the admin", [route("GET /secrets", "admin")], "read"],
    [
      "a path below one that may be changed",
      [route("DELETE /users/{userId}", "provision"), route("DELETE /users/{userId}/history", "admin")],
      "provision",
    ],
    [
      "a path deeper than a pattern in which an id stands",
      [route("POST /a/{id}/retry", "provision"), route("POST /a/{id}/holds/{id}/retry", "admin")],
      "provision",
    ],
    [
      "an id that may read like a word of the pattern",
      [route("POST /a/{id}/retry", "provision"), route("POST /a/b/{id}", "admin")],
      "provision",
    ],
  ] as const)("%s", (_, routes, role) => {
    const { method, path } = routes.at(-1) as Route;
    expect(() => callPatterns(routes, role)).toThrow(`${method} ${path} needs the role admin`);
  });
});

test("what only looks alike goes together", () => {
  const routes = [
    route("POST /a/{id}/retry", "provision"),
    route("POST /a/{id}/holds/{id}/approve", "admin"),
    route("POST /a/{id}", "admin"),
    route("PUT /a/{id}/retry", "admin"),
    route("POST /b/{id}/retry", "admin"),
  ];
  expect(callPatterns(routes, "provision")).toEqual(["GET/*", "POST/a/*/retry"]);
});
