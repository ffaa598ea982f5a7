import { describe, expect } from "vitest";
import { type Call, ok } from "../calls.ts";
import { person, story, type World } from "../world.ts";

export const scimStories = (world: World) =>
  describe("SCIM in", () => {
    let sourceId = "";
    let scim: Call;

    story("is open where it says what is served, and closed without a token of a source", async () => {
      const made = ok(await world.call("POST", "/sources", { name: "Entra", kind: "entra" }));
      sourceId = String(made.sourceId);
      scim = scimCalls(world, String(made.token));
      const open = await fetch(`${world.cloud.url}/scim/v2/ServiceProviderConfig`);
      expect(open.status).toBe(200);
      const closed = await fetch(`${world.cloud.url}/scim/v2/Users`);
      expect(closed.status).toBe(401);
      expect(closed.headers.get("content-type")).toBe("application/scim+json");
      expect((await scim("GET", "/nowhere")).body).toMatchObject({ status: "404" });
    });

    story("makes, finds, changes and closes users", async () => {
      const userName = "scim.one@example.com";
      const emails = [{ value: userName, type: "work", primary: true }];
      const { id } = ok(await scim("POST", "/Users", { userName, externalId: "e-1", emails }));
      expect((await scim("POST", "/Users", { userName })).status).toBe(409);
      for (const filter of [
        `userName eq "${userName}"`,
        'externalId eq "e-1"',
        `emails.value eq "${userName}"`,
        "active eq true",
      ])
        expect(ok(await scim("GET", `/Users?filter=${encodeURIComponent(filter)}`)).totalResults).toBe(1);
      expect((await scim("POST", "/Users", { userName: "other", externalId: "e-1" })).status).toBe(409);
      expect(ok(await world.call("GET", `/sources/${sourceId}/conflicts`)).items).toHaveLength(1);
      ok(await scim("PUT", `/Users/${id}`, { userName: "scim.renamed@example.com" }));
      const close = { Operations: [{ op: "Replace", path: "active", value: "False" }] };
      expect(ok(await scim("PATCH", `/Users/${id}`, close))).toMatchObject({ active: false });
      expect(ok(await scim("GET", "/Users?cursor=")).Resources).toHaveLength(1);
      expect(ok(await world.call("GET", `/sources/${sourceId}`))).toMatchObject({ counts: { users: 1 } });
    });

    story("fills groups, also with members who come later", async () => {
      const one = ok(await scim("POST", "/Users", { userName: "member@example.com" })).id;
      const members = [{ value: one }, { value: "latecomer" }, { value: "adoptee" }];
      const { id } = ok(
        await scim("POST", "/Groups", { displayName: "Readers", externalId: "g-1", members }),
      );
      ok(await world.call("PUT", "/users/latecomer", person("latecomer")));
      ok(await scim("POST", "/Users", { userName: "latecomer@example.com" }));
      ok(await world.call("PUT", "/users/adoptee", person("adoptee")));
      ok(await world.call("POST", `/sources/${sourceId}/adopt`, { userIds: ["adoptee"] }));
      expect(ok(await scim("GET", `/Groups/${id}`)).members).toHaveLength(3);
      const integrationId = await world.activate();
      await world.call("PUT", `/integrations/${integrationId}/groups/${id}`);
      const remove = { Operations: [{ op: "remove", path: `members[value eq "${one}"]` }] };
      ok(await scim("PATCH", `/Groups/${id}`, remove));
      for (const filter of [
        'displayName eq "readers"',
        'externalId eq "g-1"',
        'members.value eq "latecomer"',
      ])
        expect(ok(await scim("GET", `/Groups?filter=${encodeURIComponent(filter)}`)).totalResults).toBe(1);
      ok(await scim("PUT", `/Groups/${id}`, { displayName: "Writers", members: [{ value: one }] }));
      ok(await scim("DELETE", `/Users/${one}`));
      ok(await scim("DELETE", `/Groups/${id}`));
      ok(await world.call("DELETE", `/integrations/${integrationId}`));
      expect((await scim("GET", `/Groups/${id}`)).status).toBe(404);
    });
  });

/** As an identity provider calls, with the token of a source. */
const scimCalls =
  ({ cloud }: World, token: string): Call =>
  async (method, path, body) => {
    const answer = await fetch(`${cloud.url}/scim/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      body: text === "" ? {} : JSON.parse(text),
    };
  };
