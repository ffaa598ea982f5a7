import * as z from "zod";
import type { FailureCode } from "../../model/failure.ts";
import type { Endpoint } from "../endpoint.ts";
import { problems } from "../problem.ts";
import type { ConvertedSchemas, JsonSchema } from "./openapi-schemas.ts";

const failureCodes = Object.keys(problems) as FailureCode[];

/** The problem document (RFC 9457) of every failure. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: "`urn:usher:problem:` and the code." }),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.enum(failureCodes),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    eventId: z.string().optional().meta({ description: "The audit event that records the failed attempt." }),
  })
  .meta({ id: "Problem" });

/** Headers of answers. */
export const headerComponents = {
  "X-Correlation-Id": {
    description:
      "The call's correlation id, also in its events. Where the call continued what another had begun: the correlation id of that, which its events carry.",
    schema: { type: "string" },
  },
  ETag: { description: "The version of the integration, for If-Match.", schema: { type: "string" } },
  Location: { description: "Path of the new integration.", schema: { type: "string" } },
  "Retry-After": {
    description: "Seconds after which to call again.",
    schema: { type: "integer", minimum: 1 },
  },
  "Idempotent-Replayed": {
    description: "`true` where this is the kept answer to an earlier request with the same Idempotency-Key.",
    schema: { type: "string", const: "true" },
  },
};

/** Every answer of an endpoint by status, failures included. */
export const responsesOf = (endpoint: Endpoint, schemas: ConvertedSchemas): Record<string, object> => {
  const replayed = endpoint.access.idempotencyKey === true ? (["Idempotent-Replayed"] as const) : [];
  const successes = Object.entries(endpoint.answers).map(
    ([status, { description, schema, headers = [] }]) => [
      status,
      {
        description,
        headers: headerRefs(["X-Correlation-Id", ...headers, ...replayed]),
        ...(schema ? { content: { "application/json": { schema: schemas.of(schema) } } } : {}),
      },
    ],
  );
  const byStatus = Map.groupBy(failuresOf(endpoint), (code) => problems[code].status);
  const failures = [...byStatus].map(([status, codes]) => [
    String(status),
    codes.length === 1 ? { $ref: `#/components/responses/${codes[0]}` } : failureResponse(codes, schemas),
  ]);
  return Object.fromEntries([...successes, ...failures]);
};

/** The answer of each failure, for statuses that a call uses for one alone. */
export const failureComponents = (schemas: ConvertedSchemas): Record<string, object> =>
  Object.fromEntries(failureCodes.map((code) => [code, failureResponse([code], schemas)]));

const failureResponse = (codes: FailureCode[], schemas: ConvertedSchemas): object => {
  const problem: JsonSchema = {
    allOf: [schemas.of(problemSchema), { properties: { code: { enum: codes } } }],
  };
  const waits = codes.some((code) => code === "attempt-in-progress" || problems[code].status === 503);
  return {
    description: codes.map((code) => `\`${code}\`: ${problems[code].title}.`).join(" "),
    headers: headerRefs(["X-Correlation-Id", ...(waits ? (["Retry-After"] as const) : [])]),
    content: { "application/problem+json": { schema: problem } },
  };
};

/** The endpoint's own failures and those that its method, path and access bring, in the order of `problems`. */
const failuresOf = (endpoint: Endpoint): FailureCode[] => {
  const { path, method, body, query, access, open } = endpoint;
  const hasCursor = query instanceof z.ZodObject && "cursor" in query.shape;
  const codes = new Set<FailureCode>([
    ...endpoint.failures,
    "internal",
    "invalid-input",
    ...given(open !== true, "unauthenticated", "forbidden"),
    ...given(body !== undefined || method !== "GET", "malformed-json", "not-json", "body-too-large"),
    ...given(hasCursor, "invalid-cursor"),
    ...given(path.includes("{integrationId}"), "not-found"),
    ...given(access.idempotencyKey === true, "idempotency-key-reused", "attempt-in-progress"),
    ...given(access.state !== undefined || access.events !== undefined, "store-unavailable"),
  ]);
  return failureCodes.filter((code) => codes.has(code));
};

const given = (holds: boolean, ...codes: FailureCode[]): FailureCode[] => (holds ? codes : []);

const headerRefs = (names: (keyof typeof headerComponents)[]): Record<string, object> =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
