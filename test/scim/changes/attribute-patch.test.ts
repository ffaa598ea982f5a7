import { expect, test } from "vitest";
import { attributeOperations } from "../../../shared/scim/changes/attribute-patch.ts";
import type { Wording } from "../../../shared/scim/changes/wording.ts";

const wording: Wording = {
  plain: "pathless",
  part: "whole",
  extension: "path",
  clear: "remove",
  missing: "add",
};

test("a name that goes as a whole in two operations is the wanted one in both, so that neither undoes the other", () => {
  const changes = [
    { path: "name.givenName", from: "Zoë", to: "Ada" },
    { path: "name.middleName", to: "Mai" },
    { path: "title", to: "Captain" },
  ];
  const name = { givenName: "Ada", familyName: "Byron", middleName: "Mai" };
  expect(attributeOperations(changes, wording, { name: { givenName: "Zoë", familyName: "Byron" } })).toEqual([
    { op: "replace", value: { name } },
    { op: "add", value: { name, title: "Captain" } },
  ]);
});
