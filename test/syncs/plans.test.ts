import { expect, test } from "vitest";
import { pauseIntegration } from "../../shared/integrations/pause-integration.ts";
import { listAttention } from "../../shared/provisioning/overview/list-attention.ts";
import { listSyncItems } from "../../shared/syncs/list-syncs.ts";
import { startSync } from "../../shared/syncs/start-sync.ts";
import { toSyncView } from "../../shared/syncs/sync-view.ts";
import { openService, type Service } from "../provisioning/automatic/service.ts";
import { read, sync, work } from "./support.ts";

const given = async () => {
  const service = await openService(["one"]);
  for (const id of ["ada", "bo", "cy", "dee"]) await service.save(id);
  await service.bind("one", "team", ["ada", "bo", "cy", "dee"]);
  await service.bind("one", "crew", ["ada", "bo"]);
  await service.pass(5 * 60_000);
  service.sent.length = 0;
  return service;
};

const reopen = async (service: Service, job: Awaited<ReturnType<typeof sync>>["job"]) => {
  const at = new Date(service.now()).toISOString();
  await service.run(() =>
    service.ports.integrationJobs.reopen({
      ...job,
      status: "running",
      place: { phase: "apply" },
      asked: { ...job.asked, at },
    }),
  );
};

/** How many items each filter lists, beside the count of that name. */
const isCountedAsListed = ({ job, items }: Awaited<ReturnType<typeof sync>>) => {
  const listed: Record<string, number> = {};
  for (const { action, state } of items)
    for (const name of [action, state])
      if (name && name !== "planned") listed[name] = (listed[name] ?? 0) + 1;
  const { removals: _, ...counts } = job.counts;
  expect(counts).toEqual(listed);
};

test("a plan has each user and each membership once, however many groups they are in, and counts what it lists", async () => {
  const service = await given();
  const integrationId = service.idOf("one");
  await service.run(() => pauseIntegration(service.ports, service.aCall(), { integrationId }, true));
  for (const id of ["ada", "bo"]) await service.patch(id, { suspended: true });
  await service.save("eve");
  await service.members("team", { add: ["eve"] });
  await service.members("crew", { add: ["eve"] });
  const planned = await sync(service, { mode: "plan" });
  const names = planned.items.map(({ kind, userId, groupId }) => [kind, groupId, userId].join(" "));
  expect(new Set(names).size).toBe(names.length);
  expect(planned.job.counts).toEqual({ deprovisioned: 2, created: 1, updated: 2, added: 2, removals: 2 });
  isCountedAsListed(planned);
  await service.run(() => pauseIntegration(service.ports, service.aCall(), { integrationId }, false));
  await reopen(service, planned.job);
  await work(service);
  const applied = await read(service, planned.job);
  expect(applied.job).toMatchObject({ status: "applied", counts: { applied: 7 } });
  isCountedAsListed(applied);
  for (const { eventId } of applied.items) expect(eventId).toBeTypeOf("string");
});

test("an account that its last group lets go counts as taken away, also where it is to be changed before", async () => {
  const service = await given();
  await service.patch("dee", { jobTitle: "Engineer" });
  await service.members("team", { remove: ["dee"] });
  const { job, items } = await sync(service, { mode: "plan" });
  expect(job.counts).toMatchObject({ deprovisioned: 1, removed: 1, removals: 1 });
  const own = items.filter(({ kind, userId }) => kind === "user" && userId === "dee");
  expect(own.map(({ action }) => action)).toEqual(["updated", "deprovisioned"]);
});

test("an account that a verification found missing is planned as created, and is made without a request to the old one", async () => {
  const service = await given();
  const [cy] = (await service.accounts("one")).filter(({ userName }) => userName === "cy@example.com");
  await service.byHand("one", "DELETE", `/Users/${cy?.id}`);
  await sync(service, { mode: "verify" });
  service.sent.length = 0;
  const { job, items } = await sync(service, { mode: "plan" });
  expect(items).toContainEqual(
    expect.objectContaining({ kind: "user", userId: "cy", action: "created", state: "planned" }),
  );
  expect(service.sent).toEqual([]);
  await reopen(service, job);
  await work(service);
  const applied = await read(service, job);
  expect(applied.items.map(({ state }) => state)).toEqual(items.map(() => "applied"));
  const writes = service.sent.filter(({ method }) => method !== "GET");
  expect(writes.filter(({ path }) => path === `/Users/${cy?.id}`)).toEqual([]);
  expect(writes.map(({ method, path }) => `${method} ${path.split("/")[1]}`)).toContain("POST Users");
  const team = (await service.groups("one")).find(({ displayName }) => displayName === "team");
  expect(team?.members).toHaveLength(4);
  expect((await sync(service, { mode: "verify" })).items).toEqual([]);
});

test("a member who cannot be mapped is told by the first plan, and by what if, with what is missing", async () => {
  const service = await openService(["one"]);
  await service.save("ada");
  await service.save("bo", { lastname: "" });
  const integrationId = service.idOf("one");
  const { saveGroup } = await import("../../shared/directory/save-group.ts");
  await service.run(() =>
    saveGroup({ ports: service.ports, call: service.aCall() }, "team", {
      name: "Team",
      members: ["ada", "bo"],
    }),
  );
  const failed = {
    kind: "user",
    userId: "bo",
    state: "failed",
    error: { code: "mapping-failed", detail: expect.stringContaining("name.familyName") },
  };
  const whatIf = await sync(service, { mode: "plan", whatIf: { bind: "team" } });
  expect(whatIf.items).toContainEqual(failed);
  expect(whatIf.job.counts).toMatchObject({ failed: 1 });
  await service.run(() => pauseIntegration(service.ports, service.aCall(), { integrationId }, true));
  await service.bind("one", "team", ["ada", "bo"]);
  const first = await sync(service, { mode: "plan" });
  expect(first.items.filter(({ state }) => state === "failed")).toEqual([failed]);
});

test.each([
  [{ target: "tittle", source: "jobTitle" }, "whatIf.attributeMappings.0.target"],
  [{ target: "id", constant: "x" }, "whatIf.attributeMappings.0.target"],
  [{ target: "password", constant: "x" }, "whatIf.attributeMappings.0.target"],
  [{ target: "title", source: "jobTitel" }, "whatIf.attributeMappings.0.source"],
  [{ target: "userName", exclude: true }, "whatIf.attributeMappings.0.exclude"],
] as const)("mappings that no integration could have are refused by what if: %j", async (row, path) => {
  const service = await openService(["one"]);
  const begun = service.run(() =>
    startSync(service.ports, service.aCall(), service.idOf("one"), {
      mode: "plan",
      whatIf: { attributeMappings: [row] },
    }),
  );
  await expect(begun).rejects.toMatchObject({
    code: "invalid-input",
    extras: { errors: [expect.objectContaining({ path })] },
  });
});

test("a cursor goes on in the list of its filters alone", async () => {
  const service = await given();
  for (const id of ["ada", "bo", "cy"]) await service.patch(id, { jobTitle: "Engineer" });
  const { job } = await sync(service, { mode: "plan" });
  const list = (query: Parameters<typeof listSyncItems>[2]) =>
    service.run(() => listSyncItems(service.ports, job, query));
  const first = await list({ limit: 1, action: "updated" });
  const cursor = first.nextCursor ?? "";
  const second = await list({ limit: 5, action: "updated", cursor });
  expect([...first.items, ...second.items].map(({ userId }) => userId)).toEqual(["ada", "bo", "cy"]);
  for (const query of [
    {},
    { action: "created" as const },
    { action: "updated" as const, state: "planned" as const },
  ])
    await expect(list({ limit: 5, ...query, cursor })).rejects.toMatchObject({ code: "invalid-cursor" });
});

test("a verification ends as ready, and as applied where it has repaired", async () => {
  const service = await given();
  expect(toSyncView((await sync(service, { mode: "verify" })).job).status).toBe("ready");
  expect(toSyncView((await sync(service, { mode: "verify", repair: true })).job).status).toBe("applied");
});

test("a verification that began by itself and failed is told to people until one has succeeded", async () => {
  const service = await given();
  const { startDueVerification } = await import("../../shared/syncs/start-due-verification.ts");
  const integrationId = service.idOf("one");
  const attention = () =>
    service.run(() => listAttention(service.ports, { limit: 10, integrationId, kind: "failed" }));
  const begin = async () => {
    await service.pass(86_400_000);
    await service.run(async () => {
      const row = await service.ports.integrations.read(integrationId);
      if (row?.integration) await startDueVerification(service.ports, row.integration);
    });
    await work(service);
  };
  service.state.refuses = ({ path }) => (path === "/Groups" ? 400 : undefined);
  // Of one that somebody asked for, the answer tells.
  expect((await sync(service, { mode: "verify" })).job.status).toBe("failed");
  expect((await attention()).items).toEqual([]);
  await begin();
  const { items } = await attention();
  expect(items).toMatchObject([{ kind: "failed", integrationId, detail: expect.stringContaining("sync ") }]);
  expect(items[0]).not.toHaveProperty("userId");
  await begin();
  expect((await attention()).items).toMatchObject([{ since: items[0]?.since }]);
  service.state.refuses = undefined;
  await begin();
  expect((await attention()).items).toEqual([]);
});
