import { describe, expect } from "vitest";
import { ok } from "../calls.ts";
import { person, story, type World } from "../world.ts";

export const dryRunStories = (world: World) =>
  describe("a dry run", () => {
    story("of each call that changes something tells its requests, and changes nothing", async () => {
      const at = `/integrations/${await world.activate()}`;
      for (const userId of ["ned", "oma", "pat"])
        ok(await world.call("PUT", `/users/${userId}`, person(userId)));
      ok(await world.call("PUT", "/groups/band", { name: "Band", members: ["ned", "oma"] }));
      ok(await world.call("PUT", `${at}/groups/band`));
      ok(await world.call("PUT", `${at}/users/ned`));
      ok(await world.call("DELETE", `${at}/users/oma`));
      await world.cloud.settle();
      const accounts = async () =>
        JSON.stringify([await world.provider.users(), await world.provider.groups()]);
      const before = await accounts();
      const renamed = { name: "Big band", members: ["oma", "pat"] };
      for (const [method, path, body, requests] of [
        ["PUT", "/users/ned", person("ned", { lastname: "Ohm" }), 1],
        ["PATCH", "/users/ned", { suspended: true }, 1],
        ["POST", "/users/ned/lock", { reason: "lost laptop" }, 1],
        ["POST", "/users/ned/unlock", undefined, 0],
        ["DELETE", "/users/ned", undefined, 1],
        ["PUT", "/groups/band", renamed, 2],
        ["POST", "/groups/band/members", { add: ["pat"], remove: ["ned"] }, 2],
        ["DELETE", "/groups/band", undefined, 1],
        ["PUT", `${at}/users/pat`, undefined, 1],
        ["PUT", `${at}/users/quin`, person("quin"), 1],
        ["DELETE", `${at}/users/ned`, undefined, 1],
        ["DELETE", `${at}/users/oma/exclusion`, undefined, 1],
        ["PUT", `${at}/groups/band`, renamed, 2],
        ["POST", `${at}/groups/band/members`, { add: ["pat"] }, 2],
        ["DELETE", `${at}/groups/band?action=delete`, undefined, 1],
      ] as const) {
        const answer = ok(
          await world.call(method, `${path}${path.includes("?") ? "&" : "?"}dryRun=true`, body),
        );
        expect(answer.dryRun, `${method} ${path}`).toBe(true);
        expect(answer.requestsTotal, `${method} ${path}`).toBeGreaterThanOrEqual(requests);
      }
      await world.cloud.settle();
      expect(await accounts()).toBe(before);
      expect((await world.call("GET", "/users/quin")).status).toBe(404);
    });
  });
