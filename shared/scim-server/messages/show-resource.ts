import type { JsonObject } from "../../model/json.ts";
import type { ResourceType } from "../schemas/resource-types.ts";
import { etagOf } from "./etag.ts";

/** What is shown of a resource beside its attributes. Times in RFC 3339; `baseUrl` ends in `/scim/v2`. */
export type Shown = {
  id: string;
  /** As `readCreation` and `patchResource` give them. */
  attributes: JsonObject;
  /** Ids, of a group whose members are to be shown. */
  members?: readonly string[];
  created: string;
  lastModified: string;
  version: number;
};

/** The address of a resource, for `meta.location` and the header `Location`. */
export const locationOf = (baseUrl: string, type: ResourceType, id: string): string =>
  `${baseUrl}${type.endpoint}/${encodeURIComponent(id)}`;

/** A whole resource as it is answered, before `project`; filters are tested on this form. */
export const showResource = (baseUrl: string, type: ResourceType, shown: Shown): JsonObject => {
  const { id, attributes, members, created, lastModified, version } = shown;
  const extensions = type.extensions.filter((one) => attributes[one.id] !== undefined);
  return {
    schemas: [type.schema.id, ...extensions.map((one) => one.id)],
    id,
    ...attributes,
    ...(members !== undefined && { members: members.map((value) => ({ value, type: "User" })) }),
    meta: {
      resourceType: type.name,
      created,
      lastModified,
      location: locationOf(baseUrl, type, id),
      version: etagOf(version),
    },
  };
};
