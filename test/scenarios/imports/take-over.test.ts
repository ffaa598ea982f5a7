import { expect, test } from "vitest";
import { call, ENTERPRISE, GROUP, patchOp, USER } from "../../providers/call.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import { until } from "../../support/quick-time.ts";
import {
  everyEventOf,
  expectOk,
  forget,
  givenIntegration,
  givenProvider,
  requestLines,
  useUsher,
  writes,
} from "../../support/steps.ts";

const usher = useUsher();

const emailOf = (at: number) => `person-${String(at).padStart(2, "0")}@example.com`;

/** A strongDM with 40 accounts in five groups of eight, connected and paused. */
const given = async () => {
  const provider = await givenProvider(startStrongDm);
  const accounts: string[] = [];
  for (let at = 0; at < 40; at += 1) {
    const made = await call(provider, "POST", "/Users", {
      schemas: [USER, ENTERPRISE],
      userName: emailOf(at),
      name: { givenName: "Person", familyName: `No. ${at}` },
      displayName: `Person No. ${at}`,
      emails: [{ value: emailOf(at), type: "work", primary: true }],
      active: at !== 39,
      [ENTERPRISE]: { department: "R&D" },
    });
    accounts.push(String(made.json.id));
  }
  for (let at = 0; at < 5; at += 1) {
    const members = accounts.slice(8 * at, 8 * at + 8).map((value) => ({ value }));
    await call(provider, "POST", "/Groups", { schemas: [GROUP], displayName: `Team ${at}`, members });
  }
  const integration = await givenIntegration(usher, provider, { paused: true });
  forget(provider);
  return { provider, integration, accounts };
};

const done = async (path: string, status = "done") => {
  await until(async () => (await usher.call("GET", path)).body.status === status);
  return (await usher.call("GET", path)).body;
};

test("a tenant of 40 accounts and 5 groups is taken over: scan, import, bind, look, resume, find drift, repair", {
  timeout: 60_000,
}, async () => {
  const { provider, integration, accounts } = await given();
  const { path } = integration;

  // Reading marks accounts as managed there, so it has to be meant.
  expect(await usher.call("POST", `${path}/import/scans`)).toMatchObject({
    status: 409,
    body: { code: "acknowledgement-needed" },
  });
  expect(provider.requests).toEqual([]);
  const begun = await usher.call("POST", `${path}/import/scans`, { acknowledgeManaged: true });
  expect(begun.status).toBe(202);
  await done(begun.headers.get("location") ?? "");
  expect(requestLines(provider)).toEqual(["GET /Users"]);
  const listed = await usher.call("GET", `${path}/import/users?show=new&limit=100`);
  expect(listed.body).toMatchObject({ total: 40, items: { length: 40 } });

  // Each team with those who are in it there, but for one whom Team 4 does not know here.
  for (let at = 0; at < 5; at += 1) {
    expectOk(await usher.call("PUT", `/groups/team-${at}`, { name: `Team ${at}` }));
    const users = accounts.slice(8 * at, at === 4 ? 38 : 8 * at + 8).map((remoteId) => ({ remoteId }));
    const job = await usher.call("POST", `${path}/import/jobs`, { users, groupId: `team-${at}` });
    expect(await done(job.headers.get("location") ?? "")).toMatchObject({
      counts: { created: users.length },
    });
  }
  const rest = await usher.call("POST", `${path}/import/jobs`, { allNew: true });
  const { jobId, counts } = await done(rest.headers.get("location") ?? "");
  expect(counts).toEqual({ created: 1, skipped: 1 });
  const { body: rows } = await usher.call("GET", `${path}/import/jobs/${jobId}/rows`);
  expect(rows.items).toContainEqual({
    remoteId: accounts[39],
    result: "skipped",
    error: expect.stringContaining("inactive"),
  });
  expect(requestLines(provider)).toHaveLength(1);

  // Bound while paused; the plan says what would be sent.
  for (let at = 0; at < 5; at += 1)
    expect((await usher.call("PUT", `${path}/groups/team-${at}`)).status).toBe(202);
  const { body: planned } = await usher.call("POST", `${path}/syncs`, { mode: "plan" });
  const plan = await done(`${path}/syncs/${planned.syncId}`, "ready");
  expect(plan.counts).toMatchObject({ removals: 0 });
  expect(writes(provider)).toEqual([]);

  expectOk(await usher.call("POST", `${path}/resume`));
  const stateOf = async (of: string) => (await usher.call("GET", `${path}/${of}`)).body.state;
  for (let at = 0; at < 4; at += 1)
    await until(async () => (await stateOf(`groups/team-${at}`)) === "in_sync");
  await until(async () => (await stateOf("groups/team-4")) === "failed");
  // Nobody is made twice, nobody is thrown out, and nobody is closed.
  expect(await provider.users()).toHaveLength(40);
  expect(writes(provider).filter(({ method }) => method === "POST" || method === "DELETE")).toEqual([]);
  for (const { members } of await provider.groups()) expect(members).toHaveLength(8);
  expect((await provider.users()).filter(({ active }) => !active)).toHaveLength(1);
  const { body: team } = await usher.call("GET", `${path}/groups/team-4`);
  expect(team.lastError).toMatchObject({ code: "deprovisions-held" });
  // Who is in no bound group is unmanaged.
  expect(await stateOf(`users/${emailOf(38)}`)).toBe("unmanaged");
  expectOk(await usher.call("PUT", `${path}/groups/team-4?existing=keep`));
  await until(async () => (await stateOf(`users/${emailOf(38)}`)) === "in_sync");

  // Somebody changes something there by hand; it is found, and repaired.
  await call(
    provider,
    "PATCH",
    `/Users/${accounts[3]}`,
    patchOp({ op: "replace", value: { active: false } }),
  );
  const verify = { mode: "verify", acknowledgeManaged: true };
  const { body: looked } = await usher.call("POST", `${path}/syncs`, verify);
  await done(`${path}/syncs/${looked.syncId}`, "ready");
  const { body: found } = await usher.call("GET", `${path}/syncs/${looked.syncId}/items?finding=inactive`);
  expect(found.items).toMatchObject([{ userId: emailOf(3), state: "found" }]);
  const { body: repairing } = await usher.call("POST", `${path}/syncs`, { ...verify, repair: true });
  await done(`${path}/syncs/${repairing.syncId}`, "applied");
  expect((await provider.users()).find(({ id }) => id === accounts[3])?.active).toBe(true);

  // All of it is on record.
  const made = await everyEventOf(usher, `correlationId=${jobId}`);
  expect(made).toMatchObject([{ event_type: "user_create", correlation: { type: "user_import" } }]);
});
