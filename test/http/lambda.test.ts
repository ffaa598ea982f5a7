import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { omit } from "../../shared/common/objects.ts";
import { scopeVariables } from "../../shared/http/caller-role.ts";
import { defineEndpoint } from "../../shared/http/endpoint.ts";
import { pageQuery } from "../../shared/http/input/parameters.ts";
import { lambda } from "../../shared/http/lambda.ts";
import { credentialsSchema } from "../../shared/model/credentials.ts";
import { Failure } from "../../shared/model/failure.ts";
import { updateInputSchema } from "../../shared/model/inputs.ts";
import { roles } from "../../shared/model/role.ts";
import { collectLog } from "../support/log-lines.ts";
import { aContext, bodyOf, call, type EventParts, posted, things } from "./support.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const body = z.strictObject({ name: z.string().max(10), credentials: credentialsSchema.optional() });
const echo = lambda(
  defineEndpoint({ ...things, body, handle: async (request) => ({ status: 200, body: request.body }) }),
);
const lookUp = lambda(
  defineEndpoint({
    ...things,
    method: "GET",
    params: z.object({ userId: z.string().regex(/^[a-z@]+$/) }),
    query: z.strictObject({ email: z.string().exactOptional(), ...pageQuery }),
    handle: async ({ params, query }) => ({ status: 200, body: { params, query } }),
  }),
);
const failing = (error: unknown) =>
  lambda(
    defineEndpoint({
      ...things,
      body: z.unknown(),
      handle: async () => {
        throw error;
      },
    }),
  );
const codeOf = async (parts: EventParts, handler = echo) => {
  const result = await call(handler, parts);
  expect(result.headers?.["content-type"]).toBe("application/problem+json");
  return `${result.statusCode} ${bodyOf(result).code}`;
};
const errorsOf = async (parts: EventParts, handler = echo) => bodyOf(await call(handler, parts)).errors;

test("a good request is answered as JSON, with its correlation id", async () => {
  const result = await call(echo, posted({ name: "x" }, { headers: { "x-correlation-id": "c-1" } }));
  expect(result.statusCode).toBe(200);
  expect(result.headers).toMatchObject({ "content-type": "application/json", "x-correlation-id": "c-1" });
  expect(bodyOf(result)).toEqual({ name: "x" });
});

test.each(["application/scim+json", "application/json; charset=utf-8", "Application/JSON"])(
  "%s is JSON",
  async (type) => {
    expect((await call(echo, posted({ name: "x" }, { headers: { "content-type": type } }))).statusCode).toBe(
      200,
    );
  },
);

test.each(["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])(
  "%j is not JSON",
  async (type) => {
    expect(await codeOf(posted({ name: "x" }, { headers: { "content-type": type } }))).toBe("415 not-json");
  },
);

test("a base64 body is read as its bytes", async () => {
  const text = Buffer.from('{"name":"é"}').toString("base64");
  expect(bodyOf(await call(echo, posted({}, { body: text, isBase64Encoded: true })))).toEqual({ name: "é" });
});

test.each([
  ["cut JSON", '{"name": '],
  ["no JSON", "name=x"],
  ["nested too deep", `{"name":${"[".repeat(40)}${"]".repeat(40)}}`],
  ["nested a hundred thousand levels", "[".repeat(100_000) + "]".repeat(100_000)],
])("%s: 400 malformed-json, without the body's words", async (_, text) => {
  const result = await call(echo, posted({}, { body: text }));
  expect(`${result.statusCode} ${bodyOf(result).code}`).toBe("400 malformed-json");
  expect(result.body).not.toContain("name");
});

test("bytes that are not UTF-8: 400 malformed-json", async () => {
  const body64 = Buffer.from([0x22, 0xff, 0x22]).toString("base64");
  expect(await codeOf(posted({}, { body: body64, isBase64Encoded: true }))).toBe("400 malformed-json");
});

test("1 MiB is the limit, counted in bytes", async () => {
  const bodyOfSize = (bytes: number) => `{"name":"${"é".repeat((bytes - 11) / 2)}"}`;
  expect(await codeOf(posted({}, { body: `${bodyOfSize(1024 * 1024 - 1)} ` }))).toBe("400 invalid-input");
  expect(await codeOf(posted({}, { body: `${bodyOfSize(1024 * 1024 - 1)}  ` }))).toBe("413 body-too-large");
});

test("each bad field is named by its path", async () => {
  const value = {
    name: 7,
    extra: 1,
    credentials: { type: "bearer", clientId: 7, clientSecret: "s3cret with space" },
  };
  const errors = await errorsOf(posted(value));
  expect(errors).toEqual([
    { path: "name", message: "must be text" },
    { path: "credentials.clientId", message: "must be text" },
    { path: "credentials.clientSecret", message: "use visible ASCII characters without spaces" },
    { path: "extra", message: "unknown field" },
  ]);
  expect(JSON.stringify(errors)).not.toContain("s3cret");
});

test("a field that is empty is told so once, and what is too long or of another kind in plain words", async () => {
  const value = { name: "n", credentials: { type: "bearer", clientId: "c".repeat(1025), clientSecret: "" } };
  expect(await errorsOf(posted(value))).toEqual([
    { path: "credentials.clientId", message: "must have at most 1024 characters" },
    { path: "credentials.clientSecret", message: "must not be empty" },
  ]);
});

test("a required body that is not there is named", async () => {
  expect(await errorsOf({})).toEqual([{ path: "body", message: "is required" }]);
});

test.each(["DELETE", "GET"] as const)("a %s without a body takes none", async (method) => {
  const plain = lambda(defineEndpoint({ ...things, method, handle: async () => ({ status: 204 }) }));
  expect((await call(plain, { method })).statusCode).toBe(204);
  expect(await codeOf(posted({ dryRun: true }, { method }), plain)).toBe("400 invalid-input");
});

test("of the forms of a union, the nearest is told", async () => {
  const update = lambda(
    defineEndpoint({ ...things, body: updateInputSchema, handle: async () => ({ status: 204 }) }),
  );
  const rows = [{ target: "title", source: "x" }, { target: "title", source: 5 }, { target: "title" }];
  expect(await errorsOf(posted({ attributeMappings: rows }), update)).toEqual([
    { path: "attributeMappings.1.source", message: "must be text" },
    { path: "attributeMappings.2", message: "has none of the allowed forms" },
  ]);
  expect(await errorsOf(posted({ test: { mode: "read" } }), update)).toEqual([
    { path: "body", message: "change at least one field" },
  ]);
});

test("a hundred errors are enough", async () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`field${at}`, 1]));
  expect(await errorsOf(posted({ name: "x", ...many }))).toHaveLength(100);
});

test.each([
  '{"name":"x","__proto__":{"polluted":true}}',
  '{"name":"x","constructor":{"prototype":{"polluted":true}}}',
])("prototype pollution is an unknown field: %s", async (text) => {
  expect(await codeOf(posted({}, { body: text }))).toBe("400 invalid-input");
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test("path parameters are decoded once, and malformed encoding is refused", async () => {
  const result = await call(lookUp, { method: "GET", params: { userId: "a%40b" } });
  expect(bodyOf(result).params).toEqual({ userId: "a@b" });
  for (const userId of ["a%2", "%ff", "a%2540b"]) {
    expect(await codeOf({ method: "GET", params: { userId } }, lookUp)).toBe("400 invalid-input");
  }
  expect(await errorsOf({ method: "GET", params: { userId: "%zz" } }, lookUp)).toEqual([
    { path: "path.userId", message: "has malformed percent-encoding" },
  ]);
});

test("the query is parsed, with defaults", async () => {
  const query = async (text: string) =>
    bodyOf(await call(lookUp, { method: "GET", params: { userId: "a" }, query: text })).query;
  expect(await query("")).toEqual({ limit: 50 });
  expect(await query("limit=7&email=a%2Bb%40example.com,c")).toEqual({
    limit: 7,
    email: "a+b@example.com,c",
  });
  expect(await query("email=a+b")).toEqual({ limit: 50, email: "a b" });
});

test.each([
  ["limit=0", "query.limit"],
  ["limit=501", "query.limit"],
  ["limit=07", "query.limit"],
  ["limit=ten", "query.limit"],
  ["limit=1.5", "query.limit"],
  ["limit=", "query.limit"],
  ["limit=1&limit=2", "query.limit"],
  ["colour=red", "query.colour"],
  ["__proto__=x", "query.__proto__"],
  ["email=%E0%A4%A", "query.email"],
])("query %s: 400 at %s", async (query, path) => {
  expect(await errorsOf({ method: "GET", params: { userId: "a" }, query }, lookUp)).toEqual([
    { path, message: expect.any(String) },
  ]);
});

test("an id of the service's own that it cannot have made is not found", async () => {
  const handler = lambda(defineEndpoint({ ...things, handle: async () => ({ status: 200 }) }));
  for (const integrationId of ["a_b", "x".repeat(65), "a#b", "..", "%2e"]) {
    expect(await codeOf({ params: { integrationId } }, handler)).toBe("404 not-found");
  }
});

test("without an identity nothing is reached, but for open endpoints", async () => {
  const handle = vi.fn(async () => ({ status: 200, body: {} }));
  expect(await codeOf({ authorizer: null }, lambda(defineEndpoint({ ...things, handle })))).toBe(
    "401 unauthenticated",
  );
  expect(handle).not.toHaveBeenCalled();
  const open = lambda(defineEndpoint({ ...omit(things, "role"), open: true, handle }));
  expect((await call(open, { authorizer: null })).statusCode).toBe(200);
});

describe("a caller whose role the gateway did not ask for", () => {
  beforeEach(() => {
    for (const role of roles) vi.stubEnv(scopeVariables[role], `usher.${role}`);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  const jwt = (claims: object) => ({ jwt: { claims: { sub: "u-1", ...claims }, scopes: null } });
  const statusOf = async (authorizer: object) =>
    (await call(echo, posted({ name: "x" }, { authorizer }))).statusCode;

  test.each([
    ["a JWT with the scope", jwt({ scope: "openid usher.provision" })],
    ["a JWT with a stronger scope", jwt({ scope: "usher.read usher.admin" })],
    ["a list, as the gateway hands it on", jwt({ scp: "[openid usher.provision]" })],
    ["IAM, where the gateway alone knows", { iam: { userArn: "arn:aws:iam::123456789012:user/ada" } }],
    ["a token of the local run", { lambda: { principalId: "local-provisioner", role: "provision" } }],
  ])("%s: is let in", async (_, authorizer) => {
    expect(await statusOf(authorizer)).toBe(200);
  });

  test.each([
    ["a JWT with a lesser scope", jwt({ scope: "usher.read" })],
    ["a JWT without a scope", jwt({})],
    ["a JWT whose scope only begins so", jwt({ scope: "usher.provisioning xusher.admin" })],
    ["a JWT with scopes in another claim", jwt({ roles: "usher.admin", "usher.admin": "true" })],
    ["a token of a lesser role", { lambda: { principalId: "local-auditor", role: "read" } }],
    ["an authorizer that knows no roles", { lambda: { principalId: "local-admin" } }],
    ["a role that is none", { lambda: { principalId: "x", role: "constructor" } }],
  ])("%s: 403", async (_, authorizer) => {
    expect(await codeOf(posted({ name: "x" }, { authorizer }))).toBe("403 forbidden");
  });

  test("is refused where the names of the scopes are not set", async () => {
    vi.unstubAllEnvs();
    expect(await statusOf(jwt({ scope: "usher.admin  " }))).toBe(403);
    expect(await statusOf(jwt({ scope: "" }))).toBe(403);
  });

  test("is refused before the Idempotency-Key is looked up", async () => {
    const idempotency = vi.fn();
    const handler = lambda(defineEndpoint({ ...things, handle: async () => ({ status: 204 }) }), {
      idempotency,
    });
    const parts = { authorizer: jwt({ scope: "usher.read" }), headers: { "idempotency-key": "k-1" } };
    expect(await codeOf(parts, handler)).toBe("403 forbidden");
    expect(idempotency).not.toHaveBeenCalled();
  });
});

test("a route without a role, or open and with one, does not compile", () => {
  const rest = { ...omit(things, "role"), handle: async () => ({ status: 204 }) };
  // @ts-expect-error: who may call has to be said
  defineEndpoint(rest);
  // @ts-expect-error: everybody, or a role
  defineEndpoint({ ...rest, role: "read", open: true });
  // @ts-expect-error: there is no such role
  defineEndpoint({ ...rest, role: "auditor" });
  expect(defineEndpoint({ ...rest, role: "read" }).role).toBe("read");
});

test("a failure is answered and not logged", async () => {
  const log = collectLog();
  const result = await call(failing(new Failure("account-claimed", "Ada has it.", { eventId: "e-1" })));
  expect(result.statusCode).toBe(409);
  expect(bodyOf(result)).toMatchObject({ code: "account-claimed", detail: "Ada has it.", eventId: "e-1" });
  expect(result.headers?.["x-correlation-id"]).toMatch(/^[0-9a-f-]{36}$/);
  expect(log.texts).toEqual([]);
});

test("an unexpected error is internal, and one line of log tells it without the secret", async () => {
  const log = collectLog();
  const secret = "s3cr3t-marked-value";
  const cause = new Error(
    `sent {"token": "xyz", "clientSecret": "${secret}"} with Bearer ${secret}${secret}`,
  );
  const event = posted({ name: "x", credentials: { type: "bearer", clientSecret: secret } });
  const result = await call(failing(new TypeError(`boom ${secret}`, { cause })), event);

  expect(`${result.statusCode} ${bodyOf(result).code}`).toBe("500 internal");
  expect(result.body).not.toMatch(/boom|s3cr3t/);
  expect(log.texts.join()).not.toMatch(/s3cr3t|xyz/);
  expect(log.lines()).toHaveLength(1);
  expect(log.lines()[0]).toMatchObject({
    level: "error",
    message: "failed",
    function: "things",
    requestId: "request-1",
    correlationId: result.headers?.["x-correlation-id"],
    error: { name: "TypeError", message: "boom [redacted]", cause: { name: "Error" } },
  });
});

test("a parser's message is withheld from the log, since it quotes what it parsed", async () => {
  const log = collectLog();
  let error: unknown;
  try {
    JSON.parse("s3cr3t");
  } catch (thrown) {
    error = thrown;
  }
  await call(failing(new Failure("store-unavailable", "The store did not answer.", { cause: error })));
  expect(log.texts.join()).toContain("withheld");
  expect(log.texts.join()).not.toContain("s3cr3t");
});

test("a call that hangs is answered before Lambda ends it", async () => {
  const hanging = lambda(defineEndpoint({ ...things, handle: () => new Promise(() => {}) }));
  collectLog();
  const context = { ...aContext(), getRemainingTimeInMillis: () => 1_050 };
  const result = await call(hanging, {}, context);
  expect(`${result.statusCode} ${bodyOf(result).code}`).toBe("503 store-unavailable");
  expect(result.headers?.["retry-after"]).toBe("60");
});

test("the deadline is 24.5 s away, and 2 s before Lambda's end", async () => {
  const deadlineIn = async (remainingMs: number) => {
    let deadline = 0;
    const handle = async (request: { deadline: number }) => {
      deadline = request.deadline;
      return { status: 204 };
    };
    const context = { ...aContext(), getRemainingTimeInMillis: () => remainingMs };
    await call(lambda(defineEndpoint({ ...things, handle })), {}, context);
    return Math.round((deadline - Date.now()) / 100) / 10;
  };
  expect(await deadlineIn(60_000)).toBeCloseTo(24.5, 0);
  expect(await deadlineIn(12_000)).toBeCloseTo(10, 0);
});

test("an answer without a body has none", async () => {
  const handler = lambda(defineEndpoint({ ...things, handle: async () => ({ status: 204 }) }));
  const result = await call(handler);
  expect(result).toEqual({ statusCode: 204, headers: { "x-correlation-id": expect.any(String) } });
});
