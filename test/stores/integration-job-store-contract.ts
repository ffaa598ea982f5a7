import { beforeEach, expect, it } from "vitest";
import { uuidV7 } from "../../shared/model/ids.ts";
import type { IntegrationJob, JobKind } from "../../shared/model/integration-job.ts";
import type { IntegrationJobStore } from "../../shared/provisioning/ports/integration-job-store.ts";
import { newId } from "./samples.ts";

/** What every store of integrations' jobs owes its callers. */
export const integrationJobStoreContract = (makeStore: () => Promise<IntegrationJobStore>): void => {
  let store: IntegrationJobStore;
  let integrationId: string;
  beforeEach(async () => {
    store = await makeStore();
    integrationId = newId("int");
  });
  let made = Date.UTC(2026, 10, 27);
  const aJob = (kind: JobKind = "sync"): Omit<IntegrationJob, "rev"> => {
    made += 1_000;
    return {
      integrationId,
      jobId: uuidV7(made),
      kind,
      status: "running",
      input: { mode: "plan" },
      progress: { done: 0 },
      counts: {},
      requestedAt: new Date(made).toISOString(),
      asked: {
        by: { type: "admin", id: "admin-1" },
        at: new Date(made).toISOString(),
        correlation: { id: "call-1", type: "request" },
        authMethod: "token",
        clientIp: "127.0.0.1",
        userAgent: "test",
      },
    };
  };

  it("makes one job the open one, and answers it to whoever comes second", async () => {
    const [first, second] = [aJob(), aJob("scan")];
    expect(await store.open(first)).toEqual({ ...first, rev: 1 });
    expect(await store.open(first)).toEqual({ ...first, rev: 1 });
    expect(await store.open(second)).toEqual({ ...first, rev: 1 });
    expect(await store.current(integrationId)).toEqual({ ...first, rev: 1 });
    expect(await store.openOnes(1_000)).toContain(integrationId);
    expect(await store.read(second)).toBeUndefined();
  });

  it("lets one of many who open at once win", async () => {
    const wanted = Array.from({ length: 6 }, () => aJob());
    const opened = await Promise.all(wanted.map((job) => store.open(job)));
    const [{ jobId = "" } = {}] = [await store.current(integrationId)];
    expect(new Set(opened.map((job) => job.jobId))).toEqual(new Set([jobId]));
    const there = await Promise.all(wanted.map((job) => store.read(job)));
    expect(there.filter(Boolean)).toHaveLength(1);
  });

  it("gives the place up when the job has ended, and keeps the job", async () => {
    const first = await store.open(aJob());
    const ended = await store.save({ ...first, status: "applied", finishedAt: first.requestedAt });
    expect(ended).toEqual({ ...first, rev: 2, status: "applied", finishedAt: first.requestedAt });
    expect(await store.current(integrationId)).toBeUndefined();
    expect(await store.openOnes(1_000)).not.toContain(integrationId);
    const second = await store.open(aJob());
    expect(second.jobId).not.toBe(first.jobId);
    expect(await store.read(first)).toEqual(ended);
  });

  it("opens one anew that had ended, unless another is open or it has moved", async () => {
    const first = await store.open(aJob());
    const ready = await store.save({ ...first, status: "ready" });
    if (!ready) throw new Error("not saved");
    const second = await store.open(aJob("scan"));
    expect(await store.reopen({ ...ready, status: "running" })).toEqual(second);
    expect(await store.read(first)).toEqual(ready);
    await store.save({ ...second, status: "done" });
    expect(await store.reopen({ ...first, status: "running" })).toBeUndefined();
    const again = await store.reopen({ ...ready, status: "running" });
    expect(again).toEqual({ ...ready, rev: 3, status: "running" });
    expect(await store.current(integrationId)).toEqual(again);
  });

  it("saves nothing over what another has saved since", async () => {
    const job = await store.open(aJob());
    expect(await store.save({ ...job, progress: { done: 1 } })).toMatchObject({
      rev: 2,
      progress: { done: 1 },
    });
    expect(await store.save({ ...job, progress: { done: 9 } })).toBeUndefined();
    expect(await store.read(job)).toMatchObject({ rev: 2, progress: { done: 1 } });
  });

  it("lists jobs of one kind, the latest first, page by page", async () => {
    const ids: string[] = [];
    for (let nth = 0; nth < 3; nth += 1) {
      const job = await store.open(aJob());
      ids.unshift(job.jobId);
      await store.save({ ...job, status: "applied" });
    }
    await store.save({ ...(await store.open(aJob("scan"))), status: "done" });
    const first = await store.list(integrationId, "sync", { limit: 2 });
    expect(first.items.map(({ jobId }) => jobId)).toEqual(ids.slice(0, 2));
    const rest = await store.list(integrationId, "sync", { limit: 2, cursor: first.nextCursor ?? "" });
    expect(rest.items.map(({ jobId }) => jobId)).toEqual(ids.slice(2));
    expect(rest.nextCursor).toBeUndefined();
    await expect(
      store.list(integrationId, "scan", { limit: 2, cursor: first.nextCursor ?? "" }),
    ).rejects.toThrow();
  });

  it("keeps items by place, replaced where they are put again, and lists them in pages", async () => {
    const job = await store.open(aJob());
    const places = ["user#ada", "user#bo", "user#cy"];
    await store.putItems(
      job,
      places.map((place) => ({ place, data: { state: "planned" } })),
    );
    await store.putItems(job, [{ place: "user#bo", data: { state: "applied" } }]);
    const first = await store.items(job, { limit: 2 });
    expect(first.items).toEqual([
      { place: "user#ada", data: { state: "planned" } },
      { place: "user#bo", data: { state: "applied" } },
    ]);
    const rest = await store.items(job, { limit: 2, cursor: first.nextCursor ?? "" });
    expect(rest).toEqual({ items: [{ place: "user#cy", data: { state: "planned" } }] });
    await store.putItems(job, [{ place: "group#ops", data: {} }]);
    const users = await store.items(job, { limit: 2 }, "user#");
    expect(users.items.map(({ place }) => place)).toEqual(["user#ada", "user#bo"]);
    const others = await store.items(job, { limit: 2, cursor: users.nextCursor ?? "" }, "user#");
    expect(others.items.map(({ place }) => place)).toEqual(["user#cy"]);
    expect(await store.itemsAt(job, ["user#bo", "user#dee"])).toEqual([
      { place: "user#bo", data: { state: "applied" } },
    ]);
  });
};
