import { expect, test } from "vitest";
import { saveUser } from "../../shared/directory/save-user.ts";
import { cancelImportJob, getImportJob } from "../../shared/imports/import-jobs.ts";
import { importInputSchema } from "../../shared/model/import.ts";
import { aUser, type Service } from "../provisioning/automatic/service.ts";
import {
  beginImport,
  beginScan,
  given,
  importUsers,
  jobOf,
  list,
  scan,
  settle,
  status,
  work,
  writes,
} from "./support.ts";

const all = { allNew: true } as const;
const inPages = (maxCount: number) => ({ paging: { style: "index" as const, maxCount } });
const people = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${String(at).padStart(3, "0")}`, {}]));
const secondPage = 11;

/** What a provider may do with a page behind the first. */
const breaks = {
  "is refused in its midst": (service: Service) => {
    service.state.refuses = ({ query }) => (Number(query.get("startIndex")) >= secondPage ? 404 : undefined);
  },
  "ends with an empty page": (service: Service) => {
    service.state.lies = ({ query }, body) =>
      Number(query.get("startIndex")) >= secondPage
        ? JSON.stringify({ ...JSON.parse(body), Resources: [] })
        : body;
  },
  "shows no resources at all": (service: Service) => {
    service.state.lies = (_, body) => JSON.stringify({ ...JSON.parse(body), Resources: undefined });
  },
};
const mend = (service: Service) => {
  service.state.refuses = undefined;
  service.state.lies = undefined;
};

test.each(Object.entries(breaks))(
  "a list that %s takes the place of no scan that is whole",
  async (_, begin) => {
    const { service } = await given(people(25), { overrides: inPages(10) });
    await scan(service);
    begin(service);
    const broken = await scan(service);
    expect(broken).toMatchObject({
      status: "failed",
      error: { code: "provider-malformed", detail: expect.stringMatching(/tells of 25.*stay.*Scan again/) },
    });
    mend(service);
    expect((await list(service)).total).toBe(25);
  },
);

test.each(["is refused in its midst", "shows no resources at all"] as const)(
  "a first scan of a list that %s is none",
  async (how) => {
    const { service } = await given(people(25), { overrides: inPages(10) });
    breaks[how](service);
    expect((await scan(service)).status).toBe("failed");
  },
);

test("a list of which some were deleted while it was read is whole", async () => {
  const { service, ids } = await given(people(25), { overrides: inPages(10) });
  service.state.lies = ({ query }, body) => {
    if (Number(query.get("startIndex")) === 1) service.provider("one").removeUser(ids.p024 ?? "");
    return body;
  };
  expect(await scan(service)).toMatchObject({ status: "done", counts: { new: 24 } });
});

test("an import that is cancelled counts all that it did", async () => {
  const { service } = await given(people(60));
  await scan(service);
  const { jobId, integrationId } = await beginImport(service, all);
  let made = 0;
  service.state.before = async (what) => {
    if (!what.startsWith("save user")) return;
    made += 1;
    if (made === 30) await cancelImportJob(service.ports, { integrationId, jobId });
  };
  await work(service);
  const { job, rows } = await jobOf(service, { jobId });
  expect(job).toMatchObject({ status: "cancelled", counts: { created: 50 }, progress: { done: 50 } });
  expect(rows).toHaveLength(50);
});

test("a job that is being tried again tells why, and no longer once it goes on", async () => {
  const { service } = await given(people(2));
  const { jobId, integrationId } = await beginScan(service);
  service.state.down.add("one");
  await work(service);
  const view = () => service.run(() => getImportJob(service.ports, { integrationId, jobId }));
  expect(await view()).toMatchObject({
    status: "running",
    lastError: { code: "provider-unavailable", detail: expect.stringContaining("503") },
  });
  service.state.down.clear();
  await work(service);
  expect(await view()).toMatchObject({ status: "done" });
  expect(await view()).not.toHaveProperty("lastError");
});

test("a value that is too long for the directory is left out, and named in the row", async () => {
  const { service } = await given({ ada: { title: "T".repeat(20_000) } });
  await scan(service);
  expect((await importUsers(service, all)).rows).toMatchObject([
    { result: "created", note: expect.stringContaining("title") },
  ]);
});

test("an account that cannot be read keeps nobody else out, and its row names it", async () => {
  const { service, ids } = await given({ ada: {}, bo: {}, cy: {} });
  await scan(service);
  await service.pass(61 * 60_000);
  service.state.refuses = ({ path }) => (path.endsWith(ids.ada ?? "-") ? 403 : undefined);
  service.state.lies = ({ path }, body) =>
    path.endsWith(ids.bo ?? "-") ? body.replace(/"id":"[^"]*"/, '"id":"somebody-else"') : body;
  const { job, rows } = await importUsers(service, all);
  expect(job).toMatchObject({ status: "done", counts: { created: 1, failed: 2 } });
  const failed = new Map(rows.map((row) => [row.remoteId, row.error]));
  expect(failed.get(ids.ada ?? "")).toMatch(/ada@example\.com.*403/);
  expect(failed.get(ids.bo ?? "")).toMatch(/bo@example\.com.*another resource/);
});

test("a link by import has one event, by who asked for the job, and nothing is sent for it", async () => {
  const { service, ids } = await given({ ada: {} });
  await service.save("ada");
  await scan(service);
  const users = [{ remoteId: ids.ada ?? "" }];
  const { job } = await importUsers(service, { users, matched: "link" });
  await importUsers(service, { users, matched: "link" });
  const told = [...service.memory.events.values()]
    .map((one) => ("event" in one ? one.event : one))
    .filter(({ event_type: type }) => type === "user_update_provision");
  expect(told).toEqual([
    expect.objectContaining({
      success: true,
      correlation: { id: job.jobId, type: "user_import" },
      initiated_by: expect.objectContaining({ id: "admin-1" }),
      resource: expect.objectContaining({ id: "ada" }),
      idm_client_id: service.idOf("one"),
    }),
  ]);
  expect(await status(service, "ada")).toMatchObject({ state: "unmanaged", remoteId: ids.ada });
  expect(writes(service)).toEqual([]);
});

test.each(["skip", "link"] as const)(
  "a user whom another import makes at the same time is one who matches, and is dealt with as such: %s",
  async (matched) => {
    const { service, ids } = await given({ ada: {} });
    await scan(service);
    let isMade = false;
    service.state.before = async (what) => {
      if (isMade || !what.startsWith("claim")) return;
      isMade = true;
      const asked = { ports: service.ports, call: service.aCall() };
      await saveUser(asked, "ada@example.com", aUser("ada"));
    };
    const { rows } = await importUsers(service, { ...all, matched });
    service.state.before = undefined;
    expect(isMade).toBe(true);
    expect(rows).toEqual([
      expect.objectContaining({
        remoteId: ids.ada,
        userId: "ada@example.com",
        result: matched === "link" ? "linked" : "skipped",
      }),
    ]);
  },
);

test.each(["by its id", "with all"])(
  "an account that was replaced at the service provider is linked in place of the one that is gone, %s",
  async (how) => {
    const { service, ids } = await given({ ada: {} });
    await service.bind("one", "team", []);
    await scan(service);
    await importUsers(service, { ...all, groupId: "team" });
    await settle(service);
    const provider = service.provider("one");
    provider.removeUser(ids.ada ?? "");
    const remoteId = provider.addUser({ userName: "ada@example.com", displayName: "Ada" });
    await scan(service);
    const whom = how === "with all" ? all : { users: [{ remoteId }] };
    expect((await importUsers(service, { ...whom, matched: "link" })).rows).toEqual([
      { remoteId, userId: "ada@example.com", result: "linked" },
    ]);
    await settle(service);
    expect(await status(service, "ada@example.com")).toMatchObject({ state: "in_sync", remoteId });
    expect((await service.groups("one"))[0]?.members).toContain(remoteId);
  },
);

test("an account that is there still is no match for another one of the same names", async () => {
  const { service } = await given({ ada: {} });
  await scan(service);
  await importUsers(service, all);
  const remoteId = service
    .provider("one")
    .addUser({ userName: "other", emails: [{ value: "ada@example.com" }] });
  await scan(service);
  const { rows } = await importUsers(service, { users: [{ remoteId }], matched: "link" });
  expect(rows).toMatchObject([{ result: "failed", error: expect.stringContaining("another account") }]);
  expect((await importUsers(service, { ...all, matched: "link" })).rows).toEqual([]);
});

test.each([
  ["an empty displayName", { name: {}, displayName: "" }, "created"],
  ["a displayName that is too long", { name: {}, displayName: "D".repeat(1_100) }, "created"],
] as const)(
  "an account without names and with %s gets its userName as last name",
  async (_, changes, result) => {
    const { service } = await given({ ada: changes });
    await scan(service);
    expect((await importUsers(service, all)).rows).toMatchObject([{ result }]);
    const saved = await service.run(() => service.ports.users.read("ada@example.com"));
    expect(saved?.user.lastname).toBe("ada@example.com");
  },
);

test("two accounts are not named to one user", () => {
  const users = [
    { remoteId: "r1", userId: "ada" },
    { remoteId: "r2", userId: "ada" },
  ];
  expect(importInputSchema.safeParse({ users }).error?.issues[0]?.message).toContain("userId twice");
});
