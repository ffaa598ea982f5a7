import { expect, test } from "vitest";
import type { Service } from "../provisioning/automatic/service.ts";
import { anAccount, beginImport, beginScan, given, jobOf, list, status, work, writes } from "./support.ts";

const count = 10_000;

/** Workers take turns until it has ended. */
const carryOn = async (service: Service, job: { jobId: string }): Promise<void> => {
  for (let turn = 0; turn < 100; turn += 1) {
    if ((await jobOf(service, job)).job.status !== "running") return;
    await work(service);
  }
};

test("10,000 accounts are scanned by a request for each page, and imported without one", {
  timeout: 120_000,
}, async () => {
  const { service } = await given({}, { overrides: { paging: { style: "index", maxCount: 100 } } });
  for (let at = 0; at < count; at += 1) service.provider("one").addUser(anAccount(`p${at}`));
  const begun = service.now();
  const scan = await beginScan(service);
  await carryOn(service, scan);
  expect((await jobOf(service, scan)).job).toMatchObject({ status: "done", counts: { new: count } });
  expect(service.sent).toHaveLength(count / 100);
  const scanned = service.now();
  service.sent.length = 0;
  const job = await beginImport(service, { allNew: true });
  await carryOn(service, job);
  const { job: after, rows } = await jobOf(service, job);
  const imported = service.now();
  expect(after).toMatchObject({ status: "done", counts: { created: count } });
  expect(rows).toHaveLength(count);
  expect(new Set(rows.map(({ userId }) => userId)).size).toBe(count);
  expect(service.sent).toEqual([]);
  expect((await status(service, "p9999@example.com")).state).toBe("unmanaged");
  expect((await list(service, { show: "new" })).total).toBe(0);
  const sorted = await list(service, { sort: "email", query: "p999", limit: 5 });
  expect(sorted).toMatchObject({ total: 11, items: [{ userName: "p9990@example.com" }, {}, {}, {}, {}] });
  const listed = service.now();
  // At 2 ms for a request of a store, and 40 ms for one of the provider.
  expect(scanned - begun).toBeLessThan(10_000);
  expect(imported - scanned).toBeLessThan(75_000);
  expect(listed - imported).toBeLessThan(1_000);
  expect(writes(service)).toEqual([]);
});
