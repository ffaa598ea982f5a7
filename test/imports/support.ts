import { importStep } from "../../shared/imports/import-step.ts";
import { listAccounts } from "../../shared/imports/list-accounts.ts";
import { scanStep } from "../../shared/imports/scan-step.ts";
import { startImport } from "../../shared/imports/start-import.ts";
import { startScan } from "../../shared/imports/start-scan.ts";
import { runJob } from "../../shared/jobs/run-job.ts";
import type { AccountFilter, ImportJobView, ImportRow } from "../../shared/model/import.ts";
import { drainIntegration } from "../../shared/provisioning/automatic/drain-integration.ts";
import { sweepWork } from "../../shared/provisioning/automatic/sweep.ts";
import { getUserStatus } from "../../shared/provisioning/status/user-status.ts";
import { openService, type Service } from "../provisioning/automatic/service.ts";
import { steps as syncSteps } from "../syncs/support.ts";

export const steps = { ...syncSteps, scan: scanStep, import: importStep };

/** An account as somebody made it there by hand. */
export const anAccount = (name: string, changes: Record<string, unknown> = {}) => ({
  userName: `${name}@example.com`,
  name: { givenName: name, familyName: "Byron" },
  displayName: `${name} Byron`,
  emails: [{ type: "work", value: `${name}@example.com`, primary: true }],
  ...changes,
});

/** A provider with these accounts, of which the directory knows nobody. Answers their ids there, by name. */
export const given = async (
  accounts: Record<string, Record<string, unknown>>,
  options: Parameters<typeof openService>[1] = {},
) => {
  const service = await openService(["one"], options);
  const ids: Record<string, string> = {};
  for (const [name, changes] of Object.entries(accounts))
    ids[name] = service.provider("one").addUser(anAccount(name, changes));
  service.sent.length = 0;
  return { service, ids };
};

/** Workers carry the open job on, with another process for each turn. */
export const work = async (service: Service): Promise<void> => {
  const { run, otherPorts, idOf, now } = service;
  await run(() => runJob(otherPorts(), idOf("one"), { until: now() + 60_000, steps }));
};

/** What is due by itself is carried out. */
export const settle = async (service: Service): Promise<void> => {
  const { run, ports, idOf, now } = service;
  for (let turn = 0; turn < 3; turn += 1) {
    await run(() => sweepWork(ports, { until: now() + 20_000 }));
    await run(() => drainIntegration(ports, idOf("one"), { until: now() + 60_000 }));
    await service.pass(60_000);
  }
};

export const jobOf = async (service: Service, { jobId }: { jobId: string }) => {
  const integrationId = service.idOf("one");
  const job = await service.run(() => service.ports.integrationJobs.read({ integrationId, jobId }));
  if (!job) throw new Error("no job");
  const { items } = await service.run(() =>
    service.ports.integrationJobs.items(job, { limit: 20_000 }, "R#"),
  );
  return { job, rows: items.map(({ data }) => data as unknown as ImportRow) };
};

export const beginScan = (service: Service): Promise<ImportJobView> =>
  service.run(() => startScan(service.ports, service.aCall(), service.idOf("one"), {}));

export const scan = async (service: Service) => {
  const begun = await beginScan(service);
  await work(service);
  return (await jobOf(service, begun)).job;
};

type Input = Partial<Parameters<typeof startImport>[3]>;

export const beginImport = (service: Service, input: Input): Promise<ImportJobView> =>
  service.run(() =>
    startImport(service.ports, service.aCall(), service.idOf("one"), { matched: "skip", ...input }),
  );

export const importUsers = async (service: Service, input: Input) => {
  const begun = await beginImport(service, input);
  await work(service);
  return jobOf(service, begun);
};

export const list = (service: Service, filter: AccountFilter & { limit?: number; cursor?: string } = {}) =>
  service.run(() => listAccounts(service.ports, service.idOf("one"), { limit: 50, ...filter }));

export const status = (service: Service, userId: string) =>
  service.run(() => getUserStatus(service.ports, service.idOf("one"), userId));

export const writes = (service: Service): string[] =>
  service.sent
    .filter(({ method }) => method !== "GET")
    .map(({ method, path, body }) => `${method} ${path} ${body}`);
