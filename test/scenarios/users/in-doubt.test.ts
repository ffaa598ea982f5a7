import { expect, onTestFinished, test } from "vitest";
import { call } from "../../providers/call.ts";
import type { FaultKind } from "../../providers/quirky/faults.ts";
import { type Quirky, startQuirky } from "../../providers/quirky/quirky.ts";
import { startFaultyWay } from "../../providers/quirky/way.ts";
import {
  aPerson,
  detailsOf,
  eventsOf,
  expectOk,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  givenSaved,
  passTime,
  replicationMs,
  requestLines,
  scimError,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

/** A user whose creation was answered 500 each time, so that nobody knows what became of it; then the provider is well. */
const given = async () => {
  const provider = await givenProvider(() => startQuirky());
  const integration = await givenIntegration(usher, provider);
  const { userId, user } = aPerson();
  const path = `${integration.path}/users/${userId}`;
  provider.intercept = ({ method }) => (method === "POST" ? scimError(500, "Out of order.") : undefined);
  const failed = await usher.call("PUT", path, user);
  expect(failed).toMatchObject({ status: 202, body: { state: "retrying" } });
  provider.intercept = undefined;
  provider.requests.length = 0;
  /** The provider carries the creation out after all. */
  const turnsUp = () => turnUp(provider, userId, user.email);
  return { provider, integration, userId, user, path, turnsUp };
};
const turnUp = (provider: Quirky, userId: string, email: string) =>
  provider.addUser({ userName: email, externalId: userId, displayName: "Ada Lovelace" });

test("an account that turns up after its creation failed is shut out with the user who is taken out", async () => {
  const { provider, integration, path, turnsUp } = await given();
  turnsUp();
  const { body } = await usher.call("DELETE", path);
  expect(body).toMatchObject({ action: "deprovisioned", state: "deprovisioned", active: false });
  expect(await provider.users()).toMatchObject([{ active: false }]);
  const events = await eventsOf(usher, `integrationId=${integration.integrationId}`);
  expect(events.slice(-2)).toMatchObject([
    { event_type: "user_update_provision", success: true },
    { event_type: "user_deprovision", success: true },
  ]);
  expect(detailsOf(events.at(-2))).toContain("one that may have been made");
  expect(body.eventIds).toHaveLength(2);
});

test("it is deleted with the user who leaves, and shut out with one who is suspended", async () => {
  const leaver = await given();
  leaver.turnsUp();
  expectOk(await usher.call("DELETE", `/users/${leaver.userId}`));
  expect(await leaver.provider.users()).toEqual([]);

  const suspended = await given();
  suspended.turnsUp();
  const { body } = await usher.call("PUT", suspended.path, { ...suspended.user, suspended: true });
  expect(body).toMatchObject({ state: "in_sync", active: false });
  expect(await suspended.provider.users()).toMatchObject([{ active: false }]);
});

test("a user with another e-mail by then has that account, renamed, and no second one", async () => {
  const { provider, userId, user, path, turnsUp } = await given();
  const id = turnsUp();
  const email = `new.${user.email}`;
  const { body } = await usher.call("PUT", path, { ...user, email });
  expect(body).toMatchObject({ state: "in_sync", remoteId: id });
  expect(await provider.users()).toMatchObject([{ id, userName: email, resource: { externalId: userId } }]);
});

test.each(["is adopted", "is renamed"])(
  "what a creation of unknown outcome has sent and is no longer wanted is cleared once the account turns up and %s",
  async (how) => {
    const { provider, userId, user, path } = await given();
    provider.intercept = ({ method }) => (method === "POST" ? scimError(500, "Out of order.") : undefined);
    const titled = { ...user, jobTitle: "Analyst" };
    expect((await usher.call("PUT", path, titled)).status).toBe(202);
    expect((await usher.call("PUT", path, { ...user, department: "R&D" })).status).toBe(202);
    provider.intercept = undefined;
    provider.addUser({
      userName: user.email,
      externalId: userId,
      displayName: "Ada Lovelace",
      title: "Analyst",
      nickName: "Theirs",
    });
    const email = how === "is renamed" ? `new.${user.email}` : user.email;
    expect((await usher.call("PUT", path, { ...user, email })).body).toMatchObject({ state: "in_sync" });
    const [account] = await provider.users();
    expect(account?.resource).toMatchObject({ userName: email, nickName: "Theirs" });
    expect(account?.resource.title).toBeUndefined();
  },
);

test("an account without our externalId keeps what a creation of unknown outcome has sent as well", async () => {
  const { provider, user, path } = await given();
  provider.intercept = ({ method }) => (method === "POST" ? scimError(500, "Out of order.") : undefined);
  expect((await usher.call("PUT", path, { ...user, jobTitle: "Analyst" })).status).toBe(202);
  provider.intercept = undefined;
  provider.addUser({ userName: user.email, title: "Theirs" });
  expect((await usher.call("PUT", path, user)).body).toMatchObject({ action: "adopted", state: "in_sync" });
  expect((await provider.users())[0]?.resource).toMatchObject({ title: "Theirs" });
});

test("where none has turned up in time a look-up and the list say so, and the next call asks no more", async () => {
  const { provider, path } = await given();
  passTime(60_000);
  expect((await usher.call("DELETE", path)).body).toMatchObject({
    action: "unchanged",
    state: "deprovisioned",
  });
  expect(requestLines(provider)).toEqual(["GET /Users", "GET /Users"]);
  expect((await usher.call("DELETE", path)).body).toMatchObject({
    action: "unchanged",
    state: "deprovisioned",
  });
  expect(requestLines(provider)).toEqual(["GET /Users", "GET /Users"]);
});

test("a look-up that fails leaves the doubt on record, and the same call again ends it", async () => {
  const { provider, path, turnsUp } = await given();
  turnsUp();
  provider.intercept = () => scimError(403, "Not now.");
  expect((await usher.call("DELETE", path)).status).toBe(502);
  expect((await usher.call("GET", path)).body).toMatchObject({ state: "failed" });
  provider.intercept = undefined;
  expect((await usher.call("DELETE", path)).body).toMatchObject({ state: "deprovisioned", active: false });
  expect(await provider.users()).toMatchObject([{ active: false }]);
});

test("an account or a group that is gone is deleted, also where the provider answers 500 to its DELETE", async () => {
  const provider = await givenProvider(() => startQuirky({ switches: { deleteMissingIs: 500 } }));
  const integration = await givenIntegration(usher, provider);
  const { path } = await givenProvisioned(usher, provider, integration);
  const group = await givenGroup(usher, provider, integration, await givenSaved(usher, 1));
  passTime(replicationMs);
  provider.intercept = ({ method }) => (method === "DELETE" ? "drop-after" : undefined);
  const { body } = await usher.call("DELETE", `${path}?action=delete`);
  expect(body).toMatchObject({ action: "deleted", state: "deleted" });

  provider.intercept = ({ method, path: to }) =>
    method === "DELETE" && to.startsWith("/Groups") ? "drop-after" : undefined;
  expect((await usher.call("DELETE", `${group.path}?action=delete`)).body).toMatchObject({
    state: "deleted",
  });
  expect(await provider.groups()).toEqual([]);
});

test("an account whose DELETE is carried out and answered with a page that is no SCIM is deleted", async () => {
  const provider = await givenProvider(() => startQuirky());
  const integration = await givenIntegration(usher, provider);
  const { path, remoteId } = await givenProvisioned(usher, provider, integration);
  passTime(replicationMs);
  await call(provider, "DELETE", `/Users/${remoteId}`);
  provider.intercept = ({ method }) =>
    method === "DELETE"
      ? { status: 200, headers: { "content-type": "text/html" }, body: "<html>Deleted</html>" }
      : undefined;
  const { body } = await usher.call("DELETE", `${path}?action=delete`);
  expect(body).toMatchObject({ action: "deleted", state: "deleted" });
  expect(await provider.users()).toEqual([]);
});

/** An analyst, whose next change is answered 500 each time, after or before it is carried out. */
const givenAnalyst = async (change: object, fault: FaultKind = "500-after") => {
  const provider = await givenProvider(() => startQuirky());
  const way = await startFaultyWay(provider, Date.now);
  onTestFinished(() => way.close());
  const integration = await givenIntegration(usher, provider, { baseUrl: way.baseUrl });
  const known = await givenProvisioned(usher, provider, integration, { jobTitle: "Analyst" });
  way.fault = (method) => (method === "PATCH" ? fault : undefined);
  const failed = await usher.call("PUT", known.path, { ...known.user, ...change });
  expect(failed).toMatchObject({ status: 202, body: { state: "retrying" } });
  way.fault = undefined;
  const titleThere = async () => (await provider.users())[0]?.resource.title;
  return { ...known, titleThere };
};

test("a value whose arrival is in doubt is cleared, where it is no longer wanted by then", async () => {
  const { path, user, titleThere } = await givenAnalyst({ jobTitle: "Engineer" });
  expect(await titleThere()).toBe("Engineer");
  const { body } = await usher.call("PUT", path, { ...user, jobTitle: undefined });
  expect(body).toMatchObject({ action: "updated", state: "in_sync" });
  expect(await titleThere()).toBeUndefined();
  expect((await usher.call("PUT", path)).body).toMatchObject({ action: "unchanged" });
});

test("a value whose clearing is in doubt is sent again, where it is wanted again by then", async () => {
  const { path, user, titleThere } = await givenAnalyst({ jobTitle: undefined });
  expect(await titleThere()).toBeUndefined();
  expect((await usher.call("PUT", path, user)).body).toMatchObject({ action: "updated", state: "in_sync" });
  expect(await titleThere()).toBe("Analyst");
});

test("a value whose clearing is in doubt is cleared by the same call again", async () => {
  const { path, user, titleThere } = await givenAnalyst({ jobTitle: undefined }, "500-before");
  expect(await titleThere()).toBe("Analyst");
  const { body } = await usher.call("PUT", path, { ...user, jobTitle: undefined });
  expect(body).toMatchObject({ action: "updated", state: "in_sync" });
  expect(await titleThere()).toBeUndefined();
});

test("what is in doubt stays so while the user is suspended, and is put right with the reactivation", async () => {
  const { path, user, titleThere } = await givenAnalyst({ jobTitle: "Engineer" });
  const gone = { ...user, jobTitle: undefined };
  await usher.call("PUT", path, { ...gone, suspended: true });
  expect(await titleThere()).toBe("Engineer");
  expect((await usher.call("PUT", path, gone)).body).toMatchObject({ action: "reactivated", active: true });
  expect(await titleThere()).toBeUndefined();
});

test.each([
  ["carried out", true],
  ["not carried out", false],
])(
  "a user has an account who comes back after a deletion of unknown outcome that was %s",
  async (_, isDone) => {
    const provider = await givenProvider(() => startQuirky());
    const integration = await givenIntegration(usher, provider);
    const { path, remoteId } = await givenProvisioned(usher, provider, integration);
    passTime(replicationMs);
    provider.intercept = () => scimError(500, "Out of order.");
    const failed = await usher.call("DELETE", `${path}?action=delete`);
    expect(failed).toMatchObject({ status: 202, body: { state: "retrying" } });
    provider.intercept = undefined;
    if (isDone) await call(provider, "DELETE", `/Users/${remoteId}`);
    expect((await usher.call("PUT", path)).body).toMatchObject({ state: "in_sync", active: true });
    expect(await provider.users()).toMatchObject([{ active: true }]);
  },
);

test.each([
  ["leaver", (userId: string) => `/users/${userId}`, undefined],
  ["user who is taken out", (_: string, path: string) => path, false],
])("a %s whose account could not be looked up loses the account that is there", async (_, at, active) => {
  const provider = await givenProvider(() => startQuirky());
  const integration = await givenIntegration(usher, provider);
  const { userId, user } = aPerson();
  const path = `${integration.path}/users/${userId}`;
  await call(provider, "POST", "/Users", { userName: user.email, active: true });
  provider.intercept = ({ method }) => (method === "GET" ? scimError(500, "Out of order.") : undefined);
  expect((await usher.call("PUT", path, user)).status).toBe(202);

  expect(await usher.call("DELETE", path)).toMatchObject({ status: 202 });
  expect((await usher.call("GET", path)).body.state).toBe("retrying");
  provider.intercept = undefined;
  expectOk(await usher.call("DELETE", at(userId, path)));
  expect((await provider.users()).map((account) => account.active)).toEqual(
    active === undefined ? [] : [active],
  );
});
