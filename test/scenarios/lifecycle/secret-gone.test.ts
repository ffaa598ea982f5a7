import { DeleteSecretCommand } from "@aws-sdk/client-secrets-manager";
import { expect, onTestFinished, test } from "vitest";
import { createSecretsClient } from "../../../shared/aws/secrets/secrets-client.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import { until } from "../../support/quick-time.ts";
import {
  aPerson,
  eventsOf,
  eventTypesOf,
  expectOk,
  forget,
  givenIntegration,
  givenProvider,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

/** Deleted by hand in Secrets Manager, at once or with a window in which it can be restored. */
const deleteSecret = async (integrationId: string, isAtOnce: boolean): Promise<void> => {
  const client = createSecretsClient();
  onTestFinished(() => client.destroy());
  const SecretId = `${process.env.SECRET_PREFIX}${integrationId}`;
  await client.send(
    new DeleteSecretCommand({ SecretId, ...(isAtOnce && { ForceDeleteWithoutRecovery: true }) }),
  );
};
const given = async (isAtOnce: boolean) => {
  const provider = await givenProvider(startStrongDm);
  const integration = await givenIntegration(usher, provider);
  await deleteSecret(integration.integrationId, isAtOnce);
  forget(provider);
  return { provider, ...integration, ...aPerson() };
};
const statusOf = async (path: string) => (await usher.call("GET", path)).body.status;

const kinds = [
  ["deleted", true],
  ["scheduled for deletion", false],
] as const;

test.each(kinds)(
  "a secret that is %s makes the integration wait for reauth, which brings the work back",
  async (_, isAtOnce) => {
    const { provider, integrationId, path, userId, user } = await given(isAtOnce);
    for (const [method, at, body] of [
      ["PUT", `${path}/users/${userId}`, user],
      ["PUT", `${path}/groups/g-${userId}`, { name: "G", members: [userId] }],
    ] as const) {
      const answer = await usher.call(method, at, body);
      expect([answer.status, answer.body.state]).toEqual([202, "pending"]);
      expect(answer.body.reason).toContain(integrationId);
    }
    expect(await statusOf(path)).toBe("needs_reauth");
    expect(provider.requests).toEqual([]);
    expect(await eventTypesOf(usher, `integrationId=${integrationId}`)).toEqual(["idm_integration_activate"]);

    const credentials = { type: "bearer", clientSecret: provider.token };
    expectOk(await usher.call("POST", `${path}/reauth`, { credentials }));
    expect(await statusOf(path)).toBe("active");
    // The worker that it wakes may have come first.
    await until(
      async () => (await usher.call("PUT", `${path}/users/${userId}`, user)).body.state === "in_sync",
    );
    expect((await provider.users()).map(({ active }) => active)).toEqual([true]);
  },
);

test.each(kinds)("new credentials of an update bring back a secret that is %s", async (_, isAtOnce) => {
  const { provider, path, userId, user } = await given(isAtOnce);
  const credentials = { type: "bearer", clientSecret: provider.token };
  expect(expectOk(await usher.call("PATCH", path, { credentials })).body.status).toBe("active");
  const { body } = expectOk(await usher.call("PUT", `${path}/users/${userId}`, user));
  expect(body).toMatchObject({ action: "created", state: "in_sync" });
});

test("an update that has to be tested with a secret that is gone fails with an event, and waits for reauth", async () => {
  const { provider, integrationId, path } = await given(true);
  const { status, body } = await usher.call("PATCH", path, { groupsEnabled: false });
  expect([status, body.code]).toEqual([409, "integration-needs-reauth"]);
  expect((await usher.call("GET", path)).body).toMatchObject({ status: "needs_reauth", groupsEnabled: true });
  expect(provider.requests).toEqual([]);
  const event = (await eventsOf(usher, `integrationId=${integrationId}`)).at(-1);
  expect(event).toMatchObject({ id: body.eventId, event_type: "idm_integration_update", success: false });
});

test("an integration whose secret is gone can be deleted", async () => {
  const { path } = await given(true);
  expect((await usher.call("DELETE", path)).status).toBe(204);
  expect(await statusOf(path)).toBe("deleted");
});

test.each(kinds)(
  "a secret that is %s is what the test of the integration says, and nothing more",
  async (_, isAtOnce) => {
    const { provider, path } = await given(isAtOnce);
    const { status, body } = await usher.call("POST", `${path}/test`);
    expect(status).toBe(200);
    expect(body).toEqual({
      ok: false,
      checks: [
        { name: "secret", ok: false, detail: expect.stringMatching(/gone.+reauth/), ms: expect.any(Number) },
      ],
    });
    expect(provider.requests).toEqual([]);
    expect(await statusOf(path)).toBe("active");
  },
);
