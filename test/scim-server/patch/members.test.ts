import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonValue } from "../../../shared/model/json.ts";
import { patchedGroup } from "./patched.ts";

const membersAfter = (...operations: JsonValue[]) => patchedGroup(operations).members;
const members = (...ids: string[]) => ids.map((value) => ({ value }));
const none = { add: [], remove: [] };

describe("members of a group", () => {
  it.each<[string, JsonValue[], unknown]>([
    [
      "come by a list",
      [{ op: "add", path: "members", value: members("a", "b", "a") }],
      { add: ["a", "b"], remove: [] },
    ],
    [
      "come alone, without a list",
      [{ op: "Add", path: "members", value: { value: "a" } }],
      { add: ["a"], remove: [] },
    ],
    ["come by bare ids", [{ op: "add", path: "members", value: ["a"] }], { add: ["a"], remove: [] }],
    ["come without a path", [{ op: "add", value: { members: members("a") } }], { add: ["a"], remove: [] }],
    [
      "come with more than an id",
      [{ op: "add", path: "members", value: [{ value: "a", display: "A", $ref: "x", type: "User" }] }],
      { add: ["a"], remove: [] },
    ],
    ["go by a filter", [{ op: "remove", path: 'members[value eq "a"]' }], { add: [], remove: ["a"] }],
    [
      "go by a filter of several",
      [{ op: "remove", path: 'members[value eq "a" or value eq "b"]' }],
      { add: [], remove: ["a", "b"] },
    ],
    [
      "go by a filter that names their type",
      [{ op: "remove", path: 'members[type eq "User" and value eq "a"]' }],
      { add: [], remove: ["a"] },
    ],
    [
      "stay where the filter contradicts itself",
      [{ op: "remove", path: 'members[value eq "b" and value eq "a"]' }],
      none,
    ],
    [
      "go by a list",
      [{ op: "Remove", path: "members", value: members("a", "b") }],
      { add: [], remove: ["a", "b"] },
    ],
    [
      "go by one object",
      [{ op: "remove", path: "members", value: { value: "a" } }],
      { add: [], remove: ["a"] },
    ],
    ["go by a bare id", [{ op: "remove", path: "members", value: "a" }], { add: [], remove: ["a"] }],
    ["all stay where the list of who goes is empty", [{ op: "remove", path: "members", value: [] }], none],
    ["all go where nobody is listed", [{ op: "remove", path: "members" }], { all: [] }],
    ["are replaced", [{ op: "replace", path: "members", value: members("a") }], { all: ["a"] }],
    ["all go in Okta's push of an empty group", [{ op: "replace", path: "members", value: [] }], { all: [] }],
    [
      "are replaced by Okta without a path",
      [{ op: "replace", value: { id: "g-1", displayName: "Engineers", members: members("a") } }],
      { all: ["a"] },
    ],
    [
      "stay where a replace does not name them",
      [{ op: "replace", value: { id: "g-1", displayName: "Engineers" } }],
      none,
    ],
    [
      "stay where a serializer knows of none",
      [{ op: "replace", value: { displayName: "E", members: null } }],
      none,
    ],
    [
      "come and go one by one",
      [
        { op: "add", path: "members", value: members("a") },
        { op: "remove", path: "members", value: members("b") },
        { op: "add", path: "members", value: members("c") },
      ],
      { add: ["a", "c"], remove: ["b"] },
    ],
    [
      "do not come where they go again",
      [
        { op: "add", path: "members", value: members("a") },
        { op: "remove", path: 'members[value eq "a"]' },
      ],
      { add: [], remove: ["a"] },
    ],
    [
      "come after they all went",
      [
        { op: "remove", path: "members" },
        { op: "add", path: "members", value: members("a") },
      ],
      { all: ["a"] },
    ],
    [
      "come by the filter that names them",
      [{ op: "add", path: 'members[value eq "a"]', value: { value: "a" } }],
      { add: ["a"], remove: [] },
    ],
    ["keep their type", [{ op: "replace", path: 'members[value eq "a"].type', value: "User" }], none],
    ["stay in an empty PATCH", [], none],
  ])("%s", (_, operations, change) => expect(membersAfter(...operations)).toEqual(change));
});

it("keeps the attributes of the group apart from its members", () => {
  const patched = patchedGroup([
    { op: "replace", value: { displayName: "Crew", externalId: "X", members: members("a") } },
  ]);
  expect(patched).toEqual({ attributes: { displayName: "Crew", externalId: "X" }, members: { all: ["a"] } });
});

const id = fc.constantFrom("a", "b", "c", "d", "e");
const ids = fc.uniqueArray(id, { maxLength: 4 });
const without = (set: Set<string>, ids: string[]) => new Set([...set].filter((one) => !ids.includes(one)));
type Step = { operation: JsonValue; carryOut(set: Set<string>): Set<string> };
const step: fc.Arbitrary<Step> = fc.oneof(
  ids.map((all) => ({
    operation: { op: "add", path: "members", value: members(...all) },
    carryOut: (set: Set<string>) => new Set([...set, ...all]),
  })),
  ids.map((all) => ({
    operation: { op: "remove", path: "members", value: members(...all) },
    carryOut: (set: Set<string>) => without(set, all),
  })),
  fc.uniqueArray(id, { minLength: 1, maxLength: 4 }).map((all) => ({
    operation: { op: "remove", path: `members[${all.map((one) => `value eq "${one}"`).join(" or ")}]` },
    carryOut: (set: Set<string>) => without(set, all),
  })),
  ids.map((all) => ({
    operation: { op: "replace", value: { members: members(...all) } },
    carryOut: () => new Set(all),
  })),
  fc.constant({ operation: { op: "remove", path: "members" }, carryOut: () => new Set<string>() }),
);

it("says the same of a set of members as one operation after the other does", () => {
  fc.assert(
    fc.property(ids, fc.array(step, { maxLength: 6 }), (before, steps) => {
      const change = membersAfter(...steps.map(({ operation }) => operation));
      const expected = steps.reduce((set, { carryOut }) => carryOut(set), new Set<string>(before));
      const after =
        "all" in change
          ? new Set(change.all)
          : new Set([...without(new Set(before), change.remove), ...change.add]);
      expect(after).toEqual(expected);
      if ("add" in change) expect(change.add.filter((one) => change.remove.includes(one))).toEqual([]);
    }),
  );
});

it("takes 10,000 members in one operation or in 10,000 in little time", () => {
  const many = Array.from({ length: 10_000 }, (_, at) => `user-${at}`);
  const began = performance.now();
  expect(membersAfter({ op: "add", path: "members", value: members(...many) })).toEqual({
    add: many,
    remove: [],
  });
  const singly = many.map((value) => ({ op: "remove", path: `members[value eq "${value}"]` }));
  expect(membersAfter(...singly)).toEqual({ add: [], remove: many });
  expect(performance.now() - began).toBeLessThan(3000);
});
