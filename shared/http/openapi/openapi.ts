import type * as z from "zod";
import { type Role, rolesFrom } from "../../model/role.ts";
import type { Endpoint } from "../endpoint.ts";
import { failureComponents, headerComponents, problemSchema, responsesOf } from "./openapi-responses.ts";
import { type ConvertedSchemas, convertSchemas, type JsonSchema } from "./openapi-schemas.ts";

/** The OpenAPI 3.1 document of the endpoints; its schemas are those that the handlers parse with. */
export const openApiDocument = (endpoints: readonly Endpoint[]) => {
  const schemas = convertSchemas([problemSchema, ...endpoints.flatMap(schemasOf)]);
  const byPath = Map.groupBy(endpoints, ({ path }) => path);
  return {
    openapi: "3.1.0",
    info: {
      title: "Usher",
      version: "1.0.0",
      description:
        "Identity provisioning: users and groups of a directory into SCIM 2.0 service providers, every attempt on record. There are three roles: `read` reads everything; `provision` also changes users, groups and members; `admin` also integrations, and decides what the guard holds. A call beyond the caller's role is 403 `forbidden`; on AWS the gateway refuses it, with its own body.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [
      { url: "http://127.0.0.1:8787", description: "The local run; on AWS the URL that the stack prints." },
    ],
    tags: Object.values(tags),
    paths: Object.fromEntries(
      [...byPath].map(([path, group]) => [
        path,
        Object.fromEntries(
          group.map((endpoint) => [endpoint.method.toLowerCase(), operation(endpoint, schemas)]),
        ),
      ]),
    ),
    components: {
      schemas: schemas.components,
      responses: failureComponents(schemas),
      headers: headerComponents,
      parameters: headerParameters,
      securitySchemes,
    },
  };
};

const tags = {
  integrations: { name: "integrations", description: "The life of an integration with a service provider." },
  directory: { name: "directory", description: "The users that all integrations share." },
  provisioning: { name: "provisioning", description: "Users and groups of an integration." },
  events: { name: "events", description: "Directory Insights events: every attempt on record." },
  service: { name: "service", description: "The service itself." },
};

const tagOf = (path: string): keyof typeof tags => {
  if (/\/(users|groups)/.test(path)) return path.startsWith("/users") ? "directory" : "provisioning";
  if (path.startsWith("/integrations")) return "integrations";
  return path.startsWith("/events") ? "events" : "service";
};

const schemasOf = ({ params, query, body, answers }: Endpoint): z.ZodType[] =>
  [params, query, body, ...Object.values(answers).map(({ schema }) => schema)].filter(
    (schema) => schema !== undefined,
  );

const operation = (endpoint: Endpoint, schemas: ConvertedSchemas): object => ({
  operationId: endpoint.name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
  summary: endpoint.summary,
  ...(endpoint.role && { description: `Needs the role \`${endpoint.role}\`${orAbove(endpoint.role)}.` }),
  tags: [tagOf(endpoint.path)],
  security: endpoint.role ? Object.keys(securitySchemes).map((name) => ({ [name]: [endpoint.role] })) : [],
  parameters: [
    ...parametersOf("path", endpoint.params && schemas.of(endpoint.params)),
    ...parametersOf("query", endpoint.query && schemas.of(endpoint.query)),
    ...headersOf(endpoint).map((name) => ({ $ref: `#/components/parameters/${name}` })),
  ],
  ...(endpoint.body
    ? {
        requestBody: {
          required: !endpoint.body.safeParse(undefined).success,
          content: Object.fromEntries(
            [endpoint.bodyType ?? [], "application/json"]
              .flat()
              .map((type) => [type, { schema: schemas.of(endpoint.body as z.ZodType) }]),
          ),
        },
      }
    : {}),
  responses: responsesOf(endpoint, schemas),
});

const orAbove = (role: Role): string =>
  rolesFrom(role)
    .slice(1)
    .map((stronger) => ` or \`${stronger}\``)
    .join("");

const parametersOf = (place: "path" | "query", schema: JsonSchema | undefined): object[] => {
  const { properties = {}, required = [] } = (schema ?? {}) as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
};

const headersOf = ({ open, method, access, failures }: Endpoint): (keyof typeof headerParameters)[] => [
  "X-Correlation-Id",
  ...(open === true || method === "GET" ? [] : (["Change-Reason", "On-Behalf-Of"] as const)),
  ...(access.idempotencyKey === true ? (["Idempotency-Key"] as const) : []),
  ...(failures.includes("precondition-failed") ? (["If-Match"] as const) : []),
];

const header = (name: string, description: string, schema: JsonSchema, example: string) => ({
  name,
  in: "header",
  description,
  schema,
  example,
});

const headerParameters = {
  "X-Correlation-Id": header(
    "X-Correlation-Id",
    "Ties the call to its events; else made by the service. Visible ASCII characters other than a comma.",
    { type: "string", minLength: 1, maxLength: 128, pattern: "^[!-+\\--~]*$" },
    "joiners-2026-11",
  ),
  "Change-Reason": header(
    "Change-Reason",
    "Kept in the call's events, e.g. a ticket number. UTF-8, without control characters and without those that change the direction of text.",
    { type: "string", maxLength: 256 },
    "TICKET-4711",
  ),
  "On-Behalf-Of": header(
    "On-Behalf-Of",
    "The person for whom a program calls; kept in the call's events as `initiated_by.on_behalf_of`, and not verified. UTF-8, without control characters and without those that change the direction of text.",
    { type: "string", maxLength: 254 },
    "grace.hopper@example.com",
  ),
  "Idempotency-Key": header(
    "Idempotency-Key",
    "The same request with the same key is done once in 24 hours.",
    { type: "string", minLength: 1, maxLength: 256 },
    "8f1c2a4e-activate",
  ),
  "If-Match": header("If-Match", "The ETag that the integration must still have.", { type: "string" }, '"3"'),
};

/** OpenAPI 3.1 lets each list the roles that a call needs. */
const securitySchemes = {
  sigv4: {
    type: "apiKey",
    name: "Authorization",
    in: "header",
    description:
      "On AWS, unless an issuer is configured at deploy: AWS Signature Version 4, service `execute-api`. The stack's policies `ProvisionerPolicy`, `AuditorPolicy` and `AdminPolicy` stand for the roles.",
    "x-amazon-apigateway-authtype": "awsSigv4",
  },
  jwt: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description:
      "On AWS, where an issuer is configured at deploy. Its claim `scope` or `scp` names the role: `usher.read`, `usher.provision` or `usher.admin`, unless the deployment has other names.",
  },
  token: {
    type: "http",
    scheme: "bearer",
    description: "In the local run: the token of the admin, of the provisioner or of the auditor.",
  },
};
