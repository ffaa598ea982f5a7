import { expect, test } from "vitest";
import { drainIntegration } from "../../shared/provisioning/automatic/drain-integration.ts";
import { retryWork } from "../../shared/provisioning/calls/retry-work.ts";
import { listAttention } from "../../shared/provisioning/overview/list-attention.ts";
import { sync } from "./support.ts";
import { drift, given, groupStatus, idOf, userStatus } from "./verify-support.ts";

test("of what is as it should be nothing is found, in one request for each list", async () => {
  const service = await given();
  const { job, items } = await sync(service, { mode: "verify" });
  expect(job).toMatchObject({ status: "done", counts: {}, progress: { done: 5, total: 5 } });
  expect(items).toEqual([]);
  expect(service.sent.map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /Users", "GET /Groups"]);
});

test("each kind of drift is found, told by the status, and not repaired unasked", async () => {
  const service = await given();
  await drift(service);
  const before = JSON.stringify([await service.accounts("one"), await service.groups("one")]);
  const { job, items } = await sync(service, { mode: "verify" });
  expect(job.error).toBeUndefined();
  expect(job.counts).toEqual({
    active: 1,
    inactive: 1,
    missing: 1,
    changed: 1,
    renamed: 1,
    "member-missing": 1,
    "member-extra": 1,
    unknown: 2,
  });
  const told = items.map(({ kind, userId, groupId, finding, path, expected, seen, state }) => ({
    kind,
    ...(userId && { userId }),
    ...(groupId && { groupId }),
    finding,
    ...(path && { path, expected, seen }),
    state,
  }));
  const found = { state: "found" };
  expect(told).toEqual([
    { kind: "user", userId: "dee", finding: "active", path: "active", expected: false, seen: true, ...found },
    {
      kind: "user",
      userId: "ada",
      finding: "changed",
      path: "title",
      expected: "Countess",
      seen: "Duke",
      ...found,
    },
    {
      kind: "user",
      userId: "bo",
      finding: "inactive",
      path: "active",
      expected: true,
      seen: false,
      ...found,
    },
    { kind: "user", userId: "cy", finding: "missing", ...found },
    { kind: "member", userId: "dee", groupId: "team", finding: "member-extra", ...found },
    { kind: "member", userId: "ada", groupId: "team", finding: "member-missing", ...found },
    {
      kind: "group",
      groupId: "team",
      finding: "renamed",
      path: "displayName",
      expected: "team",
      seen: "gang",
      ...found,
    },
    { kind: "member", groupId: "team", finding: "unknown", ...found },
    // Its name, so that somebody can tell who that is.
    {
      kind: "user",
      finding: "unknown",
      path: "userName",
      expected: undefined,
      seen: "eve@example.com",
      ...found,
    },
  ]);
  expect(JSON.stringify([await service.accounts("one"), await service.groups("one")])).toBe(before);
  for (const userId of ["ada", "bo", "cy", "dee"])
    expect(await userStatus(service, userId)).toMatchObject({
      state: "unconfirmed",
      foundAt: expect.any(String),
    });
  expect(await userStatus(service, "ada")).toMatchObject({
    expected: { title: "Countess" },
    seen: { title: "Duke" },
  });
  expect((await groupStatus(service, "team")).state).toBe("unconfirmed");
});

test("an account found open that should be closed is access-open at once", async () => {
  const service = await given();
  await drift(service);
  await sync(service, { mode: "verify" });
  const { items } = await service.run(() => listAttention(service.ports, { kind: "access-open", limit: 50 }));
  expect(items).toEqual([expect.objectContaining({ kind: "access-open", userId: "dee" })]);
  const work = service.memory.userLinks.get(`dee#${service.idOf("one")}`)?.work;
  // As a removal that was not confirmed it is tried again by itself.
  expect(work).toMatchObject({ state: "unconfirmed", urgency: 0 });
  expect((work?.at ?? 0) - service.now()).toBeLessThanOrEqual(3_600_000);
});

test("what was found goes with the next call for the object", async () => {
  const service = await given();
  await drift(service);
  await sync(service, { mode: "verify" });
  await service.assign("one", "ada");
  expect(await userStatus(service, "ada")).toMatchObject({ state: "in_sync" });
  const ada = (await service.accounts("one")).find(({ userName }) => userName === "ada@example.com");
  expect(ada?.resource.title).toBe("Countess");
});

test("what was found once is found again, as long as it is there", async () => {
  const service = await given();
  await drift(service);
  const first = await sync(service, { mode: "verify" });
  const links = JSON.stringify([...service.memory.userLinks, ...service.memory.groupLinks]);
  const second = await sync(service, { mode: "verify" });
  expect(second.items).toEqual(first.items);
  expect(JSON.stringify([...service.memory.userLinks, ...service.memory.groupLinks])).toBe(links);
});

test("a repair sends again what is wanted, on record, and leaves alone what is nobody's here", async () => {
  const service = await given();
  const strangers = await drift(service);
  const { job, items } = await sync(service, { mode: "verify", repair: true });
  expect(job).toMatchObject({ status: "done", counts: { repaired: 7, unknown: 2 } });
  for (const item of items)
    if (item.finding === "unknown") expect(item.state).toBe("found");
    else expect(item).toMatchObject({ state: "repaired", eventId: expect.any(String) });
  const accounts = await service.accounts("one");
  const shown = Object.fromEntries(accounts.map(({ userName, active }) => [userName.split("@")[0], active]));
  expect(shown).toEqual({ ada: true, bo: true, cy: true, dee: false, eve: true });
  expect(accounts.find(({ userName }) => userName.startsWith("ada"))?.resource.title).toBe("Countess");
  const [team] = await service.groups("one");
  const there = new Map(accounts.map(({ id, userName }) => [id, userName.split("@")[0]]));
  expect(team?.displayName).toBe("team");
  expect(team?.members.map((id) => there.get(id)).sort()).toEqual(["ada", "bo", "cy", "eve"]);
  expect(team?.members).toContain(strangers.eve);
  for (const userId of ["ada", "bo", "cy"]) expect((await userStatus(service, userId)).state).toBe("in_sync");
  expect((await userStatus(service, "dee")).state).toBe("deprovisioned");
  expect((await groupStatus(service, "team")).state).toBe("in_sync");
  const again = await sync(service, { mode: "verify" });
  expect(again.job.counts).toEqual({ unknown: 2 });
});

test("nothing that was found is sent by itself, but once somebody asks for it to be tried again", async () => {
  const service = await given();
  await drift(service);
  await sync(service, { mode: "verify" });
  const integrationId = service.idOf("one");
  const drain = () =>
    service.run(() => drainIntegration(service.ports, integrationId, { until: service.now() + 60_000 }));
  await service.pass(60_000);
  await drain();
  expect(service.sent.filter(({ method }) => method !== "GET")).toEqual([]);
  const { due } = await service.run(() =>
    retryWork(service.ports, service.aCall(), integrationId, { states: ["unconfirmed"] }),
  );
  expect(due).toBe(5);
  await drain();
  for (const userId of ["ada", "bo", "cy"]) expect((await userStatus(service, userId)).state).toBe("in_sync");
  expect((await userStatus(service, "dee")).state).toBe("deprovisioned");
  expect((await groupStatus(service, "team")).state).toBe("in_sync");
});

test("what was put right there by hand is in step again once it is seen", async () => {
  const service = await given();
  await service.byHand("one", "PATCH", `/Users/${await idOf(service, "ada")}`, replace("title", "Duke"));
  await sync(service, { mode: "verify" });
  expect((await userStatus(service, "ada")).state).toBe("unconfirmed");
  await service.byHand("one", "PATCH", `/Users/${await idOf(service, "ada")}`, replace("title", "Countess"));
  const { job } = await sync(service, { mode: "verify" });
  expect(job.counts).toEqual({});
  expect(await userStatus(service, "ada")).toMatchObject({ state: "in_sync" });
});

const replace = (path: string, value: unknown) => ({
  schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
  Operations: [{ op: "replace", path, value }],
});
