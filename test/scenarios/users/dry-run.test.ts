import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { describe, expect, test, vi } from "vitest";
import { endpoints } from "../../../functions/index.ts";
import { startScimmy } from "../../providers/scimmy.ts";
import {
  aPerson,
  everyEventOf,
  expectOk,
  forget,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  givenSaved,
  requestLines,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();
const toTables = vi.spyOn(DynamoDBClient.prototype, "send");
const toSecrets = vi.spyOn(SecretsManagerClient.prototype, "send");

const given = async () => {
  const provider = await givenProvider(startScimmy);
  const integration = await givenIntegration(usher, provider);
  const person = await givenProvisioned(usher, provider, integration);
  const group = await givenGroup(usher, provider, integration, [person.userId]);
  return { provider, integration, ...person, group };
};
type Given = Awaited<ReturnType<typeof given>>;

/** A call of each route that can be made dry, with what it needs. */
const calls: Record<string, (at: Given) => [path: string, body?: object]> = {
  "save-user": ({ userId, user }) => [`/users/${userId}`, { ...user, jobTitle: "Countess" }],
  "patch-user": ({ userId }) => [`/users/${userId}`, { jobTitle: "Countess" }],
  "delete-user": ({ userId }) => [`/users/${userId}`],
  "lock-user": ({ userId }) => [`/users/${userId}/lock`, { reason: "stolen laptop" }],
  "unlock-user": ({ userId }) => [`/users/${userId}/unlock`],
  "save-group": ({ group }) => [`/groups/${group.groupId}`, { name: "Renamed", members: [] }],
  "change-saved-members": ({ group, userId }) => [`/groups/${group.groupId}/members`, { remove: [userId] }],
  "delete-group": ({ group }) => [`/groups/${group.groupId}`],
  "provision-user": ({ path, user }) => [path, { ...user, jobTitle: "Countess" }],
  "deprovision-user": ({ path }) => [path],
  "end-exclusion": ({ path }) => [`${path}/exclusion`],
  "provision-group": ({ group }) => [group.path, { name: "Renamed", members: [] }],
  "change-group-members": ({ group, userId }) => [`${group.path}/members`, { remove: [userId] }],
  "unbind-group": ({ group }) => [group.path],
};
const methodOf = (name: string) => endpoints.find((endpoint) => endpoint.name === name)?.method ?? "";
const isWrite = ([command]: unknown[]) => !/^(Get|BatchGet|Query)/.test((command as object).constructor.name);

describe("a dry run", () => {
  test("is declared by every call on users, groups and members that changes something", () => {
    const declared = endpoints.filter(
      ({ query }) => query && "dryRun" in (query as { shape?: object } & object as { shape: object }).shape,
    );
    expect(declared.map(({ name }) => name).toSorted()).toEqual(Object.keys(calls).toSorted());
    const changing = endpoints.filter(
      ({ method, path }) =>
        method !== "GET" &&
        /^(\/integrations\/\{integrationId\})?\/(users|groups)\b/.test(path) &&
        // Without `repair` it looks alone, and says what a repair would send.
        !path.endsWith("/verify"),
    );
    expect(changing.map(({ name }) => name).toSorted()).toEqual(Object.keys(calls).toSorted());
  });

  test.each(Object.keys(calls))("of %s writes nothing, sends nothing, and leaves no event", async (name) => {
    const at = await given();
    const [path, body] = (calls[name] as (typeof calls)[string])(at);
    await usher.run.recover();
    forget(at.provider);
    const before = await everyEventOf(usher, "");
    toTables.mockClear();
    toSecrets.mockClear();
    const answer = expectOk(await usher.call(methodOf(name), `${path}?dryRun=true`, body));
    expect(toTables.mock.calls.filter(isWrite)).toEqual([]);
    expect(toSecrets.mock.calls).toEqual([]);
    expect(answer.body).toMatchObject({ dryRun: true, requestsTotal: expect.any(Number) });
    expect(JSON.stringify(answer.body)).not.toMatch(/"eventIds":\["/);
    expect(requestLines(at.provider)).toEqual([]);
    expect(await everyEventOf(usher, "")).toEqual(before);
  });
});

test("it tells the requests that the call then sends, with the ids that are known", async () => {
  const { provider, integration } = await given();
  const { userId, user } = aPerson();
  forget(provider);
  const path = `${integration.path}/users/${userId}`;
  const dry = expectOk(await usher.call("PUT", `${path}?dryRun=true`, user)).body;
  expect(dry).toMatchObject({
    action: "created",
    outcomes: ["created", "adopted"],
    remoteId: `{remoteId:${userId}}`,
    requestsTotal: 2,
  });
  expect((await usher.call("GET", `/users/${userId}`)).status).toBe(404);
  expectOk(await usher.call("PUT", path, user));
  const requests = dry.requests as unknown as { method: string; path: string; body?: unknown }[];
  expect(requestLines(provider)).toEqual(
    requests.map(({ method, path: at }) => `${method} ${at.split("?")[0]}`),
  );
  expect(provider.requests.at(-1)?.body).toEqual(requests.at(-1)?.body);
});

test("a paused integration is told as one, with what goes out once it is resumed", async () => {
  const { provider, integration, userId } = await given();
  expectOk(await usher.call("POST", `${integration.path}/pause`));
  forget(provider);
  const { body } = expectOk(
    await usher.call("PATCH", `/users/${userId}?dryRun=true`, { jobTitle: "Countess" }),
  );
  expect(body).toMatchObject({
    notActive: [{ integrationId: integration.integrationId, status: "paused" }],
    requests: [{ method: "PATCH" }],
  });
  expect(requestLines(provider)).toEqual([]);
});

test("what the call would refuse, a dry run refuses alike", async () => {
  const { integration } = await given();
  const { status, body } = await usher.call("PUT", `${integration.path}/users/nobody?dryRun=true`);
  expect([status, body.code]).toEqual([404, "not-found"]);
  const odd = await usher.call("PUT", `${integration.path}/users/nobody?dryRun=yes`);
  expect([odd.status, odd.body.code]).toEqual([400, "invalid-input"]);
});

test("a dry run uses up no Idempotency-Key", async () => {
  const { userId, path } = await given();
  const headers = { "idempotency-key": "one" };
  const dry = await usher.call("POST", `/users/${userId}/lock?dryRun=true`, { reason: "lost" }, headers);
  expect(dry.body).toMatchObject({ dryRun: true });
  const real = expectOk(await usher.call("POST", `/users/${userId}/lock`, { reason: "lost" }, headers));
  expect(real.body).not.toHaveProperty("dryRun");
  expect((await usher.call("GET", path)).body).toMatchObject({ active: false });
});

test("what a grace lets wait is told, with when it goes out", async () => {
  const provider = await givenProvider(startScimmy);
  const integration = await givenIntegration(usher, provider);
  const [userId = ""] = await givenSaved(usher, 1);
  const { groupId } = await givenGroup(usher, provider, integration, [userId]);
  const { body } = expectOk(
    await usher.call("POST", `/groups/${groupId}/members?dryRun=true`, { remove: [userId] }),
  );
  const [first, last, ...others] = body.requests as unknown as { path: string; notBefore?: string }[];
  expect(others).toEqual([]);
  expect(first?.path).toMatch(/^\/Groups\//);
  expect(first).not.toHaveProperty("notBefore");
  expect(last).toMatchObject({
    method: "PATCH",
    path: expect.stringMatching(/^\/Users\//),
    body: { Operations: [{ path: "active", value: false }] },
  });
  const waitMs = Date.parse(last?.notBefore ?? "") - Date.now();
  expect(waitMs).toBeGreaterThan(30_000);
  expect(waitMs).toBeLessThanOrEqual(60_000);
});

test("a deletion that is to come later is told, with when it goes out", async () => {
  const { integration, userId } = await given();
  expectOk(await usher.call("PATCH", integration.path, { policies: { deleteAfter: "30d" } }));
  const { body } = expectOk(await usher.call("DELETE", `/users/${userId}?dryRun=true`));
  const requests = body.requests as unknown as { method: string; path: string; notBefore?: string }[];
  const lines = requests.map(({ method, path, notBefore }) => [
    method,
    path.split("/")[1],
    notBefore !== undefined,
  ]);
  expect(lines[0]).toEqual(["PATCH", "Users", false]);
  expect(lines.at(-1)).toEqual(["DELETE", "Users", true]);
});

test("what the guard would hold is told, with its count", async () => {
  const at = await given();
  const { integration, group, userId } = at;
  const guard = { users: 0, percent: 0, most: 0 };
  expectOk(await usher.call("PATCH", integration.path, { policies: { guard } }));
  const held = [{ integrationId: integration.integrationId, count: 1 }];
  const suspended = await usher.call("PATCH", `/users/${userId}?dryRun=true`, { suspended: true });
  expect(expectOk(suspended).body).toMatchObject({ requests: [], requestsTotal: 0, held });
  const emptied = await usher.call("PUT", `/groups/${group.groupId}?dryRun=true`, {
    name: group.name,
    members: [],
  });
  expect(expectOk(emptied).body).toMatchObject({ requests: [], held });
  const left = expectOk(await usher.call("DELETE", `/users/${userId}?dryRun=true`)).body;
  expect(left).toMatchObject({ receipts: [{ state: "held" }], held });
  expect(JSON.stringify(left)).not.toContain("holdId");
  const holds = await usher.call("GET", `${integration.path}/holds`);
  expect(holds.body).toMatchObject({ items: [] });
  const titled = await usher.call("PATCH", `/users/${userId}?dryRun=true`, { jobTitle: "Countess" });
  expect(expectOk(titled).body).not.toHaveProperty("held");
});

test("a refusal names no event, where none was left", async () => {
  const { integration, user } = await given();
  const { userId } = aPerson();
  const path = `${integration.path}/users/${userId}`;
  const body = { ...user, username: undefined };
  const dry = await usher.call("PUT", `${path}?dryRun=true`, body);
  expect([dry.status, dry.body.code]).toEqual([409, "account-claimed"]);
  expect(dry.body).not.toHaveProperty("eventId");
  const real = await usher.call("PUT", path, body);
  expect(real.body).toMatchObject({ code: "account-claimed", eventId: expect.any(String) });
});
