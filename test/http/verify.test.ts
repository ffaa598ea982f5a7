import { afterAll, beforeAll, expect, test } from "vitest";
import { startQuirky } from "../providers/quirky/quirky.ts";
import { useRun } from "./use-run.ts";

const run = useRun();
let provider: Awaited<ReturnType<typeof startQuirky>>;
beforeAll(async () => {
  provider = await startQuirky();
});
afterAll(() => provider?.close());

test("a user and a group are verified, and repaired, over the API", async () => {
  const activated = await run.call("POST", "/integrations", {
    application: { name: "Wiki" },
    baseUrl: provider.baseUrl,
    credentials: { type: "bearer", clientSecret: provider.token },
    policies: { verifyEvery: "12h" },
  });
  expect(activated.body).toMatchObject({ policies: { verifyEvery: "12h" } });
  const at = `/integrations/${activated.body.integrationId}`;
  const ada = { email: "ada@example.com", firstname: "Ada", lastname: "Lovelace" };
  expect((await run.call("PUT", `${at}/users/ada`, ada)).status).toBe(200);
  expect((await run.call("PUT", `${at}/groups/team`, { name: "team", members: ["ada"] })).status).toBe(200);

  const clean = { findings: [], state: "in_sync" };
  expect(await run.call("POST", `${at}/users/ada/verify`)).toMatchObject({ status: 200, body: clean });
  expect(await run.call("POST", `${at}/groups/team/verify`, {})).toMatchObject({ status: 200, body: clean });

  const [account] = await provider.users();
  const changed = await fetch(`${provider.baseUrl}/Users/${account?.id}`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${provider.token}`, "content-type": "application/scim+json" },
    body: JSON.stringify({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
      Operations: [{ op: "replace", path: "active", value: false }],
    }),
  });
  expect(changed.status).toBe(200);
  const seen = await run.call("POST", `${at}/users/ada/verify`);
  expect(seen).toMatchObject({
    status: 200,
    body: { findings: [{ finding: "inactive" }], state: "unconfirmed" },
  });
  const repaired = await run.call("POST", `${at}/users/ada/verify`, { repair: true });
  expect(repaired).toMatchObject({
    status: 200,
    body: { findings: [{ finding: "inactive", state: "repaired" }], state: "in_sync" },
  });
  expect((await provider.users()).map(({ active }) => active)).toEqual([true]);
  const [{ eventId }] = repaired.body.findings as [{ eventId: string }];
  const event = await run.call("GET", `/events/${eventId}`);
  expect(event.body).toMatchObject({ event_type: "user_update_provision", success: true });
});

test("what is not of it is refused", async () => {
  expect(await run.call("POST", "/integrations/none/users/ada/verify")).toMatchObject({ status: 404 });
  expect(await run.call("POST", "/integrations/none/users/ada/verify", { repair: 1 })).toMatchObject({
    status: 400,
    body: { code: "invalid-input" },
  });
});
