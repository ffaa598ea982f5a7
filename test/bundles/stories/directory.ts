import { describe, expect } from "vitest";
import { ok } from "../calls.ts";
import { person, story, type World } from "../world.ts";

export const directoryStories = (world: World) =>
  describe("the directory", () => {
    story("is saved, read, listed and changed", async () => {
      ok(await world.call("PUT", "/users/dora", person("dora")));
      ok(
        await world.call(
          "PATCH",
          "/users/dora",
          { jobTitle: "Engineer" },
          { "content-type": "application/merge-patch+json" },
        ),
      );
      expect(ok(await world.call("GET", "/users/dora"))).toMatchObject({ jobTitle: "Engineer" });
      expect(ok(await world.call("GET", "/users?q=ada")).items).toHaveLength(1);
      expect(ok(await world.call("GET", "/users?email=dora%40example.com")).items).toHaveLength(1);
      expect(ok(await world.call("GET", "/users/dora/applications")).items).toEqual([]);
      ok(await world.call("PUT", "/groups/choir", { name: "Choir", members: ["dora"] }));
      ok(await world.call("PUT", "/users/emil", person("emil")));
      const key = { "idempotency-key": "choir-1" };
      ok(await world.call("POST", "/groups/choir/members", { add: ["emil"], remove: ["dora"] }, key));
      const again = await world.call(
        "POST",
        "/groups/choir/members",
        { add: ["emil"], remove: ["dora"] },
        key,
      );
      expect(again.headers.get("idempotent-replayed")).toBe("true");
      expect(ok(await world.call("GET", "/groups/choir"))).toMatchObject({ name: "Choir" });
      expect(ok(await world.call("GET", "/groups")).items).toHaveLength(1);
      expect(ok(await world.call("GET", "/groups/choir/members")).items).toMatchObject([{ userId: "emil" }]);
    });
  });
