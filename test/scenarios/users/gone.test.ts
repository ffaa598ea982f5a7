import { describe, expect, onTestFinished, test } from "vitest";
import { call, patchOp } from "../../providers/call.ts";
import { startQuirky } from "../../providers/quirky/quirky.ts";
import { startFaultyWay } from "../../providers/quirky/way.ts";
import { givenQuirkyAccount } from "../../support/quirks.ts";
import {
  aPerson,
  detailsOf,
  eventsOf,
  eventTypesOf,
  expectOk,
  forget,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  passTime,
  replicationMs,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

const given = () => givenQuirkyAccount(usher, {});

const html404 = { status: 404, headers: { "content-type": "text/html" }, body: "<h1>Not Found</h1>" };

describe("while a proxy answers 404 to everything", () => {
  const givenOutage = async () => {
    const known = await given();
    passTime(replicationMs);
    known.provider.intercept = () => html404;
    return known;
  };

  test("a change fails, and the account is not forgotten: the leaver is deleted afterwards", async () => {
    const { provider, path, user, userId } = await givenOutage();
    expect((await usher.call("PUT", path, { ...user, jobTitle: "Engineer" })).status).toBe(502);
    provider.intercept = undefined;
    expectOk(await usher.call("DELETE", `/users/${userId}`));
    expect(await provider.users()).toEqual([]);
  });

  test.each([
    ["deprovisioned", ""],
    ["deleted", "?action=delete"],
  ])("nobody counts as %s", async (action, query) => {
    const { provider, path } = await givenOutage();
    const refused = await usher.call("DELETE", path + query);
    expect([refused.status, refused.body.code]).toEqual([502, "provider-rejected"]);
    expect((await usher.call("GET", path)).body.state).toBe("failed");
    provider.intercept = undefined;
    expect((await usher.call("DELETE", path + query)).body).toMatchObject({ action, state: action });
    expect((await provider.users()).filter(({ active }) => active)).toEqual([]);
  });
});

describe("an account that somebody made anew under another id", () => {
  const givenAnew = async () => {
    const known = await given();
    await call(known.provider, "DELETE", `/Users/${known.remoteId}`);
    const anew = known.provider.addUser({ userName: known.user.email, externalId: known.userId });
    forget(known.provider);
    return { ...known, anew };
  };

  test("is deprovisioned with the user who is taken out", async () => {
    const { provider, path, userId, anew } = await givenAnew();
    expect((await usher.call("DELETE", path)).body).toMatchObject({ state: "deprovisioned", remoteId: anew });
    expect(await provider.users()).toMatchObject([{ id: anew, active: false }]);
    expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual([
      "user_create_provision",
      "user_deprovision",
      "user_update_provision",
      "user_deprovision",
    ]);
  });

  test("is deleted with the user who leaves", async () => {
    const { provider, userId } = await givenAnew();
    expectOk(await usher.call("DELETE", `/users/${userId}`));
    expect(await provider.users()).toEqual([]);
  });

  test("is renamed, and no second one is made, where the user has another e-mail by then", async () => {
    const { provider, path, user, anew } = await givenAnew();
    const { email } = aPerson().user;
    expect((await usher.call("PUT", path, { ...user, email })).body).toMatchObject({ remoteId: anew });
    expect(await provider.users()).toMatchObject([{ id: anew, userName: email }]);
  });
});

describe("a 2xx that is no SCIM", () => {
  const signIn = { status: 200, headers: {}, body: '{"error":"session expired"}' };

  test.each([
    ["?action=delete", { active: true }],
    ["", { active: true }],
  ])("to what DELETE%s sends is no success", async (query, left) => {
    const { provider, path } = await given();
    provider.intercept = ({ method }) => (method === "GET" ? undefined : signIn);
    const answer = await usher.call("DELETE", path + query);
    expect([answer.status, answer.body.code]).toEqual([502, "provider-malformed"]);
    expect(await provider.users()).toMatchObject([left]);
    provider.intercept = undefined;
    expectOk(await usher.call("DELETE", path + query));
    expect((await provider.users()).filter(({ active }) => active)).toEqual([]);
  });

  test("to a DELETE that was carried out is a success, once a read finds nothing", async () => {
    const provider = await givenProvider(() => startQuirky());
    const way = await startFaultyWay(provider, Date.now);
    onTestFinished(() => way.close());
    const integration = await givenIntegration(usher, provider, { baseUrl: way.baseUrl });
    const { path } = await givenProvisioned(usher, provider, integration);
    way.fault = (method) => (method === "DELETE" ? "html-after" : undefined);
    expectOk(await usher.call("DELETE", `${path}?action=delete`));
    expect(await provider.users()).toEqual([]);
    expect(way.met).toHaveLength(2);
  });

  test("to a change is no success, and the change is sent again by the next call", async () => {
    const { provider, path, user } = await given();
    provider.intercept = ({ method }) => (method === "PATCH" ? signIn : undefined);
    const wanted = { ...user, jobTitle: "Engineer" };
    expect((await usher.call("PUT", path, wanted)).body).toMatchObject({ code: "provider-malformed" });
    provider.intercept = undefined;
    expect((await usher.call("PUT", path)).body).toMatchObject({ action: "updated", state: "in_sync" });
    expect(await provider.users()).toMatchObject([{ resource: { title: "Engineer" } }]);
  });

  test("to a change that took effect all the same is a success, once a read shows it", async () => {
    const provider = await givenProvider(() => startQuirky());
    const way = await startFaultyWay(provider, Date.now);
    onTestFinished(() => way.close());
    const integration = await givenIntegration(usher, provider, { baseUrl: way.baseUrl });
    const { path, user, userId } = await givenProvisioned(usher, provider, integration);
    way.fault = (method) => (method === "PATCH" ? "truncated" : undefined);
    const answer = await usher.call("PUT", path, { ...user, jobTitle: "Engineer" });
    expect(answer.body).toMatchObject({ action: "updated", state: "in_sync" });
    expect(detailsOf((await eventsOf(usher, `userId=${userId}`)).at(-1))).toContain("took effect");
  });
});

test("what a strict provider refuses to clear, since a lost request has cleared it, is sent no more", async () => {
  const provider = await givenProvider(() => startQuirky());
  const integration = await givenIntegration(usher, provider);
  const { path, user, remoteId } = await givenProvisioned(usher, provider, integration, {
    jobTitle: "Analyst",
  });
  await call(provider, "PATCH", `/Users/${remoteId}`, patchOp({ op: "remove", path: "title" }));
  provider.intercept = ({ method, body }) =>
    method === "PATCH" && JSON.stringify(body).includes('"remove"')
      ? scimError(400, "There is no title.")
      : undefined;
  const moved = { ...user, jobTitle: undefined, lastname: "Byron" };
  expect((await usher.call("PUT", path, moved)).body).toMatchObject({ action: "updated", state: "in_sync" });
  expect(await provider.users()).toMatchObject([{ resource: { name: { familyName: "Byron" } } }]);
});

test("a 401 that a follow-up read meets stops the integration, and is what the call answers", async () => {
  const { provider, integration, path, user } = await given();
  provider.intercept = ({ method }) => scimError(method === "PATCH" ? 404 : 401, "No.");
  const answer = await usher.call("PUT", path, { ...user, jobTitle: "Engineer" });
  expect([answer.status, answer.body.code]).toEqual([502, "provider-rejected"]);
  expect(answer.body.detail).toContain("401");
  expect((await usher.call("GET", integration.path)).body.status).toBe("needs_reauth");
});

test("an account that a deletion of unknown outcome took away is on record as deleted once that is seen", async () => {
  const { provider, path, user, userId } = await given();
  passTime(replicationMs);
  provider.intercept = ({ method }) => (method === "DELETE" ? "drop-after" : scimError(503, "Not now."));
  await usher.call("DELETE", `/users/${userId}`);
  expect(await provider.users()).toEqual([]);
  provider.intercept = undefined;
  const answer = await usher.call("PUT", path, { ...user, suspended: true });
  expect(answer.body).toMatchObject({ action: "deleted", state: "in_sync" });
  const events = await eventsOf(usher, `userId=${userId}`);
  const told = events.map(({ event_type, success }) => `${event_type} ${success}`);
  expect(told).toContain("user_delete_provision true");
  expect(told).not.toContain("user_deprovision true");
});

test("a member whose account was deleted is listed as pending", async () => {
  const { integration, provider, path, userId } = await given();
  const group = await givenGroup(usher, provider, integration, [userId]);
  expectOk(await usher.call("DELETE", `${path}?action=delete`));
  const list = async () => (await usher.call("GET", `${group.path}/members`)).body.items;
  expect(await list()).toMatchObject([{ userId, state: "pending" }]);
  expectOk(await usher.call("PUT", path));
  expect(await list()).toMatchObject([{ userId, state: "pushed" }]);
});

test("a deletion that was answered 404, and whose account could not be looked for, is to be repeated", async () => {
  const { provider, userId, remoteId } = await given();
  passTime(replicationMs);
  let deletions = 0;
  provider.intercept = ({ method, path: to }) => {
    if (method !== "DELETE") return to.startsWith("/Users") ? "drop-before" : undefined;
    deletions += 1;
    return deletions === 1 ? "drop-after" : undefined;
  };
  const failed = await usher.call("DELETE", `/users/${userId}`);
  expect(failed.body.receipts).toMatchObject([{ state: "retrying", reason: expect.stringContaining("404") }]);
  expect(failed.text).toContain("Call again later");
  provider.intercept = undefined;
  expect((await usher.call("DELETE", `/users/${userId}`)).body.receipts).toMatchObject([
    { action: "deleted", state: "deleted" },
  ]);
  expect((await provider.users()).map(({ id }) => id)).not.toContain(remoteId);
});
