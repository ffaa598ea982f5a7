import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect } from "vitest";
import { ok } from "../calls.ts";
import { region } from "../stack/values.ts";
import { baseUrl, story, type World } from "../world.ts";

export const smokeStories = (world: World) =>
  describe("the main job, by npm run smoke", () => {
    const script = fileURLToPath(new URL("../../../infra/smoke/run.ts", import.meta.url));
    const smoke = (token: string, caller: Record<string, string>) =>
      promisify(execFile)(process.execPath, [script, "--url", world.cloud.url, "--target-url", baseUrl], {
        env: { ...process.env, AWS_REGION: region, SMOKE_TARGET_TOKEN: token, ...caller },
      }).then(
        ({ stdout }) => ({ code: 0, stdout }),
        (error: { code: number; stdout: string }) => ({ code: error.code, stdout: error.stdout }),
      );
    const signedAs = (policy: string) => {
      const { accessKeyId, secretAccessKey, sessionToken = "" } = world.cloud.callerWith(policy).keys;
      return {
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_SESSION_TOKEN: sessionToken,
      };
    };

    story("goes through, tells each step and leaves nothing behind", async () => {
      const { code, stdout } = await smoke(world.provider.token, signedAs("AdminPolicy"));
      expect({ code, stdout }).toMatchObject({ code: 0 });
      expect(stdout.match(/^ok /gm)?.length).toBeGreaterThan(10);
      expect(stdout).not.toContain("FAILED");
      await world.cloud.settle();
      expect(await world.provider.users()).toEqual([]);
      expect(await world.provider.groups()).toEqual([]);
      expect(ok(await world.call("GET", "/integrations")).items).toEqual([]);
    });

    story("that fails half-way says so, takes away what it made, and prints no secret", async () => {
      world.provider.intercept = ({ method, path }) =>
        method === "POST" && path === "/Groups" ? { status: 403, body: world.provider.token } : undefined;
      const { code, stdout } = await smoke(world.provider.token, signedAs("AdminPolicy"));
      world.provider.intercept = undefined;
      expect(code).toBe(1);
      expect(stdout).toMatch(/FAILED +a group of both is provisioned/);
      expect(stdout).not.toContain(world.provider.token);
      await world.cloud.settle();
      expect(await world.provider.users()).toEqual([]);
      expect(ok(await world.call("GET", "/integrations")).items).toEqual([]);
    });

    story("of a caller who may not is refused by the gateway", async () => {
      const { code, stdout } = await smoke(world.provider.token, signedAs("AuditorPolicy"));
      expect(code).toBe(1);
      expect(stdout).toMatch(/FAILED +an integration is activated .* answered 403 .*Forbidden/);
    });
  });
