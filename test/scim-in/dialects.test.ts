import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestProvider } from "../providers/provider.ts";
import { startScimmy } from "../providers/scimmy.ts";
import { aUser, enterpriseUrn, groupUrn, patch, type SourceAt, useScim } from "./use-scim.ts";

/** What each identity provider sends, from its request to the directory and on to a provider that is bound. */
const usher = useScim();
let provider: TestProvider;
let integrationId: string;

beforeAll(async () => {
  provider = await startScimmy();
  const { body } = await usher.call("POST", "/integrations", {
    application: { name: "App" },
    baseUrl: provider.baseUrl,
    credentials: { type: "bearer", clientSecret: provider.token },
  });
  integrationId = body.integrationId;
});
afterAll(() => provider?.close());

const accountOf = async (userName: string) =>
  (await provider.users()).find((one) => one.userName === userName.toLowerCase());
const isOpen = async (userName: string) => (await accountOf(userName))?.active;
const areOpen = async (userNames: string[]) => (await Promise.all(userNames.map(isOpen))).every(Boolean);
const eventually = (look: () => unknown) => expect.poll(look, { timeout: 15_000, interval: 50 });

/** A user of a source in a group of it that is bound. */
const given = async (kind: string, more: object = {}) => {
  const source = await usher.newSource({ kind });
  const user = aUser(more);
  const made = await source.scim("POST", "/Users", user);
  expect(made.status).toBe(201);
  const displayName = `${kind} ${made.body.id}`;
  const group = await source.scim("POST", "/Groups", { schemas: [groupUrn], displayName });
  const bound = await usher.call("PUT", `/integrations/${integrationId}/groups/${group.body.id}`);
  expect(bound.status).toBe(200);
  return { source, user, id: made.body.id as string, groupId: group.body.id as string };
};
type Given = Awaited<ReturnType<typeof given>>;

const join = async ({ source, groupId, id }: Given, operation: object) => {
  const answer = await source.scim("PATCH", `/Groups/${groupId}`, patch(operation));
  expect(answer.status).toBe(204);
  expect((await source.scim("GET", `/Groups/${groupId}`)).body.members).toMatchObject([{ value: id }]);
};

const closes: [string, string, (source: SourceAt, one: Given) => Promise<unknown>][] = [
  [
    "Okta's private apps: GET, then PUT of the whole resource",
    "okta",
    async (source, { id }) => {
      const { body } = await source.scim("GET", `/Users/${id}`);
      return source.scim("PUT", `/Users/${id}`, { ...body, active: false });
    },
  ],
  [
    "Okta's integration network: a value without a path",
    "okta",
    (source, { id }) =>
      source.scim("PATCH", `/Users/${id}`, patch({ op: "replace", value: { active: false } })),
  ],
  [
    "Entra without its flag: a text, capital",
    "entra",
    (source, { id }) =>
      source.scim("PATCH", `/Users/${id}`, patch({ op: "Replace", path: "active", value: "False" })),
  ],
  [
    "Entra with its flag: dotted and qualified keys",
    "entra",
    (source, { id }) =>
      source.scim(
        "PATCH",
        `/Users/${id}?aadOptscim062020`,
        patch({
          op: "replace",
          value: { active: false, "name.givenName": "Augusta", [`${enterpriseUrn}:department`]: "R&D" },
        }),
      ),
  ],
  [
    "JumpCloud: PUT",
    "jumpcloud",
    (source, { id, user }) => source.scim("PUT", `/Users/${id}`, { ...user, active: false }),
  ],
  [
    "OneLogin: PATCH with a path, and no name of its own",
    "generic",
    (source, { id }) =>
      source.scim("PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: false }), {
        "user-agent": "",
      }),
  ],
  ["Google: DELETE of who is active", "google", (source, { id }) => source.scim("DELETE", `/Users/${id}`)],
];

describe.each(closes)("%s", (_, kind, close) => {
  test("gives an account and takes it away, and each step is an event that names the source's request", async () => {
    const one = await given(kind);
    const { source, id, user } = one;
    await join(one, { op: "Add", path: "members", value: [{ value: id }] });
    await eventually(() => isOpen(user.userName)).toBe(true);
    const closed = (await close(source, one)) as { status: number; headers: Headers };
    expect([200, 204]).toContain(closed.status);
    await eventually(() => isOpen(user.userName)).toBe(false);
    await eventually(async () =>
      (await usher.eventsOf(`userId=${id}`)).map((event) => event.event_type),
    ).toContain("user_deprovision");
    const events = await usher.eventsOf(`userId=${id}&order=asc`);
    const gone = events.find((event) => event.event_type === "user_deprovision");
    expect(gone.correlation.id).toBe(closed.headers.get("x-correlation-id"));
    expect(gone.requested_by).toMatchObject({ type: "source", id: source.sourceId });
    expect(Date.parse(gone.requested_at)).toBeLessThanOrEqual(Date.parse(gone.timestamp));
  });
});

test("Entra changes what its filtered paths name, makes what is not there, and sets a manager as a bare id", async () => {
  const source = await usher.newSource({ kind: "entra" });
  const boss = (await source.scim("POST", "/Users", aUser())).body.id;
  const { body } = await source.scim("POST", "/Users", aUser({ roles: [], meta: { resourceType: "User" } }));
  const path = `/Users/${body.id}`;
  const changed = await source.scim(
    "PATCH",
    path,
    patch(
      { op: "Replace", path: 'emails[type eq "work"].value', value: "new@example.com" },
      { op: "Add", path: 'phoneNumbers[type eq "mobile"].value', value: "+1 555 0100" },
      { op: "Add", path: 'addresses[type eq "work"].postalCode', value: "80301" },
      { op: "Add", path: `${enterpriseUrn}:manager`, value: boss },
    ),
  );
  expect(changed.body).toMatchObject({
    emails: [{ type: "work", value: "new@example.com" }],
    phoneNumbers: [{ type: "mobile", value: "+1 555 0100" }],
    addresses: [{ type: "work", postalCode: "80301" }],
    [enterpriseUrn]: { manager: { value: boss } },
  });
  expect((await usher.call("GET", `/users/${body.id}`)).body).toMatchObject({
    email: "new@example.com",
    manager: boss,
  });
  const cleared = await source.scim(
    "PATCH",
    path,
    patch({ op: "Replace", path: `${enterpriseUrn}:manager`, value: "" }),
  );
  expect(cleared.body[enterpriseUrn]).toBeUndefined();
});

test("authentik finds by its 409 whom it has made before, and sends the whole group without a path", async () => {
  const { source, user, id, groupId } = await given("generic");
  expect((await source.scim("POST", "/Users", user)).status).toBe(409);
  const filter = encodeURIComponent(`userName eq "${user.userName}"`);
  expect((await source.scim("GET", `/Users?filter=${filter}`)).body.Resources).toMatchObject([{ id }]);
  const group = {
    id: groupId,
    schemas: [groupUrn],
    displayName: `Renamed ${groupId}`,
    externalId: groupId,
    members: null,
  };
  expect(
    (await source.scim("PATCH", `/Groups/${groupId}`, patch({ op: "replace", value: group }))).status,
  ).toBe(204);
  await join({ source, user, id, groupId }, { op: "add", path: "members", value: [{ value: id }] });
  await eventually(async () => (await provider.groups()).map(({ displayName }) => displayName)).toContain(
    `Renamed ${groupId}`,
  );
});

test("a whole list that takes everybody away is answered as done, and held on its way out", async () => {
  const source = await usher.newSource({ kind: "okta" });
  const ids: string[] = [];
  for (let at = 0; at < 12; at += 1) ids.push((await source.scim("POST", "/Users", aUser())).body.id);
  const members = ids.map((value) => ({ value }));
  const { body } = await source.scim("POST", "/Groups", { displayName: `All ${ids[0]}`, members });
  await usher.call("PUT", `/integrations/${integrationId}/groups/${body.id}`);
  const nameOf = async (id: string) => (await source.scim("GET", `/Users/${id}`)).body.userName;
  const names = await Promise.all(ids.map(nameOf));
  await eventually(() => areOpen(names)).toBe(true);
  const emptied = patch({ op: "replace", path: "members", value: [] });
  expect((await source.scim("PATCH", `/Groups/${body.id}`, emptied)).status).toBe(204);
  await eventually(
    async () => (await usher.call("GET", `/integrations/${integrationId}/holds`)).body.items.length,
  ).toBeGreaterThan(0);
  expect(await areOpen(names)).toBe(true);
});
