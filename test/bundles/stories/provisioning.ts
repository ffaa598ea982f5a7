import { describe, expect } from "vitest";
import { addPerson, GROUP, call as scim } from "../../providers/call.ts";
import { ok, until } from "../calls.ts";
import { person, story, type World } from "../world.ts";

export const provisioningStories = (world: World) =>
  describe("provisioning", () => {
    let at = "";
    const stateOf = async (path: string) => ok(await world.call("GET", path)).state;

    story("of users: taken in, taken out, given back, locked and unlocked", async () => {
      at = `/integrations/${await world.activate()}`;
      expect(ok(await world.call("PUT", `${at}/users/ada`, person("ada")))).toMatchObject({
        action: "created",
      });
      ok(
        await world.call(
          "POST",
          "/users/ada/lock",
          { reason: "lost laptop" },
          { "idempotency-key": "lock-ada" },
        ),
      );
      expect(await world.isActive("ada")).toBe(false);
      ok(await world.call("POST", "/users/ada/unlock", undefined, { "idempotency-key": "unlock-ada" }));
      expect(await world.isActive("ada")).toBe(true);
      expect(ok(await world.call("DELETE", `${at}/users/ada?action=deprovision`))).toMatchObject({
        action: "deprovisioned",
      });
      expect(await world.isActive("ada")).toBe(false);
      ok(await world.call("PUT", "/groups/quartet", { name: "Quartet", members: ["ada"] }));
      ok(await world.call("PUT", `${at}/groups/quartet`));
      ok(await world.call("DELETE", `${at}/users/ada/exclusion`));
      expect(await world.isActive("ada")).toBe(true);
    });

    story("of groups: bound, changed here and there, unbound and ended", async () => {
      for (const userId of ["bo", "cy"]) ok(await world.call("PUT", `/users/${userId}`, person(userId)));
      const change = { add: ["bo", "cy"], remove: ["ada"] };
      ok(
        await world.call("POST", `${at}/groups/quartet/members`, change, { "idempotency-key": "quartet-1" }),
      );
      expect((await world.provider.groups()).map(({ members }) => members.length)).toEqual([2]);
      expect(ok(await world.call("GET", `${at}/groups/quartet/members`)).items).toHaveLength(2);
      expect(ok(await world.call("DELETE", `${at}/groups/quartet?action=delete`))).toMatchObject({
        action: "deleted",
      });
      ok(await world.call("PUT", "/users/dan", person("dan")));
      ok(await world.call("PUT", "/groups/duo", { name: "Duo", members: ["bo", "dan"] }));
      ok(await world.call("PUT", `${at}/groups/duo`));
      ok(await world.call("DELETE", "/groups/duo"));
      expect(await world.isActive("dan")).toBe(undefined);
    });

    story(
      "of what the provider has already: accounts are taken over, and groups with their members",
      async () => {
        await addPerson(world.provider, "Kim", "Lee");
        const member = (await world.provider.users()).find(
          ({ userName }) => userName === "kim.lee@example.com",
        )?.id;
        await scim(world.provider, "POST", "/Groups", {
          schemas: [GROUP],
          displayName: "Band",
          members: [{ value: member }],
        });
        const kim = { email: "kim.lee@example.com", firstname: "Kim", lastname: "Lee" };
        expect(ok(await world.call("PUT", `${at}/users/kim`, kim))).toMatchObject({ action: "adopted" });
        expect(
          ok(await world.call("PUT", `${at}/groups/band?existing=keep`, { name: "Band", members: ["kim"] })),
        ).toMatchObject({ action: "adopted" });
        expect((await world.call("PUT", `${at}/users/kim-2`, kim)).body.code).toBe("account-claimed");
      },
    );

    story("of leavers: they lose the account, and their groups", async () => {
      ok(await world.call("PUT", `${at}/users/eve`, person("eve")));
      ok(await world.call("PUT", `${at}/groups/trio`, { name: "Trio", members: ["eve", "bo"] }));
      ok(await world.call("DELETE", "/users/eve"));
      expect(await world.isActive("eve")).toBe(undefined);
    });

    story("by itself: a change goes by stream, queue and worker to the provider", async () => {
      ok(await world.call("PATCH", "/users/bo", { jobTitle: "Cellist" }));
      ok(await world.call("PUT", "/users/cy", person("cy")));
      ok(await world.call("POST", "/groups/trio/members", { add: ["cy"], remove: ["bo"] }));
      await until(
        async () => (await world.isActive("cy")) === true && (await world.isActive("bo")) === undefined,
      );
      await world.cloud.settle();
      expect(await stateOf(`${at}/users/cy`)).toBe("in_sync");
      expect(await stateOf(`${at}/groups/trio`)).toBe("in_sync");
    });

    story("goes on after everything has stood still and connections were dropped", async () => {
      world.cloud.aws.dropIdleConnections();
      ok(await world.call("PUT", `${at}/users/cy`, person("cy", { jobTitle: "Violist" })));
      ok(await world.call("PATCH", "/users/cy", { jobTitle: "Cellist" }));
      await world.cloud.settle();
      expect(await stateOf(`${at}/users/cy`)).toBe("in_sync");
    });

    story("keeps the pace that a provider asks for, and tries again what failed", async () => {
      let refused = 0;
      world.provider.intercept = ({ method }) =>
        method === "POST" && refused++ < 1 ? { status: 429, headers: { "retry-after": "1" } } : undefined;
      ok(await world.call("PUT", `${at}/users/fay`, person("fay")));
      world.provider.intercept = ({ method }) => (method === "POST" ? { status: 400 } : undefined);
      expect((await world.call("PUT", `${at}/users/gil`, person("gil"))).status).toBe(502);
      const empty = { name: "Void", members: ["cy"] };
      expect((await world.call("PUT", `${at}/groups/void`, empty)).status).toBe(502);
      world.provider.intercept = undefined;
      const { items } = ok(await world.call("GET", `${at}/users?state=failed`));
      expect(items).toContainEqual(expect.objectContaining({ userId: "gil" }));
      const retried = await world.call(
        "POST",
        `${at}/retry`,
        { states: ["failed"] },
        { "idempotency-key": "retry" },
      );
      expect(retried).toMatchObject({ status: 202, body: { due: items.length + 1 } });
      const named = { userIds: ["gil"], groupIds: ["void"] };
      expect((await world.call("POST", `${at}/retry`, named)).status).toBe(202);
      await world.cloud.runSchedules();
      await until(async () => (await world.isActive("gil")) === true);
      await world.cloud.settle();
    });

    story("reads how all of it stands", async () => {
      expect(ok(await world.call("GET", `${at}/users`)).items.length).toBeGreaterThan(2);
      expect(ok(await world.call("GET", `${at}/groups`)).items).toContainEqual(
        expect.objectContaining({ groupId: "trio", state: "in_sync" }),
      );
      expect(ok(await world.call("GET", `${at}/groups?state=failed`)).items).toEqual([]);
      ok(await world.call("PUT", `${at}/users/hal`, person("hal", { manager: "cy" })));
      ok(await world.call("GET", `${at}/mapping`));
      expect(ok(await world.call("GET", `${at}/mapping?userId=hal`)).rows).toBeTruthy();
      expect(ok(await world.call("GET", "/users/cy")).integrations).toHaveLength(1);
      expect(ok(await world.call("GET", "/users/cy/applications")).items).toHaveLength(1);
      expect(ok(await world.call("GET", "/groups/trio")).integrations).toHaveLength(1);
      expect(ok(await world.call("GET", at)).provisioning).toBeTruthy();
      ok(await world.call("GET", "/overview"));
      ok(await world.call("GET", "/attention"));
    });

    story("leaves its events, found by every question", async () => {
      const { items } = ok(await world.call("GET", "/events?userId=cy"));
      const [event] = items as unknown as {
        id: string;
        correlation: { id: string };
        initiated_by: { id: string };
      }[];
      expect(ok(await world.call("GET", `/events/${event?.id}`))).toMatchObject({ id: event?.id });
      for (const query of [
        "",
        `?integrationId=${at.split("/").at(-1)}`,
        "?groupId=trio",
        "?eventType=idm_integration_activate",
        `?initiatedBy=${encodeURIComponent(world.cloud.callerWith("AdminPolicy").arn)}`,
        `?correlationId=${event?.correlation.id}`,
        "?success=false",
      ])
        expect({ query, found: ok(await world.call("GET", `/events${query}`)).items.length > 0 }).toEqual({
          query,
          found: true,
        });
    });
  });
