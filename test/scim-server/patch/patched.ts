import type { JsonObject, JsonValue } from "../../../shared/model/json.ts";
import { patchResource } from "../../../shared/scim-server/patch/patch-resource.ts";
import { readOperations } from "../../../shared/scim-server/patch/read-operations.ts";
import type { MemberChange } from "../../../shared/scim-server/resources/member-change.ts";
import { groupType, userType } from "../../../shared/scim-server/schemas/resource-types.ts";
import { sampleAttributes } from "../sample-user.ts";

const bodyOf = (operations: JsonValue[]): JsonObject => ({
  schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
  Operations: operations,
});

/** The attributes of user u-1 after a PATCH of these operations. */
export const patchedUser = (operations: JsonValue[], attributes = sampleAttributes): JsonObject =>
  patchResource(userType, { id: "u-1", attributes }, readOperations(bodyOf(operations))).attributes;

/** Group g-1, of the name Engineers, after a PATCH of these operations. */
export const patchedGroup = (operations: JsonValue[]): { attributes: JsonObject; members: MemberChange } =>
  patchResource(
    groupType,
    { id: "g-1", attributes: { displayName: "Engineers" } },
    readOperations(bodyOf(operations)),
  );
