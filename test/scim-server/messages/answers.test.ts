import { expect, it } from "vitest";
import { enterpriseUrn } from "../../../shared/mapping/scim-user-schema.ts";
import { badRequest, errorBody, ScimError } from "../../../shared/scim-server/errors/scim-error.ts";
import { etagOf, hasEtag } from "../../../shared/scim-server/messages/etag.ts";
import { cursoredList, indexedList } from "../../../shared/scim-server/messages/list-response.ts";
import { locationOf, showResource } from "../../../shared/scim-server/messages/show-resource.ts";
import { userType } from "../../../shared/scim-server/schemas/resource-types.ts";
import { sampleGroup, sampleUser } from "../sample-user.ts";

const list = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

it("says its status as a text, and the word where there is one", () => {
  const schemas = ["urn:ietf:params:scim:api:messages:2.0:Error"];
  expect(errorBody(badRequest("invalidFilter", "No."))).toEqual({
    schemas,
    status: "400",
    scimType: "invalidFilter",
    detail: "No.",
  });
  expect(errorBody(new ScimError(404, "Gone."))).toEqual({ schemas, status: "404", detail: "Gone." });
});

it("shows a resource with its schemas, its address and its ETag", () => {
  expect(sampleUser).toMatchObject({
    schemas: [userType.schema.id, enterpriseUrn],
    id: "u-1",
    meta: {
      resourceType: "User",
      created: "2026-03-01T10:00:00.000Z",
      lastModified: "2026-03-02T10:00:00.000Z",
      location: "https://usher.example.com/scim/v2/Users/u-1",
      version: 'W/"3"',
    },
  });
  expect(sampleGroup.members).toEqual([
    { value: "u-1", type: "User" },
    { value: "u-2", type: "User" },
  ]);
});

it("names no extension that says nothing, and no members that were not read", () => {
  const times = { created: "2026-03-01T10:00:00Z", lastModified: "2026-03-01T10:00:00Z", version: 1 };
  const shown = showResource("https://usher.example.com/scim/v2", userType, {
    id: "u",
    attributes: { userName: "a" },
    ...times,
  });
  expect(shown.schemas).toEqual([userType.schema.id]);
  expect(shown).not.toHaveProperty("members");
});

it("encodes an id in an address", () => {
  expect(locationOf("https://x.example.com/scim/v2", userType, "ada@example.com")).toBe(
    "https://x.example.com/scim/v2/Users/ada%40example.com",
  );
});

it("lists by index with all totals, and by cursor without what is not known", () => {
  expect(indexedList([sampleUser], { totalResults: 7, startIndex: 3 })).toEqual({
    schemas: [list],
    totalResults: 7,
    startIndex: 3,
    itemsPerPage: 1,
    Resources: [sampleUser],
  });
  expect(indexedList([], { totalResults: 0, startIndex: 1 })).toEqual({
    schemas: [list],
    totalResults: 0,
    startIndex: 1,
    itemsPerPage: 0,
    Resources: [],
  });
  expect(cursoredList([sampleUser], { nextCursor: "n" })).toEqual({
    schemas: [list],
    itemsPerPage: 1,
    nextCursor: "n",
    Resources: [sampleUser],
  });
  expect(cursoredList([], { nextCursor: undefined, totalResults: 0 })).toEqual({
    schemas: [list],
    totalResults: 0,
    itemsPerPage: 0,
    Resources: [],
  });
});

it.each([
  ['W/"3"', true],
  ['"3"', true],
  ["*", true],
  [' W/"1" , W/"3"', true],
  ['W/"4"', false],
  ["3", false],
  ['W/"33"', false],
  ["", false],
])("If-Match: %s of version 3 fits: %s", (header, fits) => {
  expect(hasEtag(header, 3)).toBe(fits);
  expect(hasEtag(etagOf(3), 3)).toBe(true);
});
