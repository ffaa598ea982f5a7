import { omit } from "../../common/objects.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Attribute } from "../schemas/attribute.ts";
import { groupType, type ResourceType, type Schema, userType } from "../schemas/resource-types.ts";
import { indexedList } from "./list-response.ts";

const resourceTypes = [userType, groupType];
const schemas = resourceTypes.flatMap(({ schema, extensions }) => [schema, ...extensions]);

/** `/ResourceTypes`. `baseUrl` ends in `/scim/v2`. */
export const resourceTypeList = (baseUrl: string): JsonObject =>
  whole(resourceTypes.map((type) => resourceTypeDocument(baseUrl, type)));

/** `/ResourceTypes/{name}`; undefined where there is none of that name. */
export const resourceTypeOf = (baseUrl: string, name: string): JsonObject | undefined => {
  const found = resourceTypes.find((type) => type.name === name);
  return found && resourceTypeDocument(baseUrl, found);
};

/** `/Schemas`. */
export const schemaList = (baseUrl: string): JsonObject =>
  whole(schemas.map((schema) => schemaDocument(baseUrl, schema)));

/** `/Schemas/{id}`; undefined where there is none of that URN. */
export const schemaOf = (baseUrl: string, id: string): JsonObject | undefined => {
  const found = schemas.find((schema) => schema.id.toLowerCase() === id.toLowerCase());
  return found && schemaDocument(baseUrl, found);
};

const whole = (resources: JsonObject[]): JsonObject =>
  indexedList(resources, { totalResults: resources.length, startIndex: 1 });

/** RFC 7643 §6. */
const resourceTypeDocument = (baseUrl: string, type: ResourceType): JsonObject => ({
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
  id: type.name,
  name: type.name,
  description: type.description,
  endpoint: type.endpoint,
  schema: type.schema.id,
  ...(type.extensions.length > 0 && {
    schemaExtensions: type.extensions.map(({ id }) => ({ schema: id, required: false })),
  }),
  meta: { resourceType: "ResourceType", location: `${baseUrl}/ResourceTypes/${type.name}` },
});

/** RFC 7643 §7. */
const schemaDocument = (baseUrl: string, { id, name, description, attributes }: Schema): JsonObject => ({
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
  id,
  name,
  description,
  attributes: attributes.map(attributeDocument),
  meta: { resourceType: "Schema", location: `${baseUrl}/Schemas/${id}` },
});

const attributeDocument = (attribute: Attribute): JsonObject => {
  const { canonicalValues, subAttributes, ...characteristics } = omit(attribute, "text");
  return {
    ...characteristics,
    ...(canonicalValues && { canonicalValues: [...canonicalValues] }),
    ...(subAttributes && { subAttributes: subAttributes.map(attributeDocument) }),
  };
};
