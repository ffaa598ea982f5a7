import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { bearerCalls, ok } from "../calls.ts";
import { readDeployed } from "../stack/deployed.ts";
import { synthesize } from "../stack/synthesize.ts";
import { person, story, type World } from "../world.ts";

const url = "https://login.example.com/";
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const token = (claims: object): string => {
  const exp = Math.floor(Date.now() / 1000) + 600;
  const payload = { iss: url, aud: "usher", sub: "ada", exp, ...claims };
  const text = `${encode({ alg: "RS256", typ: "JWT" })}.${encode(payload)}`;
  return `${text}.${sign("sha256", Buffer.from(text), privateKey).toString("base64url")}`;
};

/** The routes of a stack whose callers show a JWT. Its Lambdas are the other one's. */
const jwtRoutes = async () => {
  const folder = mkdtempSync(join(tmpdir(), "usher-jwt-"));
  const context = { issuer: url, audience: "usher", scope: "usher.call", "aws:cdk:bundling-stacks": [] };
  try {
    return readDeployed(await synthesize(folder, context)).routes;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

export const tokenStories = (world: World) =>
  describe("a caller with a JWT", () => {
    story("is let in with the scope of the route, and is who the token says", async () => {
      const routes = await jwtRoutes();
      const gateway = await world.cloud.openGateway(routes, { url, publicKey });
      const [scope = ""] = routes.find(({ key }) => key === "PUT /users/{userId}")?.scopes ?? [];
      expect(scope).not.toBe("");
      const statusOf = async (shown: string) => (await bearerCalls(gateway, shown)("GET", "/users")).status;
      expect(await statusOf(token({ scope: "openid" }))).toBe(403);
      expect(await statusOf(token({ scope, iss: "https://login.example.org/" }))).toBe(401);
      expect(await statusOf(token({ scope, aud: "another" }))).toBe(401);
      expect(await statusOf(token({ scope, exp: 1 }))).toBe(401);
      expect(await statusOf(`${token({ scope }).slice(0, -8)}AAAAAAAA`)).toBe(401);
      expect((await fetch(`${gateway}/health`)).status).toBe(200);

      const call = bearerCalls(gateway, token({ scope: `openid ${scope}` }));
      ok(await call("PUT", "/users/jwt-made", person("jwt-made")));
      const [event] = ok(await world.call("GET", "/events?userId=jwt-made")).items;
      expect(event).toMatchObject({ initiated_by: { type: "admin", id: "ada" }, auth_method: "jwt" });
    });
  });
