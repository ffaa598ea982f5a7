import type { SavedUser } from "../../model/directory.ts";
import type { JsonObject } from "../../model/json.ts";
import { showResource } from "../../scim-server/messages/show-resource.ts";
import { userType } from "../../scim-server/schemas/resource-types.ts";
import { attributesOf } from "../conversion/user-attributes.ts";

/** The whole resource, before `project`. */
export const showUser = (baseUrl: string, saved: SavedUser): JsonObject =>
  showResource(baseUrl, userType, {
    id: saved.userId,
    attributes: attributesOf(saved),
    created: saved.source?.since ?? saved.updatedAt,
    lastModified: saved.updatedAt,
    version: saved.version,
  });
