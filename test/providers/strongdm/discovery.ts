import {
  type Attribute,
  ENTERPRISE_ATTRIBUTES,
  ENTERPRISE_SCHEMA,
  GROUP_ATTRIBUTES,
  GROUP_SCHEMA,
  type Json,
  USER_ATTRIBUTES,
  USER_SCHEMA,
} from "./schema.ts";

/** As the library writes it: no `id` and no `meta`. */
export const SERVICE_PROVIDER_CONFIG: Json = {
  authenticationSchemes: [
    { description: "Bearer token", name: "OAuth Bearer Token", primary: true, type: "oauthbearertoken" },
  ],
  bulk: { maxOperations: 1000, maxPayloadSize: 1048576, supported: false },
  changePassword: { supported: false },
  etag: { supported: false },
  filter: { maxResults: 100, supported: true },
  patch: { supported: true },
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
  sort: { supported: false },
};

export const SCHEMAS: Json[] = [
  { attributes: describe(USER_ATTRIBUTES), description: "User Account", id: USER_SCHEMA, name: "User" },
  {
    attributes: describe(ENTERPRISE_ATTRIBUTES),
    description: "Enterprise User",
    id: ENTERPRISE_SCHEMA,
    name: "Enterprise User",
  },
  { attributes: describe(GROUP_ATTRIBUTES), description: "Group", id: GROUP_SCHEMA, name: "Group" },
];

export const RESOURCE_TYPES: Json[] = [
  resourceType("User", "User Account", USER_SCHEMA, [{ required: false, schema: ENTERPRISE_SCHEMA }]),
  resourceType("Group", "Group", GROUP_SCHEMA, []),
];

function resourceType(name: string, description: string, schema: string, schemaExtensions: Json[]): Json {
  return {
    description,
    endpoint: `/${name}s`,
    id: name,
    name,
    schema,
    schemaExtensions,
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
  };
}

function describe(attributes: readonly Attribute[]): Json[] {
  return attributes.map(({ name, type, multiValued, required, readOnly, sub }) => ({
    multiValued: multiValued ?? false,
    mutability: readOnly ? "readOnly" : "readWrite",
    name,
    required: required ?? false,
    returned: "default",
    ...(sub === undefined ? {} : { subAttributes: describe(sub) }),
    type,
  }));
}
