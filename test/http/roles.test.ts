import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { handler as getMe } from "../../functions/get-me.ts";
import { routes } from "../../functions/index.ts";
import { type EmbeddedRun, startEmbeddedRun } from "../../infra/local/embedded-run.ts";
import { scopeVariables } from "../../shared/http/caller-role.ts";
import type { Route } from "../../shared/http/endpoint.ts";
import { type Role, reaches, roles } from "../../shared/model/role.ts";
import { undocumented } from "../support/documented.ts";
import { bodyOf, call } from "./support.ts";

const dataDir = mkdtempSync(join(tmpdir(), "usher-roles-"));
const toTables = vi.spyOn(DynamoDBClient.prototype, "send");
const toSecrets = vi.spyOn(SecretsManagerClient.prototype, "send");
let run: EmbeddedRun;
beforeAll(async () => {
  // Without the recovery that comes each ten seconds nothing is read or written but by calls.
  vi.useFakeTimers({ toFake: ["setInterval"] });
  run = await startEmbeddedRun({ port: 0, dataDir });
  vi.useRealTimers();
  await run.recovered;
});
afterAll(async () => {
  await run?.close();
  rmSync(dataDir, { recursive: true });
});

const send = async (route: Pick<Route, "method" | "path">, authorization?: string, body?: object) => {
  const path = route.path.replace(/\{\w+\}/g, "ada");
  const response = await fetch(run.url + path, {
    method: route.method,
    headers: { "content-type": "application/json", ...(authorization && { authorization }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = text === "" ? {} : JSON.parse(text);
  expect(undocumented({ method: route.method, path }, response.status, answer.code)).toBeUndefined();
  return { status: response.status, body: answer };
};
const as = (role: Role) => `Bearer ${run.tokens[role].token}`;

const walk = routes.flatMap((route) =>
  roles.map((role) => ({ route, role, call: `${route.method} ${route.path}` })),
);
const mayCall = ({ route, role }: (typeof walk)[number]) => !route.role || reaches(role, route.role);

describe("in the local run", () => {
  test.each(walk.filter((one) => !mayCall(one)))(
    "$call by $role: 403 before anything is read or written",
    async ({ route, role }) => {
      toTables.mockClear();
      toSecrets.mockClear();
      const { status, body } = await send(route, as(role));
      expect([status, body.code]).toEqual([403, "forbidden"]);
      expect(body.detail).toContain(`needs the role ${route.role}, and this token has the role ${role}`);
      expect([toTables.mock.calls, toSecrets.mock.calls]).toEqual([[], []]);
    },
  );

  test.each(walk.filter(mayCall))("$call by $role: is let in", async ({ route, role }) => {
    expect([401, 403]).not.toContain((await send(route, as(role))).status);
  });

  test("what is let in does read and write", async () => {
    toTables.mockClear();
    await send({ method: "GET", path: "/users" }, as("read"));
    expect(toTables).toHaveBeenCalled();
  });

  test.each(routes.filter(({ open }) => !open))(
    "$method $path without a token, or a wrong one: 401",
    async (route) => {
      for (const authorization of [undefined, "Bearer wrong", `${as("read")}x`])
        expect((await send(route, authorization)).status).toBe(401);
    },
  );

  test("events tell the three callers apart, and who only reads leaves none", async () => {
    const saved = { method: "PUT", path: "/users/{userId}" } as const;
    const ada = { email: "ada@example.com", firstname: "Ada", lastname: "Osei" };
    expect((await send(saved, as("read"), ada)).status).toBe(403);
    expect((await send(saved, as("provision"), ada)).status).toBe(200);
    expect((await send(saved, as("admin"), { ...ada, jobTitle: "Engineer" })).status).toBe(200);
    const { body } = await send({ method: "GET", path: "/events" }, as("read"));
    const initiators = body.items.map((event: { initiated_by: object }) => event.initiated_by);
    expect(initiators).toEqual([
      { type: "admin", id: "local-admin" },
      { type: "admin", id: "local-provisioner" },
    ]);
  });
});

describe("GET /me", () => {
  const me = { method: "GET", path: "/me" } as const;

  test.each([
    ["read", "local-auditor"],
    ["provision", "local-provisioner"],
    ["admin", "local-admin"],
  ] as const)("tells the holder of a local token: %s", async (role, id) => {
    expect((await send(me, as(role))).body).toEqual({ id, role, authMethod: "token" });
  });

  test("tells the strongest role that the scopes of a JWT name", async () => {
    for (const role of roles) vi.stubEnv(scopeVariables[role], `usher/${role}`);
    const answerTo = async (claims: object) =>
      bodyOf(await call(getMe, { ...me, authorizer: { jwt: { claims } } }));
    expect(await answerTo({ sub: "u-1", scope: "usher/read openid usher/provision" })).toEqual({
      id: "u-1",
      role: "provision",
      authMethod: "jwt",
    });
    expect(await answerTo({ sub: "u-1", scope: "openid" })).toMatchObject({ code: "forbidden" });
    vi.unstubAllEnvs();
  });

  test("leaves out the role of an IAM caller, which nobody told it", async () => {
    const userArn = "arn:aws:sts::123456789012:assumed-role/HelpDesk/ada";
    expect(bodyOf(await call(getMe, { ...me, authorizer: { iam: { userArn } } }))).toEqual({
      id: userArn,
      authMethod: "iam",
    });
  });
});
