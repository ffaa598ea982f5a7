import { expect, test } from "vitest";
import { cancelImportJob } from "../../shared/imports/import-jobs.ts";
import { listImportJobs } from "../../shared/imports/list-import-jobs.ts";
import { pauseIntegration } from "../../shared/integrations/pause-integration.ts";
import { Failure } from "../../shared/model/failure.ts";
import { beginScan, given, importUsers, jobOf, list, scan, work } from "./support.ts";

const people = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${String(at).padStart(3, "0")}`, {}]));
const refused = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof Failure ? error.code : String(error)),
  );
/** Any profile with pages of that size. */
const inPages = (maxCount: number) => ({ paging: { style: "index" as const, maxCount } });

test("a scan takes a request for each page, and each account is listed once with whose it is", async () => {
  const { service, ids } = await given(people(25), { overrides: inPages(10) });
  await service.save("p003");
  const job = await scan(service);
  expect(job).toMatchObject({
    status: "done",
    progress: { done: 25, total: 25 },
    counts: { new: 24, matched: 1 },
  });
  expect(service.sent).toHaveLength(3);
  const first = await list(service, { limit: 20 });
  expect(first.total).toBe(25);
  const rest = await list(service, { limit: 20, cursor: first.nextCursor ?? "" });
  const listed = [...first.items, ...rest.items];
  expect(rest.nextCursor).toBeUndefined();
  expect(new Set(listed.map(({ remoteId }) => remoteId))).toEqual(new Set(Object.values(ids)));
  expect(listed).toHaveLength(25);
  expect(listed.map(({ status }) => status).indexOf("matched")).toBe(24);
  expect((await list(service, { show: "new" })).total).toBe(24);
});

test("what was imported since goes behind what is new, and is no longer among the new ones", async () => {
  const { service, ids } = await given(people(4));
  await scan(service);
  await importUsers(service, { users: [{ remoteId: ids.p001 ?? "" }, { remoteId: ids.p002 ?? "" }] });
  const all = await list(service);
  expect(all.items.map(({ status }) => status)).toEqual(["new", "new", "linked", "linked"]);
  const fresh = await list(service, { show: "new" });
  expect(fresh.items.map(({ remoteId }) => remoteId).sort()).toEqual([ids.p000, ids.p003].sort());
  expect(fresh.total).toBe(2);
});

test("accounts are sought and sorted by what they are called, new ones first unless all are asked for", async () => {
  const names = (givenName: string, familyName: string) => ({ name: { givenName, familyName } });
  const { service } = await given({
    a: names("Zoe", "Adams"),
    b: names("Émile", "Zola"),
    c: names("bo", "adler"),
    d: names("Cy", "Brown"),
  });
  await service.save("a");
  await scan(service);
  const shown = async (filter: Parameters<typeof list>[1]) =>
    (await list(service, filter)).items.map(({ lastname }) => lastname);
  expect(await shown({ sort: "lastname" })).toEqual(["adler", "Brown", "Zola", "Adams"]);
  expect(await shown({ sort: "lastname", show: "all" })).toEqual(["Adams", "adler", "Brown", "Zola"]);
  expect(await shown({ sort: "lastname", show: "all", sortOrder: "desc" })).toEqual([
    "Zola",
    "Brown",
    "adler",
    "Adams",
  ]);
  expect(await shown({ query: "AD", sort: "email", show: "all" })).toEqual(["Adams", "adler"]);
  expect(await shown({ query: "émile" })).toEqual(["Zola"]);
  const page = await list(service, { sort: "lastname", show: "all", limit: 3 });
  expect(page).toMatchObject({ total: 4, items: { length: 3 } });
  const next = { sort: "lastname", show: "all", limit: 3, cursor: page.nextCursor ?? "" } as const;
  expect(await shown(next)).toEqual(["Zola"]);
  expect(await refused(list(service, { ...next, sort: "email" }))).toBe("invalid-cursor");
});

test("nothing is listed or imported before a scan, and a scan is good for a week", async () => {
  const { service } = await given(people(2));
  expect(await refused(list(service))).toBe("not-found");
  expect(await refused(importUsers(service, { allNew: true }))).toBe("not-found");
  await scan(service);
  expect((await list(service)).items).toHaveLength(2);
  await service.pass(8 * 86_400_000);
  expect(await refused(list(service))).toBe("not-found");
});

test("a newer scan replaces the last one once it is whole", async () => {
  const { service } = await given(people(3));
  await scan(service);
  service.provider("one").addUser({ userName: "late@example.com" });
  service.state.down.add("one");
  await beginScan(service);
  await work(service);
  expect((await list(service)).total).toBe(3);
  service.state.down.clear();
  for (let turn = 0; turn < 3; turn += 1) await work(service);
  expect((await list(service)).total).toBe(4);
});

test("scans and imports are listed together, the latest first, and each once over all pages", async () => {
  const { service } = await given(people(2));
  const made: string[] = [];
  for (const kind of ["scan", "scan", "import", "scan", "import"]) {
    const { job } =
      kind === "scan" ? { job: await scan(service) } : await importUsers(service, { allNew: true });
    made.unshift(`${kind} ${job.jobId}`);
    await service.pass(10);
  }
  for (const limit of [1, 2, 3, 5, 50]) {
    const listed: string[] = [];
    let cursor: string | undefined;
    do {
      const page = { limit, ...(cursor !== undefined && { cursor }) };
      const { items, nextCursor } = await service.run(() =>
        listImportJobs(service.ports, service.idOf("one"), page),
      );
      expect(items.length).toBeGreaterThan(0);
      listed.push(...items.map(({ kind, jobId }) => `${kind} ${jobId}`));
      cursor = nextCursor;
    } while (cursor !== undefined);
    expect(listed, `pages of ${limit}`).toEqual(made);
  }
});

test("a scan works while the integration is paused, one job at a time", async () => {
  const { service } = await given(people(2));
  await service.run(() =>
    pauseIntegration(service.ports, service.aCall(), { integrationId: service.idOf("one") }, true),
  );
  await beginScan(service);
  expect(await refused(beginScan(service))).toBe("job-in-progress");
  await work(service);
  expect((await list(service)).total).toBe(2);
});

test("a scan that is cancelled ends before it reads more, and takes nobody's place", async () => {
  const { service } = await given(people(3));
  await scan(service);
  const { jobId, integrationId } = await beginScan(service);
  await service.run(() => cancelImportJob(service.ports, { integrationId, jobId }));
  service.sent.length = 0;
  await work(service);
  expect(service.sent).toEqual([]);
  expect((await jobOf(service, { jobId })).job.status).toBe("cancelled");
  expect((await list(service)).total).toBe(3);
});

test("where reading marks accounts as managed a scan has to be acknowledged, and reads nothing until then", async () => {
  const { service } = await given(people(2), { overrides: { readsMarkManaged: true } });
  expect(await refused(beginScan(service))).toBe("acknowledgement-needed");
  expect(service.sent).toEqual([]);
});

test("a list that repeats its last page for ever ends, and one whose pages shift shows each account once", async () => {
  const { service } = await given(people(25), { overrides: inPages(10) });
  const pages: string[] = [];
  service.state.lies = ({ query }, body) => {
    pages.push(body);
    // The third page is the second once more; the fourth begins within it, and so do all behind.
    return Number(query.get("startIndex")) > 20 ? (pages[1] ?? body) : body;
  };
  const job = await scan(service);
  expect(job).toMatchObject({ status: "done", progress: { done: 20 }, counts: { new: 20, unlisted: 5 } });
  expect(service.sent).toHaveLength(3);
});

test.each([
  ["goes on by cursors that were not asked for", { cursorOnly: true }],
  ["repeats the last account of a page and tells of as many as it shows", { clumsyPager: true }],
  ["shows fewer than were asked for", { countCap: 4 }],
  ["tells of fewer than there are", { totalCap: 12 }],
] as const)("a list that %s is read to its end, each account once", async (_, switches) => {
  const { service, ids } = await given(people(25), { overrides: inPages(10), switches });
  const job = await scan(service);
  expect(job).toMatchObject({ status: "done", progress: { done: 25 }, counts: { new: 25 } });
  const listed = (await list(service)).items.map(({ remoteId }) => remoteId);
  expect(listed.sort()).toEqual(Object.values(ids).sort());
});

test("a list that tells of more accounts than it shows is taken as it is, and says so", async () => {
  const { service } = await given(people(4));
  service.state.lies = (_, body) => body.replace('"totalResults":4', '"totalResults":7');
  const job = await scan(service);
  expect(job).toMatchObject({ status: "done", counts: { new: 4, unlisted: 3 } });
});

test("query and sort are refused above 20,000 accounts", async () => {
  const { service } = await given(people(1));
  const job = await scan(service);
  await service.run(() =>
    service.ports.integrationJobs.save({ ...job, progress: { done: 20_001, total: 20_001 } }),
  );
  expect(await refused(list(service, { sort: "email" }))).toBe("invalid-input");
  expect((await list(service)).items).toHaveLength(1);
});
