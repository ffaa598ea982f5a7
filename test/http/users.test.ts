import { afterAll, beforeAll, expect, test } from "vitest";
import { startScimmy } from "../providers/scimmy.ts";
import { useRun } from "./use-run.ts";

const run = useRun();
let provider: Awaited<ReturnType<typeof startScimmy>>;
let integrationId = "";
beforeAll(async () => {
  provider = await startScimmy();
  const { body } = await run.call("POST", "/integrations", {
    application: { name: "Wiki", displayLabel: "Wiki prod", bookmarkUrl: "https://wiki.example.com/login" },
    baseUrl: provider.baseUrl,
    credentials: { type: "bearer", clientSecret: provider.token },
  });
  integrationId = body.integrationId;
});
afterAll(() => provider?.close());

test("users are found by the beginning of a name, the username or an address, page by page", async () => {
  const people = [
    ["q1", { email: "zoe@example.com", firstname: "Zoé", lastname: "Ark" }],
    ["q2", { email: "arthur@example.com", firstname: "Bo", lastname: "Bee" }],
    ["q3", { email: "c@example.com", firstname: "Cy", lastname: "Cee", username: "ARchie" }],
    ["q4", { email: "d@example.com", firstname: "Di", lastname: "Dee", displayname: "The arch" }],
    ["q5", { email: "e@example.com", firstname: "Eve", alternateEmail: "ari@example.com" }],
  ] as const;
  for (const [userId, user] of people) await run.call("PUT", `/users/${userId}`, user);
  const idsOf = (items: { [field: string]: unknown }[]) => items.map(({ userId }) => userId);
  const first = await run.call("GET", "/users?q=AR&limit=3");
  expect(idsOf(first.body.items)).toEqual(["q1", "q2", "q3"]);
  const rest = await run.call("GET", `/users?q=AR&limit=3&cursor=${first.body.nextCursor}`);
  expect(idsOf(rest.body.items)).toEqual(["q5"]);
  expect(rest.body.nextCursor).toBeUndefined();
  for (const [q, found] of [
    ["zoe%CC%81%20ark", ["q1"]],
    ["the%20a", ["q4"]],
    ["xyz", []],
  ] as const)
    expect(idsOf((await run.call("GET", `/users?q=${q}`)).body.items)).toEqual(found);
  expect(idsOf((await run.call("GET", "/users?q=ar&email=ARTHUR@example.com")).body.items)).toEqual(["q2"]);
});

test("a user's applications are listed with their bookmarks", async () => {
  const user = { email: "bea@example.com", firstname: "Bea", lastname: "Cole" };
  await run.call("PUT", "/users/bea", user);
  expect((await run.call("GET", "/users/bea/applications")).body).toEqual({ items: [] });
  await run.call("PUT", `/integrations/${integrationId}/users/bea`);
  const application = {
    integrationId,
    name: "Wiki",
    displayLabel: "Wiki prod",
    bookmarkUrl: "https://wiki.example.com/login",
  };
  expect((await run.call("GET", "/users/bea/applications")).body).toEqual({
    items: [{ ...application, active: true }],
  });
  await run.call("PATCH", `/integrations/${integrationId}`, {
    application: { displayLabel: "Handbook", bookmarkUrl: "https://wiki.example.com/" },
  });
  await run.call("POST", "/users/bea/lock", { reason: "TICKET-1" });
  expect((await run.call("GET", "/users/bea/applications")).body.items).toEqual([
    { ...application, displayLabel: "Handbook", bookmarkUrl: "https://wiki.example.com/", active: false },
  ]);
  await run.call("POST", "/users/bea/unlock");
  await run.call("DELETE", `/integrations/${integrationId}/users/bea?action=delete`);
  expect((await run.call("GET", "/users/bea/applications")).body.items).toEqual([]);
});

test("a lock and its end answer with a receipt for each integration", async () => {
  const user = { email: "lo@example.com", firstname: "Lo", lastname: "Ck" };
  await run.call("PUT", `/integrations/${integrationId}/users/lo`, user);
  expect(await run.call("POST", "/users/lo/lock", { reason: "TICKET-2" })).toMatchObject({
    status: 200,
    body: { userId: "lo", receipts: [{ integrationId, action: "deprovisioned", state: "in_sync" }] },
  });
  expect((await run.call("GET", "/users/lo")).body).toMatchObject({
    lock: { by: "local-admin", reason: "TICKET-2" },
    integrations: [{ integrationId, active: false }],
  });
  expect(await run.call("POST", "/users/lo/unlock", {})).toMatchObject({
    status: 200,
    body: { receipts: [{ action: "reactivated", state: "in_sync" }] },
  });
});

test.each([
  ["POST", "/users/nobody/lock", { reason: "x" }, 404, "not-found", undefined],
  ["POST", "/users/nobody/unlock", undefined, 404, "not-found", undefined],
  ["GET", "/users/nobody/applications", undefined, 404, "not-found", undefined],
  ["POST", "/users/lo/lock", {}, 400, "invalid-input", ["reason"]],
  ["POST", "/users/lo/lock", { reason: " " }, 400, "invalid-input", ["reason"]],
  ["POST", "/users/lo/lock", { reason: "a\nb" }, 400, "invalid-input", ["reason"]],
  ["POST", "/users/lo/lock", { reason: "x".repeat(257) }, 400, "invalid-input", ["reason"]],
  ["POST", "/users/lo/lock", { reason: "x", until: "y" }, 400, "invalid-input", ["until"]],
  ["POST", "/users/lo/unlock", { force: true }, 400, "invalid-input", ["force"]],
  ["POST", "/users/a%2Fb/lock", { reason: "x" }, 400, "invalid-input", ["path.userId"]],
  ["GET", "/users?q=", undefined, 400, "invalid-input", ["query.q"]],
  ["GET", "/users/lo/applications?limit=1", undefined, 400, "invalid-input", ["query.limit"]],
])("%s %s with %j is %i %s", async (method, path, body, status, code, paths) => {
  const answer = await run.call(method, path, body);
  expect(answer).toMatchObject({ status, body: { code } });
  if (paths) expect(answer.body.errors.map(({ path }) => path)).toEqual(paths);
});

test("one who was taken out is seen with who did it and why, and given back to the groups", async () => {
  const people = ["ex1", "ex2"];
  for (const userId of people)
    await run.call("PUT", `/users/${userId}`, {
      email: `${userId}@example.com`,
      firstname: "Ex",
      lastname: userId,
    });
  const at = `/integrations/${integrationId}`;
  await run.call("PUT", `${at}/groups/ex`, { name: "Exclusive", members: people });
  await run.call("DELETE", `${at}/users/ex1`);
  const status = await run.call("GET", `${at}/users/ex1`);
  expect(status.body).toMatchObject({
    state: "skipped",
    reason: "taken-out",
    active: false,
    assigned: { direct: false, groups: ["ex"], excluded: { since: expect.any(String), by: "local-admin" } },
  });
  const listed = await run.call("GET", `${at}/users?excluded=true`);
  expect(listed.body.items).toContainEqual(status.body);
  expect(listed.body.items.map(({ userId }) => userId)).not.toContain("ex2");
  const others = (await run.call("GET", `${at}/users?excluded=false`)).body.items;
  expect(others.map(({ userId }) => userId)).toEqual(expect.arrayContaining(["ex2"]));
  expect(others.map(({ userId }) => userId)).not.toContain("ex1");
  expect(await run.call("DELETE", `${at}/users/ex1/exclusion`)).toMatchObject({
    status: 200,
    body: { action: "reactivated", state: "in_sync", active: true },
  });
  expect((await run.call("GET", `${at}/users/ex1`)).body.assigned).toEqual({ direct: false, groups: ["ex"] });
  const again = await run.call("DELETE", `${at}/users/ex1/exclusion`);
  expect(again).toMatchObject({ status: 200, body: { action: "unchanged", eventIds: [] } });
  for (const [method, path, code, answered] of [
    ["DELETE", `${at}/users/nobody/exclusion`, 404, "not-found"],
    ["DELETE", "/integrations/unknown/users/ex1/exclusion", 404, "not-found"],
    ["DELETE", `${at}/users/ex1/exclusion?force=1`, 400, "invalid-input"],
    ["GET", `${at}/users?excluded=yes`, 400, "invalid-input"],
  ] as const)
    expect(await run.call(method, path)).toMatchObject({ status: code, body: { code: answered } });
});
