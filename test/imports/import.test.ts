import { expect, test } from "vitest";
import { deleteUser } from "../../shared/provisioning/calls/delete-user.ts";
import { deprovisionUser } from "../../shared/provisioning/calls/deprovision-user.ts";
import { lockUser } from "../../shared/provisioning/calls/lock-user.ts";
import { provisioningOf } from "../../shared/provisioning/overview/provisioning-of.ts";
import { listUserStatuses } from "../../shared/provisioning/status/user-status.ts";
import { sync } from "../syncs/support.ts";
import { given, importUsers, list, scan, settle, status, writes } from "./support.ts";

const all = { allNew: true } as const;

test("an imported user has the account's attributes, is linked to it and is unmanaged: nothing is sent", async () => {
  const { service, ids } = await given({ ada: { title: "Countess" } });
  await scan(service);
  const { job, rows } = await importUsers(service, all);
  expect(rows).toEqual([{ remoteId: ids.ada, userId: "ada@example.com", result: "created" }]);
  expect(job).toMatchObject({ status: "done", counts: { created: 1 } });
  const saved = await service.run(() => service.ports.users.read("ada@example.com"));
  expect(saved?.user).toEqual({
    email: "ada@example.com",
    firstname: "ada",
    lastname: "Byron",
    displayname: "ada Byron",
    jobTitle: "Countess",
  });
  const there = await status(service, "ada@example.com");
  expect(there).toMatchObject({ state: "unmanaged", remoteId: ids.ada, active: true });
  expect(there.desired).toBeUndefined();
  await settle(service);
  expect(writes(service)).toEqual([]);
});

test("the events of a job share its correlation", async () => {
  const { service } = await given({ ada: {}, bo: {} });
  await scan(service);
  const { job } = await importUsers(service, all);
  const events = [...service.memory.events.values()].map((one) => ("event" in one ? one.event : one));
  const made = events.filter((event) => event.correlation?.id === job.jobId);
  expect(made.map(({ event_type: type }) => type)).toEqual(["user_create", "user_create"]);
  for (const { correlation } of made) expect(correlation).toEqual({ id: job.jobId, type: "user_import" });
});

test("who is held by a bound group then is adopted by the link: nobody is made twice, and differences alone are sent", async () => {
  const { service, ids } = await given({ ada: {}, bo: {}, cy: { active: false } });
  await service.bind("one", "team", []);
  service.sent.length = 0;
  await scan(service);
  await importUsers(service, { ...all, includeInactive: true, groupId: "team" });
  const team = await service.run(() => service.ports.groups.read("team"));
  expect(team?.memberCount).toBe(3);
  await service.patch("bo@example.com", { jobTitle: "Engineer" });
  await settle(service);
  expect(await service.accounts("one")).toHaveLength(3);
  for (const name of ["ada", "bo"])
    expect(await status(service, `${name}@example.com`)).toMatchObject({ state: "in_sync" });
  expect((await status(service, "cy@example.com")).remoteId).toBe(ids.cy);
  const [group] = await service.groups("one");
  expect(group?.members.sort()).toEqual([ids.ada, ids.bo].sort());
  const sent = writes(service).filter((line) => line.includes("/Users"));
  // Each gets our id of them, and Bo the title.
  const touched = sent.map((line) => line.split(" ").slice(0, 2).join(" "));
  expect(touched.sort()).toEqual([`PATCH /Users/${ids.ada}`, `PATCH /Users/${ids.bo}`].sort());
  for (const line of sent) expect(line).not.toContain("userName");
});

test("nothing closes an account that is unmanaged: neither lock, plan, leaver call nor what goes on by itself", async () => {
  const { service, ids } = await given({ ada: {}, bo: {} });
  await scan(service);
  await importUsers(service, all);
  const { ports, aCall, run } = service;
  const locked = await run(() => lockUser(ports, aCall(), "bo@example.com", "lost"));
  expect(locked.receipts).toEqual([expect.objectContaining({ state: "unmanaged", action: "skipped" })]);
  const plan = await sync(service, { mode: "apply" });
  expect(plan.items).toEqual([]);
  const verified = await sync(service, { mode: "verify", repair: true });
  expect(verified.job).toMatchObject({ status: "done", counts: {} });
  const left = await run(() => deleteUser(ports, aCall(), "ada@example.com"));
  expect(left.receipts).toEqual([
    {
      integrationId: service.idOf("one"),
      action: "skipped",
      state: "unmanaged",
      reason: "unmanaged",
      eventIds: [],
    },
  ]);
  await settle(service);
  expect(writes(service)).toEqual([]);
  const accounts = await service.accounts("one");
  expect(accounts.map(({ id, active }) => [id, active])).toEqual([
    [ids.ada, true],
    [ids.bo, true],
  ]);
});

test("a call that takes out one who is unmanaged is asked to, and closes the account", async () => {
  const { service } = await given({ ada: {} });
  await scan(service);
  await importUsers(service, all);
  const key = { integrationId: service.idOf("one"), userId: "ada@example.com" };
  const receipt = await service.run(() => deprovisionUser(service.ports, service.aCall(), key));
  expect(receipt).toMatchObject({ action: "deprovisioned", state: "deprovisioned" });
});

test("those who are unmanaged are counted and listed as such", async () => {
  const { service } = await given({ ada: {}, bo: {} });
  await service.save("cy");
  await service.assign("one", "cy");
  await scan(service);
  await importUsers(service, all);
  const integrationId = service.idOf("one");
  const page = await service.run(() =>
    listUserStatuses(service.ports, integrationId, { limit: 10, state: "unmanaged" }),
  );
  expect(page.items.map(({ userId }) => userId)).toEqual(["ada@example.com", "bo@example.com"]);
  const row = await service.run(() => service.ports.integrations.read(integrationId));
  if (!row?.integration) throw new Error("no integration");
  const { integration } = row;
  const events = { query: async () => ({ items: [] }) };
  const { users } = await service.run(() => provisioningOf({ ports: service.ports, events }, integration));
  expect(users).toMatchObject({ unmanaged: 2, in_sync: 1 });
});

test("an account is imported once, however often it is asked for", async () => {
  const { service, ids } = await given({ ada: {} });
  await scan(service);
  await importUsers(service, all);
  const users = [{ remoteId: ids.ada ?? "" }];
  expect((await importUsers(service, { users })).rows).toEqual([
    { remoteId: ids.ada, userId: "ada@example.com", result: "linked" },
  ]);
  expect((await importUsers(service, all)).rows).toEqual([]);
  await scan(service);
  expect((await importUsers(service, all)).rows).toEqual([]);
  const page = await list(service);
  expect(page.items.map(({ status: of, userId }) => [of, userId])).toEqual([["linked", "ada@example.com"]]);
});

test("matches are skipped unless they are to be linked, and the linked one is given nothing it has", async () => {
  const { service, ids } = await given({ ada: {}, bo: { externalId: "bo-1" }, cy: {} });
  await service.save("ada");
  await service.save("bo-1", { email: "bo@elsewhere.example.com" });
  await service.save("x", { email: "CY@example.com" });
  await scan(service);
  const { items } = await list(service);
  const shown = new Map(items.map(({ remoteId, status: of, userId }) => [remoteId, [of, userId]]));
  expect(shown).toEqual(
    new Map([
      [ids.ada, ["matched", "ada"]],
      [ids.bo, ["matched", "bo-1"]],
      [ids.cy, ["matched", "x"]],
    ]),
  );
  const users = Object.values(ids).map((remoteId) => ({ remoteId }));
  const skipped = await importUsers(service, { users });
  expect(skipped.rows.map(({ result }) => result)).toEqual(["skipped", "skipped", "skipped"]);
  expect(skipped.rows[0]?.error).toContain('matched: "link"');
  const linked = await importUsers(service, { users, matched: "link" });
  expect(linked.job.counts).toEqual({ linked: 3 });
  expect((await status(service, "x")).state).toBe("unmanaged");
  expect(await service.run(() => service.ports.users.read("cy@example.com"))).toBeUndefined();
});

test("where two match, or the one has another account, it is a conflict that a person settles", async () => {
  const { service, ids } = await given({
    ada: { emails: [{ value: "ada@example.com" }, { value: "bo@example.com" }] },
    cy: { emails: [{ value: "dee@example.com" }] },
  });
  for (const id of ["ada", "bo", "dee"]) await service.save(id);
  await service.assign("one", "dee");
  await scan(service);
  const { items } = await list(service);
  const ada = items.find(({ remoteId }) => remoteId === ids.ada);
  expect(ada).toMatchObject({ status: "conflict", userIds: ["ada", "bo"] });
  expect(items.find(({ remoteId }) => remoteId === ids.cy)).toMatchObject({
    status: "conflict",
    userId: "dee",
  });
  const both = [{ remoteId: ids.ada ?? "" }, { remoteId: ids.cy ?? "" }];
  const asked = await importUsers(service, { users: both, matched: "link" });
  expect(asked.rows.map(({ result }) => result)).toEqual(["failed", "failed"]);
  expect((await importUsers(service, { ...all, matched: "link" })).rows).toEqual([]);
  const settled = await importUsers(service, { users: [{ remoteId: ids.ada ?? "", userId: "bo" }] });
  expect(settled.rows).toEqual([{ remoteId: ids.ada, userId: "bo", result: "linked" }]);
});

test("what cannot be imported is a row with a sentence, and keeps nobody else out", async () => {
  const { service, ids } = await given({
    ada: {},
    bo: { userName: "bo", emails: [{ value: "no address" }] },
    cy: { userName: "cy byron" },
    dee: { userName: "taken" },
    eve: { active: false },
  });
  await service.save("taken", { email: "else@example.com" });
  await scan(service);
  const { rows } = await importUsers(service, all);
  const byId = new Map(rows.map((row) => [row.remoteId, row]));
  expect(byId.get(ids.ada ?? "")).toMatchObject({ result: "created" });
  expect(byId.get(ids.bo ?? "")).toMatchObject({
    result: "failed",
    error: expect.stringContaining("no valid e-mail address"),
  });
  expect(byId.get(ids.cy ?? "")).toMatchObject({
    result: "failed",
    error: expect.stringContaining("userId"),
  });
  expect(byId.get(ids.dee ?? "")).toMatchObject({
    result: "failed",
    error: expect.stringContaining("taken"),
  });
  expect(byId.get(ids.eve ?? "")).toMatchObject({
    result: "skipped",
    error: expect.stringContaining("inactive"),
  });
  const named = await importUsers(service, {
    users: [
      { remoteId: ids.cy ?? "", userId: "cy" },
      { remoteId: ids.dee ?? "", userId: "dee" },
      { remoteId: ids.eve ?? "" },
      { remoteId: "nobody" },
    ],
  });
  expect(named.job.counts).toEqual({ created: 3, failed: 1 });
  const eve = await service.run(() => service.ports.users.read("eve@example.com"));
  expect(eve?.user.suspended).toBe(true);
});

test("accounts of a scan that is older than an hour are read before they are taken over", async () => {
  const { service, ids } = await given({ ada: {}, bo: {}, cy: {} });
  await scan(service);
  service.provider("one").removeUser(ids.bo ?? "");
  service.sent.length = 0;
  const [ada, ...others] = Object.values(ids).map((remoteId) => ({ remoteId }));
  await importUsers(service, { users: ada ? [ada] : [] });
  expect(service.sent).toEqual([]);
  await service.pass(61 * 60_000);
  const { rows } = await importUsers(service, { users: others });
  expect(service.sent).toHaveLength(2);
  expect(rows.map(({ result }) => result).sort()).toEqual(["created", "failed"]);
  expect(rows.find(({ remoteId }) => remoteId === ids.bo)?.error).toContain("no longer");
});

test("one who was taken out is not given an account that would be closed at once", async () => {
  const { service, ids } = await given({ ada: {} });
  await service.save("ada", { email: "ada@elsewhere.example.com" });
  const key = { integrationId: service.idOf("one"), userId: "ada" };
  await service.assign("one", "ada");
  await service.run(() => deprovisionUser(service.ports, service.aCall(), key, { action: "delete" }));
  await scan(service);
  service.sent.length = 0;
  const { rows } = await importUsers(service, { users: [{ remoteId: ids.ada ?? "", userId: "ada" }] });
  expect(rows[0]?.result).toBe("failed");
  expect(writes(service)).toEqual([]);
});

test("a manager whose account is linked is the manager of who is imported", async () => {
  const { service, ids } = await given({ ada: {} });
  const bo = service.provider("one").addUser({
    userName: "bo@example.com",
    displayName: "Bo",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { manager: { value: ids.ada } },
  });
  await scan(service);
  await importUsers(service, { users: [{ remoteId: ids.ada ?? "" }] });
  await importUsers(service, { users: [{ remoteId: bo }] });
  const saved = await service.run(() => service.ports.users.read("bo@example.com"));
  expect(saved?.user).toMatchObject({ manager: "ada@example.com", lastname: "Bo" });
});

test("an account that another call claims just before it is linked is not linked twice", async () => {
  const { service, ids } = await given({ ada: {} });
  await service.save("rival", { email: "rival@example.com" });
  await scan(service);
  let isTaken = false;
  service.state.before = (what) => {
    if (isTaken || !what.startsWith("note") || !what.includes("ada@example.com")) return;
    isTaken = true;
    for (const claim of service.memory.claims.values()) claim.ownerId = "rival";
  };
  const { rows } = await importUsers(service, all);
  service.state.before = undefined;
  expect(isTaken).toBe(true);
  expect(rows).toEqual([
    expect.objectContaining({
      remoteId: ids.ada,
      result: "failed",
      error: expect.stringContaining("another user"),
    }),
  ]);
  expect((await status(service, "ada@example.com")).remoteId).toBeUndefined();
});
