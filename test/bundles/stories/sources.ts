import { describe, expect } from "vitest";
import { ok } from "../calls.ts";
import { cutOff } from "../cut-off.ts";
import { person, story, type World } from "../world.ts";

export const sourceStories = (world: World) =>
  describe("sources", () => {
    let at = "";
    const asked = { name: "Okta", kind: "okta" };
    const keyed = (key: string) => ({ "idempotency-key": key });

    story("are set up once, with the address at which they are called", async () => {
      const made = ok(await world.call("POST", "/sources", asked, keyed("source")));
      expect(made.scimBaseUrl).toMatch(/^https:\/\/.+\/scim\/v2$/);
      expect(made.token).toMatch(/^usher_scim_/);
      at = `/sources/${made.sourceId}`;
      const again = ok(await world.call("POST", "/sources", asked, keyed("source")));
      expect(again).toMatchObject({ sourceId: made.sourceId });
      expect(again).not.toHaveProperty("token");
      expect(ok(await world.call("GET", "/sources")).items).toHaveLength(1);
      ok(await world.call("PATCH", at, { onDelete: "delete" }));
      ok(await world.call("GET", `${at}/mapping`));
      expect(ok(await world.call("GET", `${at}/conflicts`)).items).toEqual([]);
    });

    story("have two tokens", async () => {
      const { tokenId } = ok(await world.call("POST", `${at}/tokens`, {}, keyed("token")));
      expect((await world.call("POST", `${at}/tokens`, {})).body.code).toBe("token-limit-reached");
      ok(await world.call("DELETE", `${at}/tokens/${tokenId}`));
    });

    story("leave a token that a call which died has taken to nobody for a minute", async () => {
      const token = "a-token-that-is-brought-0123456789-abcdef";
      const isSource = (operation: string, body: string) =>
        operation === "PutItem" && body.includes("SOURCES");
      const make = () => world.call("POST", "/sources", { ...asked, token });
      expect(await cutOff(world, "create-source", isSource, make)).toBe(500);
      expect((await make()).body.code).toBe("attempt-in-progress");
    });

    story("are given users and groups, which show it", async () => {
      ok(await world.call("PUT", "/users/olga", person("olga", { username: "olga.o" })));
      ok(await world.call("PUT", "/users/oleg", person("oleg", { username: "olga.o" })));
      ok(await world.call("PUT", "/groups/owned", { name: "Owned", members: ["olga"] }));
      const adopt = (body: object, key: string) => world.call("POST", `${at}/adopt`, body, keyed(key));
      expect(ok(await adopt({ userIds: ["olga"] }, "adopt-1"))).toMatchObject({ users: 1 });
      const all = ok(await adopt({ all: true }, "adopt-2"));
      expect(all.skipped).toMatchObject([{ userId: "oleg", reason: "name-taken" }]);
      expect(ok(await world.call("GET", "/users/olga")).source).toMatchObject({ userName: "olga.o" });
      expect(ok(await world.call("GET", "/users?email=olga%40example.com")).items).toHaveLength(1);
      expect(ok(await world.call("GET", "/groups/owned")).source).toMatchObject({ displayName: "Owned" });
      ok(await world.call("GET", "/groups?name=Owned"));
      expect(ok(await world.call("GET", at)).counts.users).toBeGreaterThan(0);
      expect(ok(await world.call("GET", `${at}/conflicts`)).items).toHaveLength(1);
    });

    story("are gone with their tokens, also where the call dies", async () => {
      const isEvent = (operation: string, body: string) =>
        operation === "PutItem" && body.includes("source_delete") && body.includes("event_type");
      expect(await cutOff(world, "delete-source", isEvent, () => world.call("DELETE", at))).toBe(500);
      expect((await world.call("GET", at)).status).toBe(404);
      await world.cloud.runSchedules();
      const { items } = ok(await world.call("GET", "/events?eventType=source_delete"));
      expect(items).toHaveLength(1);
      const { sourceId } = ok(await world.call("POST", "/sources", asked));
      ok(await world.call("DELETE", `/sources/${sourceId}`));
    });
  });
