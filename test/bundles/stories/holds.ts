import { describe, expect } from "vitest";
import { ok, until } from "../calls.ts";
import { cutOff, endLeases } from "../cut-off.ts";
import { person, story, type World } from "../world.ts";

export const holdStories = (world: World) =>
  describe("the guard", () => {
    let at = "";
    const letters = ["a", "b", "c", "d", "e", "f"];
    const idOf = (letter: string) => `guarded-${letter}`;
    const openHold = async () => {
      await until(async () =>
        ok(await world.call("GET", `${at}/holds`)).items.some(({ state }) => state === "open"),
      );
      await world.cloud.settle();
      const [hold] = ok(await world.call("GET", `${at}/holds`)).items.filter(({ state }) => state === "open");
      return hold ?? { holdId: "", count: 0 };
    };

    story("holds what comes by itself beyond the limit, until it is approved", async () => {
      const guard = { users: 1, percent: 1, most: 1 };
      const policies = {
        guard,
        unassignedGrace: "0",
        onUserUnassigned: "deprovision",
        onUserDeleted: "delete",
      };
      at = `/integrations/${await world.activate({ policies })}`;
      for (const letter of letters)
        ok(await world.call("PUT", `/users/${idOf(letter)}`, person(idOf(letter))));
      const members = letters.map(idOf);
      ok(await world.call("PUT", "/groups/guarded", { name: "Guarded", members }));
      ok(await world.call("PUT", `${at}/groups/guarded`));
      ok(await world.call("POST", "/groups/guarded/members", { remove: members.slice(0, 3) }));
      const { holdId, count } = await openHold();
      expect(ok(await world.call("GET", `${at}/holds/${holdId}`)).items.length).toBeGreaterThan(0);
      ok(
        await world.call(
          "POST",
          `${at}/holds/${holdId}/approve`,
          { count },
          { "idempotency-key": "approve" },
        ),
      );
      await until(async () => (await world.isActive(idOf("a"))) === false);
      await world.cloud.settle();
    });

    story("keeps the access where it is rejected, and shows what needs a person", async () => {
      ok(await world.call("POST", "/groups/guarded/members", { remove: ["d", "e", "f"].map(idOf) }));
      const { holdId, count } = await openHold();
      ok(await world.call("GET", "/attention"));
      ok(await world.call("GET", "/overview"));
      ok(await world.call("GET", at));
      ok(
        await world.call("POST", `${at}/holds/${holdId}/reject`, { count }, { "idempotency-key": "reject" }),
      );
      await world.cloud.settle();
      expect(await world.isActive(idOf("d"))).toBe(true);
    });

    story(
      "refuses a call beyond the limit until it is confirmed, and who leaves a hold is no longer in it",
      async () => {
        const refused = await world.call("DELETE", `${at}/groups/guarded?action=delete`);
        expect(refused).toMatchObject({ status: 409, body: { code: "deprovisions-held" } });
        const confirmed = `${at}/groups/guarded?action=delete&confirm=${refused.body.count}`;
        ok(await world.call("DELETE", confirmed));
        await world.cloud.settle();
      },
    );

    story("holds accounts that are to be closed, and settles a decision that was cut off", async () => {
      const closing = ["closing-a", "closing-b", "closing-c"];
      for (const id of closing) ok(await world.call("PUT", `/users/${id}`, person(id)));
      ok(await world.call("PUT", `${at}/groups/closing`, { name: "Closing", members: closing }));
      for (const id of closing) ok(await world.call("PATCH", `/users/${id}`, { suspended: true }));
      const { holdId, count } = await openHold();
      const approve = () => world.call("POST", `${at}/holds/${holdId}/approve`, { count });
      const isDecision = (operation: string) => operation === "BatchWriteItem";
      expect(await cutOff(world, "approve-hold", isDecision, approve)).toBe(500);
      await endLeases(world);
      const recovery = (await world.cloud.runSchedules()).find(({ name }) => name === "recoverattempts");
      expect(recovery?.outcome).toEqual({ payload: JSON.stringify({ settled: 1 }) });
      ok(await approve());
      await until(async () => (await world.isActive("closing-c")) === false);
      await world.cloud.settle();
    });
  });
