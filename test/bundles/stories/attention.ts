import { describe, expect } from "vitest";
import { ok } from "../calls.ts";
import { onState } from "../cut-off.ts";
import { person, story, type World } from "../world.ts";

export const attentionStories = (world: World) =>
  describe("what needs a person", () => {
    const openAccess = async () => {
      ok(await world.call("GET", "/overview"));
      const { items } = ok(await world.call("GET", "/attention?kind=access-open"));
      return items.map(({ userId, groupId }) => userId ?? groupId);
    };

    story("is a leaver whose removal the provider refuses", async () => {
      const at = `/integrations/${await world.activate()}`;
      for (const userId of ["oda", "pia"])
        ok(await world.call("PUT", `${at}/users/${userId}`, person(userId)));
      ok(await world.call("PUT", `${at}/groups/ops`, { name: "Ops", members: ["oda", "pia"] }));
      world.provider.intercept = ({ method }) =>
        ["DELETE", "PATCH", "PUT"].includes(method) ? { status: 403 } : undefined;
      expect((await world.call("DELETE", `${at}/users/oda`)).status).toBe(502);
      expect((await world.call("POST", "/groups/ops/members", { remove: ["pia"] })).status).toBe(200);
      await world.cloud.settle();
      expect(await openAccess()).toContain("oda");
      await world.cloud.runSchedules();
      world.provider.intercept = undefined;
      ok(await world.call("DELETE", `${at}/users/oda`));
      await world.cloud.settle();
      await world.cloud.runSchedules();
      const told = world.cloud.published.map(({ message }) => message).join("\n");
      expect(told).toContain("access-open");
      expect(told).not.toContain("example.com");
    });

    story("is a removal that nobody has dispatched in time", async () => {
      // Past the stream, as where its trigger stands still; and long ago.
      const mark = (pk: string, more = "", values = {}) =>
        onState(world, "UpdateItem", {
          Key: { pk: { S: pk }, sk: { S: "PROFILE" } },
          UpdateExpression: `SET workPk = :changed, workSk = :first, changed = :mark${more}`,
          ...(more && { ExpressionAttributeNames: { "#user": "user" } }),
          ExpressionAttributeValues: {
            ":changed": { S: "CHANGED" },
            ":first": { S: `${"0".repeat(15)}#${pk}` },
            ":mark": { M: { at: { N: "1" }, since: { N: "1" }, isUrgent: { BOOL: true } } },
            ...values,
          },
        });
      await mark("USER#pia", ", #user.suspended = :yes", { ":yes": { BOOL: true } });
      await mark("GROUP#ops");
      expect(await openAccess()).toContain("pia");
      await world.cloud.invoke("watch-integrations", {});
      await world.cloud.runSchedules();
      await world.cloud.settle();
    });
  });
