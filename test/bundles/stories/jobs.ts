import { describe, expect } from "vitest";
import { addPerson, patchOp, call as scim } from "../../providers/call.ts";
import { type Body, ok, until } from "../calls.ts";
import { person, story, type World } from "../world.ts";

export const jobStories = (world: World) =>
  describe("jobs on all of an integration", () => {
    let at = "";
    const begin = async (path: string, body: object) => {
      const answer = await world.call("POST", `${at}${path}`, body, {
        "idempotency-key": crypto.randomUUID(),
      });
      expect(answer).toMatchObject({ status: 202 });
      return answer.headers.get("location") ?? "";
    };
    /** As it stands once the workers have come to its end. */
    const ended = async (location: string): Promise<Body> => {
      await world.cloud.settle();
      return ok(await world.call("GET", location));
    };

    story("a plan is made, looked at and applied", async () => {
      at = `/integrations/${await world.activate({ paused: true })}`;
      for (const userId of ["ivo", "jan"]) ok(await world.call("PUT", `/users/${userId}`, person(userId)));
      ok(await world.call("PUT", "/groups/crew", { name: "Crew", members: ["ivo", "jan"] }));
      expect((await world.call("PUT", `${at}/groups/crew`)).status).toBe(202);
      const plan = await begin("/syncs", { mode: "plan" });
      expect(await ended(plan)).toMatchObject({ status: "ready" });
      expect(ok(await world.call("GET", `${plan}/items?action=created`)).items.length).toBeGreaterThan(1);
      expect(ok(await world.call("GET", `${at}/syncs`)).items).toHaveLength(1);
      ok(await world.call("POST", `${at}/resume`));
      await world.cloud.runSchedules();
      await world.cloud.settle();
      const stale = await world.call("POST", `${plan}/apply`, {}, { "idempotency-key": "apply-stale" });
      expect(stale).toMatchObject({ status: 409, body: { code: "plan-stale" } });
    });

    story("what was changed at the provider is found, planned and repaired", async () => {
      const [ivo] = (await world.provider.users()).filter(({ userName }) => userName === "ivo@example.com");
      const [crew] = (await world.provider.groups()).filter(({ displayName }) => displayName === "Crew");
      const otherName = patchOp({ op: "replace", path: "name.givenName", value: "Otto" });
      expect((await scim(world.provider, "PATCH", `/Users/${ivo?.id}`, otherName)).text).toContain("Otto");
      expect(await ended(await begin("/syncs", { mode: "verify" }))).toMatchObject({ status: "ready" });
      const found = await begin("/syncs", { mode: "verify", repair: true });
      await ended(found);
      expect(ok(await world.call("GET", `${found}/items?finding=changed`)).items).toHaveLength(1);
      await scim(world.provider, "PATCH", `/Users/${ivo?.id}`, otherName);
      await scim(world.provider, "PATCH", `/Groups/${crew?.id}`, patchOp({ op: "remove", path: "members" }));
      for (const path of ["users/ivo", "groups/crew"]) {
        const once = { "idempotency-key": crypto.randomUUID() };
        const { findings } = ok(await world.call("POST", `${at}/${path}/verify`, { repair: true }, once));
        expect(findings).toContainEqual(expect.objectContaining({ state: "repaired" }));
      }
      const sync = await begin("/syncs", { mode: "apply" });
      expect(await ended(sync)).toMatchObject({ status: "applied" });
    });

    story("a plan of what nobody sends by itself is carried out", async () => {
      ok(await world.call("PATCH", at, { attributeMappings: [{ target: "title", constant: "Hand" }] }));
      const plan = await begin("/syncs", { mode: "plan" });
      expect(await ended(plan)).toMatchObject({ status: "ready" });
      await begin(`${plan.slice(at.length)}/apply`, {});
      expect(await ended(plan)).toMatchObject({ status: "applied" });
    });

    story("accounts are scanned, listed and imported", async () => {
      for (const [first, last] of [
        ["Lou", "Ray"],
        ["Mia", "Sol"],
      ] as const)
        await addPerson(world.provider, first, last);
      await ended(await begin("/import/scans", {}));
      for (const query of ["", "?show=new", "?sort=lastname&sortOrder=desc", "?query=sol"])
        expect(ok(await world.call("GET", `${at}/import/users${query}`)).items.length).toBeGreaterThan(0);
      ok(await world.call("PUT", "/groups/newcomers", { name: "Newcomers" }));
      const job = await begin("/import/jobs", { allNew: true, groupId: "newcomers" });
      expect(await ended(job)).toMatchObject({ status: "done" });
      expect(ok(await world.call("GET", `${job}/rows`)).items.length).toBeGreaterThan(1);
      const kinds = ok(await world.call("GET", `${at}/import/jobs`)).items.map(({ kind }) => kind);
      expect(kinds).toEqual(["import", "scan"]);
    });

    story("a job is called off", async () => {
      for (const [path, body] of [
        ["/syncs", { mode: "plan" }],
        ["/import/scans", {}],
      ] as const) {
        const location = await begin(path, body);
        ok(await world.call("POST", `${location}/cancel`, undefined, { "idempotency-key": location }));
        expect((await ended(location)).status).not.toBe("running");
      }
    });

    story("a verification begins by itself where the policy says so", async () => {
      ok(await world.call("PATCH", at, { policies: { verifyEvery: "1s" } }));
      const since = new Date().toISOString();
      await until(async () => {
        await world.cloud.runSchedules();
        await world.cloud.settle();
        const { items } = ok(await world.call("GET", `${at}/syncs`));
        return items.some(
          ({ mode, status, requestedAt }) =>
            mode === "verify" && status === "ready" && String(requestedAt) > since,
        );
      });
      ok(await world.call("DELETE", at));
    });
  });
