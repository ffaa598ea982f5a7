import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { endpoints, functions, routes } from "../../functions/index.ts";
import { openApiDocument } from "../../shared/http/openapi/openapi.ts";

type Operation = {
  operationId: string;
  parameters: { name?: string; in?: string; $ref?: string; schema?: object; required?: boolean }[];
  requestBody?: { required: boolean; content: Record<string, { schema: object }> };
  responses: Record<string, { $ref?: string; description?: string }>;
  description?: string;
  security: object[];
};
const document = JSON.parse(JSON.stringify(openApiDocument(endpoints)));
const operations = Object.entries(document.paths as Record<string, Record<string, Operation>>).flatMap(
  ([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

test("the committed document is the one that the endpoints make; else run `npm run openapi`", () => {
  const committed = readFileSync(new URL("../../docs/openapi.json", import.meta.url), "utf8");
  expect(JSON.parse(committed)).toEqual(document);
});

test("GET /openapi.json serves it", async () => {
  const served = functions.find(({ endpoint }) => endpoint.path === "/openapi.json");
  const answer = await served?.endpoint.handle({} as never);
  expect(answer?.body).toEqual(document);
});

test("every route is there once, under a unique id", () => {
  expect(operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`).toSorted()).toEqual(
    routes.map(({ method, path }) => `${method} ${path}`).toSorted(),
  );
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
});

test("every reference leads somewhere, and nothing is defined in vain", () => {
  const text = JSON.stringify(document);
  const references = [...new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target ?? ""))];
  for (const reference of references) {
    const found = reference
      .slice(2)
      .split("/")
      .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document);
    expect(found, reference).toBeDefined();
  }
  const defined = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
  expect(defined.filter((name) => !references.includes(name))).toEqual([]);
});

test.each(operations)("$method $path is complete", ({ path, operation }) => {
  const templated = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const inPath = operation.parameters.filter((parameter) => parameter.in === "path");
  expect(inPath.map(({ name }) => name)).toEqual(templated);
  for (const parameter of inPath) expect(parameter.required).toBe(true);
  expect(Object.keys(operation.responses).some((status) => status.startsWith("2"))).toBe(true);
  for (const [status, response] of Object.entries(operation.responses)) {
    expect(status).toMatch(/^[2-5]\d\d$/);
    expect(response.$ref ?? response.description, status).toBeTruthy();
  }
  const isOpen = path === "/health" || path === "/openapi.json";
  expect(operation.security.length).toBe(isOpen ? 0 : 3);
  for (const status of ["401", "403"]) expect(status in operation.responses).toBe(!isOpen);
});

test("each operation says which role it needs, in words and for each of the three ways to call", () => {
  expect(Object.keys(document.components.securitySchemes)).toEqual(["sigv4", "jwt", "token"]);
  const { description, security } = document.paths["/users/{userId}/lock"].post;
  expect(description).toBe("Needs the role `provision` or `admin`.");
  expect(security).toEqual([{ sigv4: ["provision"] }, { jwt: ["provision"] }, { token: ["provision"] }]);
  for (const { method, path, role } of endpoints) {
    const operation: Operation = document.paths[path][method.toLowerCase()];
    expect(operation.security.flatMap((one) => Object.values(one).flat())).toEqual(
      role ? [role, role, role] : [],
    );
    expect(operation.description?.includes(`\`${role}\``)).toBe(role && true);
  }
});

test("the secret is written and never read", () => {
  const { Credentials, Integration } = document.components.schemas;
  const forms = Credentials.oneOf.map(({ properties }: { properties: Record<string, object> }) => properties);
  expect(forms.map(({ type }: { type: { const: string } }) => type.const)).toEqual([
    "bearer",
    "header",
    "basic",
    "oauth2_client_credentials",
  ]);
  for (const { clientSecret } of forms) expect(clientSecret).toMatchObject({ writeOnly: true });
  expect(JSON.stringify(Integration)).not.toContain("clientSecret");
});

test("a body that may be left out is not required", () => {
  const bodies = Object.fromEntries(
    operations
      .filter(({ operation }) => operation.requestBody)
      .map(({ operation }) => [operation.operationId, operation.requestBody?.required]),
  );
  const optional = Object.entries(bodies).filter(([, required]) => !required);
  expect(optional.map(([operation]) => operation).sort()).toEqual([
    "addSourceToken",
    "applySync",
    "provisionGroup",
    "provisionUser",
    "retryIntegration",
    "startScan",
    "unlockUser",
    "verifyGroup",
    "verifyUser",
  ]);
});
