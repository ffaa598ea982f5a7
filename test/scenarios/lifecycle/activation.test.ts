import { ListSecretsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { describe, expect, test, vi } from "vitest";
import { startBetterAuth } from "../../providers/better-auth.ts";
import { startScimmy } from "../../providers/scimmy.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import {
  activation,
  detailsOf,
  eventsOf,
  givenIntegration,
  givenProvider,
  requestLines,
  scimError,
  useUsher,
  writes,
} from "../../support/steps.ts";

// No test asks the vendor's own host: its name leads to an address that is refused.
vi.mock("node:dns", async (original) => ({
  ...(await original<typeof import("node:dns")>()),
  lookup: (_: string, __: object, done: (error: null, addresses: object[]) => void) =>
    done(null, [{ address: "10.20.30.40", family: 4 }]),
}));

const usher = useUsher();

const secretNames = async (): Promise<string[]> => {
  const client = new SecretsManagerClient({});
  const { SecretList = [] } = await client.send(new ListSecretsCommand({ MaxResults: 100 }));
  client.destroy();
  return SecretList.map(({ Name = "" }) => Name);
};

describe.each([
  ["strongDM", startStrongDm, "strongdm"],
  ["SCIMMY", startScimmy, "generic"],
  ["better-auth", startBetterAuth, "generic"],
] as const)("activation with %s", (_, start, profile) => {
  test("a read test looks up one user and one group that cannot exist, and writes nothing", async () => {
    const provider = await givenProvider(start);
    const answer = await usher.call("POST", "/integrations", activation(provider, { profile }));
    expect(answer.status).toBe(201);
    expect(answer.headers.get("location")).toBe(`/integrations/${answer.body.integrationId}`);
    expect(answer.headers.get("etag")).toMatch(/^".+"$/);
    expect(answer.body).toMatchObject({
      status: "active",
      profile,
      baseUrl: provider.baseUrl,
      groupsEnabled: true,
      policies: {
        onUserUnassigned: "deprovision",
        onUserDeleted: "delete",
        guard: { users: 10, percent: 10, most: 50 },
      },
      attributeMappings: [],
      capabilities: expect.any(Object),
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    expect(answer.body.credentials).toEqual({ type: "bearer" });

    expect(requestLines(provider).toSorted()).toEqual([
      "GET /Groups",
      "GET /ServiceProviderConfig",
      "GET /Users",
    ]);
    const [users, groups] = ["/Users", "/Groups"].map((path) =>
      new URLSearchParams(provider.requests.find((request) => request.path === path)?.query).get("filter"),
    );
    expect(users).toMatch(/^userName eq "[^"]+@example\.invalid"$/);
    expect(groups).toMatch(/^displayName eq "[^"]+"$/);
    expect(await provider.users()).toEqual([]);
    expect(await provider.groups()).toEqual([]);
  });

  test("a write test creates a user and a group and removes both", async () => {
    const provider = await givenProvider(start);
    const test = { mode: "write", userEmail: "Probe@Example.com" };
    const answer = await usher.call("POST", "/integrations", activation(provider, { profile, test }));
    expect(answer.status).toBe(201);
    expect(answer.body.leftovers).toBeUndefined();
    expect(writes(provider).map(({ method, path }) => `${method} ${path.split("/")[1]}`)).toEqual([
      "POST Users",
      "DELETE Users",
      "POST Groups",
      "DELETE Groups",
    ]);
    expect(await provider.users()).toEqual([]);
    expect(await provider.groups()).toEqual([]);
  });

  test("a wrong token leaves an event, and neither integration nor secret", async () => {
    const provider = await givenProvider(start);
    const before = await secretNames();
    const credentials = { type: "bearer", clientId: "the-client", clientSecret: "not-the-token" };
    const answer = await usher.call("POST", "/integrations", activation(provider, { profile, credentials }));
    expect(answer.status).toBe(422);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.body).toMatchObject({ code: "activation-test-failed", eventId: expect.any(String) });

    const event = (await usher.call("GET", `/events/${answer.body.eventId}`)).body;
    expect(event).toMatchObject({
      event_type: "idm_integration_activate",
      success: false,
      error_message: expect.any(String),
      message_chain: { response_code: 401 },
      resource: { type: "application", name: "Test application" },
    });
    expect(event.changes).toContainEqual({ field: "token" });
    expect((await usher.call("GET", `/integrations/${event.idm_client_id}`)).status).toBe(404);
    expect(await secretNames()).toEqual(before);
    expect(writes(provider)).toEqual([]);
  });
});

test("a successful activation has an event of its own", async () => {
  const { integrationId } = await givenIntegration(usher, await givenProvider(startStrongDm));
  const [event, ...others] = await eventsOf(usher, `integrationId=${integrationId}`);
  expect(others).toEqual([]);
  expect(event).toMatchObject({
    event_type: "idm_integration_activate",
    success: true,
    idm_client_id: integrationId,
    resource: { type: "application", id: integrationId },
    message_chain: { response_code: 200 },
  });
});

test("without groups no group is looked up", async () => {
  const provider = await givenProvider(startStrongDm);
  const answer = await usher.call("POST", "/integrations", activation(provider, { groupsEnabled: false }));
  expect(answer.body).toMatchObject({ groupsEnabled: false, capabilities: { groups: false } });
  expect(requestLines(provider)).not.toContain("GET /Groups");
});

test("what a write test could not remove is named in the answer and the event", async () => {
  const provider = await givenProvider(startStrongDm);
  provider.intercept = ({ method }) => (method === "DELETE" ? scimError(405, "No deletes here.") : undefined);
  const test = { mode: "write", userEmail: "probe@example.com" };
  const answer = await usher.call("POST", "/integrations", activation(provider, { test }));
  expect(answer.status).toBe(201);

  const [user] = await provider.users();
  const [group] = await provider.groups();
  expect(user).toMatchObject({ userName: "probe@example.com", active: false });
  const leftovers = answer.body.leftovers as string[];
  expect(leftovers).toHaveLength(2);
  expect(leftovers[0]).toContain(user?.id);
  expect(leftovers[1]).toContain(group?.id);
  const [event] = await eventsOf(usher, `integrationId=${answer.body.integrationId}`);
  for (const leftover of leftovers) expect(detailsOf(event)).toContain(leftover);
});

test("a write test that fails half-way removes what it made", async () => {
  const provider = await givenProvider(startStrongDm);
  provider.intercept = ({ method, path }) =>
    method === "POST" && path === "/Groups" ? scimError(403, "Groups are read-only.") : undefined;
  const test = { mode: "write", userEmail: "probe@example.com" };
  const answer = await usher.call("POST", "/integrations", activation(provider, { test }));
  expect(answer.status).toBe(422);
  expect(answer.body).toMatchObject({
    code: "activation-test-failed",
    detail: expect.stringContaining("Groups are read-only."),
  });
  expect(await provider.users()).toEqual([]);
});

test("a write test never touches an account that is there already", async () => {
  const provider = await givenProvider(startStrongDm);
  const { path } = await givenIntegration(usher, provider);
  await usher.call("PUT", `${path}/users/owner`, {
    email: "owner@example.com",
    firstname: "O",
    lastname: "W",
  });
  const before = await provider.users();
  const test = { mode: "write", userEmail: "owner@example.com" };
  const answer = await usher.call("POST", "/integrations", activation(provider, { test }));
  expect(answer.status).toBe(422);
  expect(answer.body).toMatchObject({ code: "activation-test-failed" });
  expect(await provider.users()).toEqual(before);
});

test("a profile with a base URL needs none, and a generic one does", async () => {
  const { baseUrl: _, ...withoutUrl } = activation(await givenProvider(startStrongDm));
  const generic = await usher.call("POST", "/integrations", { ...withoutUrl, profile: "generic" });
  expect(generic.status).toBe(400);
  expect(generic.body).toMatchObject({ code: "invalid-input", errors: [{ path: "baseUrl" }] });

  const strongdm = await usher.call("POST", "/integrations", withoutUrl);
  expect(strongdm.status).toBe(422);
  const event = (await usher.call("GET", `/events/${strongdm.body.eventId}`)).body;
  expect(event.changes).toContainEqual({
    field: "baseUrl",
    to: "https://app.strongdm.com/provisioning/generic/v2",
  });
});
