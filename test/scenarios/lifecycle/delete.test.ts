import { DescribeSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { expect, test } from "vitest";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import {
  eventTypesOf,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

test("a deleted integration leaves the provider as it is, refuses calls, and its secret is scheduled for deletion", async () => {
  const provider = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, provider);
  const { path, integrationId } = integration;
  const known = await givenProvisioned(usher, provider, integration);
  const group = await givenGroup(usher, provider, integration, [known.userId]);
  const before = [await provider.users(), await provider.groups()];

  const answer = await usher.call("DELETE", path);
  expect(answer.status).toBe(204);
  expect(answer.text).toBe("");
  expect(provider.requests).toEqual([]);
  expect([await provider.users(), await provider.groups()]).toEqual(before);
  expect((await usher.call("GET", path)).body).toMatchObject({ integrationId, status: "deleted" });

  const credentials = { type: "bearer", clientSecret: provider.token };
  const calls = [
    ["PATCH", path, { policies: { onUserDeleted: "delete" } }],
    ["POST", `${path}/reauth`, { credentials }],
    ["DELETE", path, undefined],
    ["PUT", known.path, undefined],
    ["DELETE", known.path, undefined],
    ["PUT", group.path, { name: "Other" }],
    ["POST", `${group.path}/members`, { remove: [known.userId] }],
    ["DELETE", group.path, undefined],
  ] as const;
  for (const [method, at, body] of calls) {
    const refused = await usher.call(method, at, body);
    expect([method, at, refused.status, refused.body.code]).toEqual([
      method,
      at,
      409,
      "integration-not-active",
    ]);
  }
  expect(provider.requests).toEqual([]);
  expect(await eventTypesOf(usher, `integrationId=${integrationId}`)).toEqual([
    "idm_integration_activate",
    "user_create_provision",
    "group_create_provision",
    "idm_integration_delete",
  ]);
  expect((await usher.call("GET", `/users/${known.userId}`)).body.integrations).toEqual([]);

  const client = new SecretsManagerClient({});
  const SecretId = `usher/integrations/${integrationId}`;
  const { DeletedDate } = await client.send(new DescribeSecretCommand({ SecretId }));
  client.destroy();
  expect(DeletedDate?.getTime()).toBeGreaterThan(Date.now() - 60_000);
});

test("an integration that needs reauth can be deleted", async () => {
  const provider = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, provider);
  const known = await givenProvisioned(usher, provider, integration);
  provider.setToken("another");
  await usher.call("PUT", known.path, { ...known.user, jobTitle: "Engineer" });
  expect((await usher.call("DELETE", integration.path)).status).toBe(204);
});

test("lists leave deleted integrations out unless they are asked for, and filter by label and status", async () => {
  const provider = await givenProvider(startStrongDm);
  const label = (displayLabel: string) => ({ application: { name: "Listed", displayLabel } });
  const first = await givenIntegration(usher, provider, label("listed one"));
  const second = await givenIntegration(usher, provider, label("listed two"));
  const third = await givenIntegration(usher, provider, label("listed two"));
  await usher.call("DELETE", third.path);
  const idsOf = async (query: string) =>
    (await usher.call("GET", `/integrations?${query}`)).body.items.map(({ integrationId }) => integrationId);

  expect(await idsOf("limit=500")).toEqual(
    expect.arrayContaining([first.integrationId, second.integrationId]),
  );
  expect(await idsOf("limit=500")).not.toContain(third.integrationId);
  expect(await idsOf("displayLabel=listed%20two")).toEqual([second.integrationId]);
  expect(await idsOf("status=deleted&displayLabel=listed+two")).toEqual([third.integrationId]);
  expect(await idsOf("status=active&displayLabel=listed+one")).toEqual([first.integrationId]);
  expect(await idsOf("displayLabel=nobody")).toEqual([]);
});

test("a list comes in pages that together hold each integration once", async () => {
  const provider = await givenProvider(startStrongDm);
  for (let at = 0; at < 3; at += 1) {
    await givenIntegration(usher, provider, { application: { name: "Paged", displayLabel: "paged" } });
  }
  const seen: string[] = [];
  let cursor = "";
  do {
    const { body } = await usher.call("GET", `/integrations?displayLabel=paged&limit=2${cursor}`);
    expect(body.items.length).toBeLessThanOrEqual(2);
    seen.push(...body.items.map(({ integrationId }) => integrationId));
    cursor = body.nextCursor === undefined ? "" : `&cursor=${encodeURIComponent(body.nextCursor)}`;
  } while (cursor !== "");
  expect(new Set(seen).size).toBe(3);
  expect(seen).toHaveLength(3);

  for (const query of [
    "cursor=nonsense",
    "limit=0",
    "limit=501",
    "limit=ten",
    "status=unknown",
    "color=red",
  ]) {
    const answer = await usher.call("GET", `/integrations?${query}`);
    expect([query, answer.status]).toEqual([query, 400]);
  }
});
