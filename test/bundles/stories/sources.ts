import { describe, expect } from "vitest";
import { ok, until } from "../calls.ts";
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

    story("have two tokens, of which one that has ended makes room", async () => {
      const add = (body: object, key: string) => world.call("POST", `${at}/tokens`, body, keyed(key));
      const expiresAt = new Date(Date.now() + 3_000).toISOString();
      ok(await add({ expiresAt }, "token-1"));
      await until(async () => Date.now() > Date.parse(expiresAt));
      const { tokenId } = ok(await add({}, "token-2"));
      expect((await add({}, "token-3")).body.code).toBe("token-limit-reached");
      ok(await world.call("DELETE", `${at}/tokens/${tokenId}`));
    });

    story("leave a token that a call which died has taken to nobody for a minute", async () => {
      const token = "a-token-that-is-brought-0123456789-abcdef";
      const isSource = (operation: string, body: string) =>
        operation === "PutItem" && body.includes("SOURCES");
      const make = () => world.call("POST", "/sources", { ...asked, token });
      expect(await cutOff(world, "create-source", isSource, make)).toBe(500);
      expect((await make()).body.code).toBe("attempt-in-progress");
      expect((await world.call("POST", `${at}/tokens`, { token })).body.code).toBe("attempt-in-progress");
    });

    story("are given users and groups without an owner, which show it", async () => {
      for (const id of ["olga", "oleg"])
        ok(await world.call("PUT", `/users/${id}`, person(id, { username: "olga.o" })));
      ok(await world.call("PUT", "/groups/owned", { name: "Owned", members: ["olga"] }));
      ok(await world.call("PUT", "/groups/owned-2", { name: "owned" }));
      const adopt = (path: string, body: object, key: string) =>
        world.call("POST", `${path}/adopt`, body, keyed(key));
      const former = `/sources/${ok(await world.call("POST", "/sources", asked)).sourceId}`;
      expect(ok(await adopt(former, { userIds: ["olga"] }, "adopt-1"))).toMatchObject({ users: 1 });
      ok(await world.call("DELETE", former));
      expect(ok(await adopt(at, { userIds: ["olga"] }, "adopt-2"))).toMatchObject({ users: 1 });
      expect(ok(await adopt(at, { groupIds: ["owned"] }, "adopt-3"))).toMatchObject({ groups: 1 });
      const { skipped } = ok(await adopt(at, { all: true }, "adopt-4"));
      for (const one of [{ userId: "oleg" }, { groupId: "owned-2" }])
        expect(skipped).toContainEqual({ ...one, reason: "name-taken" });
      expect(ok(await world.call("GET", "/users/olga")).source).toMatchObject({ userName: "olga.o" });
      expect(ok(await world.call("GET", "/users?email=olga%40example.com")).items).toHaveLength(1);
      expect(ok(await world.call("GET", "/groups/owned")).source).toMatchObject({ displayName: "Owned" });
      ok(await world.call("GET", "/groups?name=Owned"));
      expect(ok(await world.call("GET", at))).toMatchObject({ counts: { groups: expect.any(Number) } });
      const conflicts = ok(await world.call("GET", `${at}/conflicts`)).items;
      expect(conflicts).toContainEqual(expect.objectContaining({ kind: "user", userIds: ["olga"] }));
    });

    story("are gone with their tokens, also where the call dies", async () => {
      const isEvent = (operation: string, body: string) =>
        operation === "PutItem" && body.includes("source_delete") && body.includes("event_type");
      expect(await cutOff(world, "delete-source", isEvent, () => world.call("DELETE", at))).toBe(500);
      expect((await world.call("GET", at)).status).toBe(404);
      await world.cloud.runSchedules();
      const { items } = ok(await world.call("GET", "/events?eventType=source_delete"));
      const own = items.filter(({ resource }) => `/sources/${(resource as { id: string }).id}` === at);
      expect(own).toHaveLength(1);
      const { sourceId } = ok(await world.call("POST", "/sources", asked));
      ok(await world.call("DELETE", `/sources/${sourceId}`));
    });
  });
