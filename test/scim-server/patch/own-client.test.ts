import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffAttributes } from "../../../shared/mapping/diff-attributes.ts";
import { mapUser } from "../../../shared/mapping/map-user.ts";
import type { Attributes } from "../../../shared/model/attributes.ts";
import type { DirectoryUser } from "../../../shared/model/directory.ts";
import { attributeOperations } from "../../../shared/scim/changes/attribute-patch.ts";
import { memberPatch, patchOf } from "../../../shared/scim/changes/patch.ts";
import type { Wording } from "../../../shared/scim/changes/wording.ts";
import { equals } from "../../../shared/scim/messages/filter.ts";
import { userResource } from "../../../shared/scim/messages/resource.ts";
import { matches } from "../../../shared/scim-server/filter/matches.ts";
import { parseFilter } from "../../../shared/scim-server/filter/parse-filter.ts";
import { patchResource } from "../../../shared/scim-server/patch/patch-resource.ts";
import { readOperations } from "../../../shared/scim-server/patch/read-operations.ts";
import { readCreation, readReplacement } from "../../../shared/scim-server/resources/read-resource.ts";
import { groupType, userType } from "../../../shared/scim-server/schemas/resource-types.ts";
import { directoryUser } from "../../mapping/arbitraries.ts";

/** What the default mapping sends of a user. */
const sent = fc
  .tuple(directoryUser, fc.option(fc.constantFrom("m-1", "m-2"), { nil: undefined }))
  .map(([user, manager]: [DirectoryUser, string | undefined]): Attributes => {
    const mapped = mapUser(user, "u-1", [], manager === undefined ? {} : { managerRemoteId: manager });
    if ("missing" in mapped) throw new Error("The mapping lacks a value.");
    return mapped.attributes;
  });

const ways = {
  plain: fc.constantFrom("path" as const, "pathless" as const),
  extension: fc.constantFrom("path" as const, "nested" as const),
  clear: fc.constantFrom("remove" as const, "empty" as const),
};
const wording: fc.Arbitrary<Wording> = fc.oneof(
  fc.record({
    ...ways,
    part: fc.constantFrom("dotted" as const, "nested" as const),
    missing: fc.constantFrom("replace" as const, "add" as const),
  }),
  // With `add` there are two wholes, and the second knows nothing of what the first has changed.
  fc.record({ ...ways, part: fc.constant("whole" as const), missing: fc.constant("replace" as const) }),
);

const kept = (attributes: Attributes) => readCreation(userType, userResource(attributes)).attributes;

describe("what our own client sends", () => {
  it("of a user is kept whole, and is found by it", () => {
    fc.assert(
      fc.property(sent, (attributes) => {
        expect(kept(attributes)).toEqual(omitSchemas(userResource(attributes)));
        const filter = parseFilter(userType, equals("userName", String(attributes.userName)));
        expect(matches(filter, kept(attributes))).toBe(true);
      }),
    );
  });

  it("as a PATCH leads from any user to any other, however it is worded", () => {
    fc.assert(
      fc.property(sent, sent, wording, (before, after, words) => {
        const operations = attributeOperations(diffAttributes(before, after), words, userResource(before));
        const patched = patchResource(
          userType,
          { id: "u-1", attributes: kept(before) },
          readOperations(patchOf(operations)),
        );
        expect(patched.attributes).toEqual(kept(after));
      }),
      { numRuns: 300 },
    );
  });

  it("as a PUT leads to the same", () => {
    fc.assert(
      fc.property(sent, sent, (before, after) => {
        expect(readReplacement(userType, kept(before), userResource(after)).attributes).toEqual(kept(after));
      }),
    );
  });

  it.each(["filter", "valueList"] as const)("of members in the style %s changes those alone", (style) => {
    const change = { add: ["a", 'q"uote\\'], remove: ["b", "c"] };
    const operations = readOperations(memberPatch(change, style));
    const patched = patchResource(groupType, { id: "g", attributes: { displayName: "G" } }, operations);
    expect(patched.members).toEqual(change);
  });
});

const omitSchemas = ({ schemas: _, ...attributes }: ReturnType<typeof userResource>) => attributes;
