import { describe, expect } from "vitest";
import { ok } from "../calls.ts";
import { insideHost } from "../cloud.ts";
import { activation, baseUrl, person, story, type World } from "../world.ts";

export const lifecycleStories = (world: World) =>
  describe("an integration", () => {
    let at = "";
    const credentials = () => ({ type: "bearer", clientSecret: world.provider.token });
    const key = (name: string) => ({ "idempotency-key": `lifecycle-${name}` });

    story("whose target leads inside is refused: the guard of the bundle is as it is on AWS", async () => {
      const to = (url: string) =>
        world.call("POST", "/integrations", activation("unused", { baseUrl: url }), key(String(url.length)));
      expect(await to(`https://${insideHost}/scim`)).toMatchObject({
        status: 422,
        body: { code: "target-refused" },
      });
      for (const address of [
        "https://127.0.0.1/scim",
        "https://10.0.0.7/scim",
        "http://scim.example.com/scim",
      ])
        expect(await to(address)).toMatchObject({ status: 400, body: { code: "invalid-input" } });
    });

    story("is activated once for one key, and fails where its test does", async () => {
      const first = ok(
        await world.call("POST", "/integrations", activation(world.provider.token), key("one")),
      );
      const again = await world.call("POST", "/integrations", activation(world.provider.token), key("one"));
      expect(ok(again).integrationId).toBe(first.integrationId);
      at = `/integrations/${first.integrationId}`;
      const wrong = await world.call("POST", "/integrations", activation("wrong"), key("wrong"));
      expect(wrong).toMatchObject({ status: 422, body: { code: "activation-test-failed" } });
      const shared = { ...activation(world.provider.token), allowSharedTarget: false };
      expect(await world.call("POST", "/integrations", shared)).toMatchObject({
        status: 409,
        body: { code: "target-in-use" },
      });
    });

    story("is tested, paused, resumed, changed and given new credentials", async () => {
      ok(await world.call("PUT", `${at}/users/ida`, person("ida")));
      expect(ok(await world.call("POST", `${at}/test`))).toMatchObject({ ok: true });
      ok(await world.call("POST", `${at}/pause`, undefined, key("pause")));
      expect(ok(await world.call("GET", at)).status).toBe("paused");
      ok(await world.call("POST", `${at}/resume`, undefined, key("resume")));
      ok(await world.call("PATCH", at, { application: { displayLabel: "Another" } }));
      ok(await world.call("PATCH", at, { groupsEnabled: false }));
      ok(await world.call("PATCH", at, { credentials: credentials() }));
      ok(await world.call("POST", `${at}/reauth`, { credentials: credentials() }, key("reauth")));
      expect(
        (await world.call("POST", `${at}/reauth`, { credentials: { type: "bearer", clientSecret: "wrong" } }))
          .status,
      ).toBe(422);
    });

    story(
      "takes the secret that an operator has put where a call says, and none of an integration",
      async () => {
        const { GivenSecretPrefix: prefix, SecretPrefix } = world.cloud.stack.outputs;
        await world.cloud.stores.secrets("CreateSecret", {
          Name: `${prefix}provider`,
          SecretString: JSON.stringify({ clientSecret: world.provider.token, baseUrl }),
          ClientRequestToken: "00000000-0000-4000-8000-000000000001",
        });
        const given = { type: "bearer", secretArn: `${prefix}provider` };
        const another = ok(
          await world.call("POST", "/integrations", { ...activation("unused"), credentials: given }),
        );
        expect((await world.call("DELETE", `/integrations/${another.integrationId}`)).status).toBe(204);
        ok(await world.call("PATCH", at, { credentials: given }));
        ok(await world.call("POST", `${at}/reauth`, { credentials: given }));
        const own = { type: "bearer", secretArn: `${SecretPrefix}${at.split("/").at(-1)}` };
        expect((await world.call("POST", `${at}/reauth`, { credentials: own })).status).toBe(400);
      },
    );

    story("gets its secret back from a deletion by hand, whether it is scheduled or done", async () => {
      const secretId = `${world.cloud.stack.outputs.SecretPrefix}${at.split("/").at(-1)}`;
      const calls = [
        () => world.call("PATCH", at, { credentials: credentials() }),
        () => world.call("POST", `${at}/reauth`, { credentials: credentials() }),
      ];
      for (const change of calls)
        for (const how of [{ RecoveryWindowInDays: 7 }, { ForceDeleteWithoutRecovery: true }]) {
          await world.cloud.stores.secrets("DeleteSecret", { SecretId: secretId, ...how });
          ok(await change());
        }
    });

    story("is deleted, and its secret is scheduled for deletion", async () => {
      expect((await world.call("DELETE", at)).status).toBe(204);
      expect((await world.call("DELETE", at)).body.code).toBe("integration-not-active");
    });
  });
