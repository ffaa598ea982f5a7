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

/** A stack whose callers show a JWT, with the code of the world's own. */
const jwtStack = async ({ cloud }: World) => {
  const folder = mkdtempSync(join(tmpdir(), "usher-jwt-"));
  const context = { issuer: url, audience: "usher", "aws:cdk:bundling-stacks": [] };
  try {
    const { routes, lambdas } = readDeployed(await synthesize(folder, context));
    const codeOf = new Map(cloud.stack.lambdas.map(({ arn, code }) => [arn, code]));
    return { routes, lambdas: lambdas.map((one) => ({ ...one, code: codeOf.get(one.arn) ?? "" })) };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

export const tokenStories = (world: World) =>
  describe("a caller with a JWT", () => {
    story("is let in with a scope of the route, in the role that the token says", async () => {
      const stack = await jwtStack(world);
      const gateway = await world.cloud.openGateway(stack, { url, publicKey });
      const call = (claims: object) => bearerCalls(gateway, token(claims));
      const [read, provision] = ["usher.read", "usher.provision"];
      const statusOf = async (claims: object) => (await call(claims)("GET", "/me")).status;
      expect(await statusOf({ scope: "openid" })).toBe(403);
      expect(await statusOf({ scope: read, iss: "https://login.example.org/" })).toBe(401);
      expect(await statusOf({ scope: read, aud: "another" })).toBe(401);
      expect(await statusOf({ scope: read, exp: 1 })).toBe(401);
      const forged = `${token({ scope: read }).slice(0, -8)}AAAAAAAA`;
      expect((await bearerCalls(gateway, forged)("GET", "/me")).status).toBe(401);
      expect((await fetch(`${gateway}/health`)).status).toBe(200);

      expect(ok(await call({ scope: `openid ${read}` })("GET", "/me"))).toMatchObject({
        id: "ada",
        role: "read",
      });
      expect((await call({ scope: read })("PUT", "/users/jwt-made", person("jwt-made"))).status).toBe(403);
      ok(await call({ scope: provision })("PUT", "/users/jwt-made", person("jwt-made")));
      const [event] = ok(await world.call("GET", "/events?userId=jwt-made")).items;
      expect(event).toMatchObject({ initiated_by: { type: "admin", id: "ada" }, auth_method: "jwt" });
    });
  });
