import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../shared/model/json.ts";
import { parseFilter } from "../../../shared/scim-server/filter/parse-filter.ts";
import { readBody } from "../../../shared/scim-server/messages/read-body.ts";
import { readListQuery, readProjection } from "../../../shared/scim-server/messages/read-list-query.ts";
import { userType } from "../../../shared/scim-server/schemas/resource-types.ts";
import { refusalOf } from "../refusal.ts";

const pageOf = (parameters: JsonObject) => readListQuery(userType, parameters).page;

describe("the page of a query", () => {
  it.each<[JsonObject, unknown]>([
    [{}, { startIndex: 1, count: 100 }],
    [
      { startIndex: "1", count: "1" },
      { startIndex: 1, count: 1 },
    ],
    [{ startIndex: "0" }, { startIndex: 1, count: 100 }],
    [
      { startIndex: "-5", count: "-5" },
      { startIndex: 1, count: 0 },
    ],
    [
      { startIndex: "", count: "" },
      { startIndex: 1, count: 100 },
    ],
    [{ count: "0" }, { startIndex: 1, count: 0 }],
    [{ count: "1000" }, { startIndex: 1, count: 1000 }],
    [{ count: "1001" }, { startIndex: 1, count: 1000 }],
    [{ count: "9223372036854775807" }, { startIndex: 1, count: 1000 }],
    [{ startIndex: "9223372036854775807" }, { startIndex: Number.MAX_SAFE_INTEGER, count: 100 }],
    [{ startIndex: "101" }, { startIndex: 101, count: 100 }],
    [
      { STARTINDEX: "7", Count: "2" },
      { startIndex: 7, count: 2 },
    ],
    [
      { startIndex: 7, count: 2 },
      { startIndex: 7, count: 2 },
    ],
    [{ cursor: "" }, { cursor: "", count: 100 }],
    [
      { cursor: "abc", count: "5", startIndex: "9" },
      { cursor: "abc", count: 5 },
    ],
    [{ cursor: null }, { startIndex: 1, count: 100 }],
  ])("%j is %j", (parameters, page) => expect(pageOf(parameters)).toEqual(page));

  it.each<[string, JsonObject]>([
    ["invalidValue", { startIndex: "x" }],
    ["invalidValue", { count: "1.5" }],
    ["invalidValue", { count: "9".repeat(31) }],
    ["invalidValue", { count: "1e3" }],
    ["invalidValue", { count: 1.5 }],
    ["invalidValue", { count: [] }],
    ["invalidCount", { cursor: "", count: "x" }],
    ["invalidCursor", { cursor: 5 }],
    ["invalidFilter", { filter: 5 }],
    ["invalidFilter", { filter: "userName" }],
    ["invalidValue", { attributes: 5 }],
    ["invalidValue", { attributes: ["userName", 5] }],
    ["invalidValue", { excludedAttributes: "a,".repeat(201) }],
    ["invalidSyntax", { count: "1", COUNT: "2" }],
  ])("%s: %j", (refusal, parameters) => expect(refusalOf(() => pageOf(parameters))).toBe(refusal));
});

it("reads a search as the GET of the same parameters, and ignores what it does not know", () => {
  const search = `{"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "attributes": ["userName", "emails.value"],
    "filter": "title pr", "startIndex": 3, "count": 10, "sortBy": "userName", "sortOrder": "descending", "later": {}}`;
  const expected = {
    filter: parseFilter(userType, "title pr"),
    page: { startIndex: 3, count: 10 },
    projection: { attributes: ["userName", "emails.value"] },
  };
  const get = {
    attributes: "userName, emails.value",
    filter: "title pr",
    startIndex: "3",
    count: "10",
    x: "1",
  };
  expect(readListQuery(userType, readBody(search))).toEqual(expected);
  expect(readListQuery(userType, get)).toEqual(expected);
});

it("takes an empty parameter for none", () => {
  expect(readProjection({ attributes: "", excludedAttributes: " , " })).toEqual({});
  expect(readListQuery(userType, { filter: " " })).toEqual({
    page: { startIndex: 1, count: 100 },
    projection: {},
  });
});

describe("a body is refused", () => {
  it.each([
    ["invalidSyntax", ""],
    ["invalidSyntax", "userName=ada"],
    ["invalidSyntax", "{"],
    ["invalidSyntax", "[]"],
    ["invalidSyntax", "null"],
    ["invalidSyntax", '"x"'],
    ["invalidSyntax", "[".repeat(100_000)],
    ["invalidSyntax", `{"a":${"[".repeat(60)}${"]".repeat(60)}}`],
    ["invalidSyntax", `{"a":[${"{},".repeat(200_000)}{}]}`],
    ["413", `{"a":"${"x".repeat(4 * 1024 * 1024)}"}`],
  ])("%s", (refusal, text) => {
    const began = performance.now();
    expect(refusalOf(() => readBody(text))).toBe(refusal);
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it("beyond 4 MiB, and not at it", () => {
    const text = `{"a":"${"x".repeat(4 * 1024 * 1024 - 8)}"}`;
    expect(text).toHaveLength(4 * 1024 * 1024);
    expect(refusalOf(() => readBody(text))).toBeUndefined();
  });
});
