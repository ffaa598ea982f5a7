import { describe, expect } from "vitest";
import { ok } from "../calls.ts";
import { person, story, type World } from "../world.ts";

export const gatewayStories = (world: World) =>
  describe("behind the gateway", () => {
    story("takes ids and queries as the gateway hands them on, and bodies in base64", async () => {
      const id = "o'brien+1@example.com".replace("'", ".");
      ok(
        await world.call("PUT", `/users/${encodeURIComponent(id)}`, person("brien"), {
          "content-type": "application/vnd.usher+json",
        }),
      );
      expect(ok(await world.call("GET", `/users/${encodeURIComponent(id)}`))).toMatchObject({ userId: id });
      expect((await world.call("GET", "/users/a%2Fb")).status).toBe(400);
      expect((await world.call("GET", "/nowhere/at/all")).body.code).toBe("not-found");
      expect(
        (
          await world.call(
            "PUT",
            "/users/big",
            JSON.stringify({ ...person("big"), company: "x".repeat(1_100_000) }),
          )
        ).body.code,
      ).toBe("body-too-large");
      const huge = await world.call("PUT", "/users/big", JSON.stringify({ company: "x".repeat(7_000_000) }));
      expect({ status: huge.status, text: huge.text }).toEqual({
        status: 413,
        text: '{"message":"Request Entity Too Large"}',
      });
      expect((await fetch(`${world.cloud.url}/health`)).status).toBe(200);
      expect((await fetch(`${world.cloud.url}/health`, { method: "HEAD" })).status).toBe(200);
      expect((await fetch(`${world.cloud.url}/openapi.json`)).status).toBe(200);
      expect((await fetch(`${world.cloud.url}/users`)).status).toBe(403);
    });
  });
