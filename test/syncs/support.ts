import { runJob } from "../../shared/jobs/run-job.ts";
import { startJob } from "../../shared/jobs/start-job.ts";
import type { JsonObject } from "../../shared/model/json.ts";
import type { SyncItem } from "../../shared/model/sync.ts";
import { type Rehearse, rehearse } from "../../shared/rehearsal/rehearse.ts";
import { createScimClient } from "../../shared/scim/client.ts";
import { noteVerification } from "../../shared/syncs/note-verification.ts";
import { itemIn } from "../../shared/syncs/sync-items.ts";
import { syncStep } from "../../shared/syncs/sync-steps.ts";
import type { Service } from "../provisioning/automatic/service.ts";

export const rehearseCall: Rehearse = (real, wanted) =>
  rehearse(real, (exchange, clock) => createScimClient({ exchange, ...clock, random: () => 0.5 }), wanted);

/** Those of a process, which knows nothing of what another one has read. */
const makeSteps = () => ({ sync: syncStep(rehearseCall) });
export const steps = makeSteps();

/** The workers carry the open job on until nothing is left to do now. */
export const work = async (service: Service, name = "one"): Promise<void> => {
  const { run, ports, idOf, now } = service;
  await run(() =>
    runJob(ports, idOf(name), { until: now() + 60_000, steps: makeSteps(), onEnd: noteVerification }),
  );
};

/** A sync of that integration, carried on to where it rests. */
export const sync = async (service: Service, input: JsonObject, name = "one") => {
  const { run, ports, idOf } = service;
  const job = await run(() =>
    startJob(ports, service.aCall(), { integrationId: idOf(name), kind: "sync", input }),
  );
  await work(service, name);
  return read(service, job);
};

/** A job as it is, and its items. */
export const read = async (service: Service, key: { integrationId: string; jobId: string }) => {
  const { run, ports } = service;
  const job = await run(() => ports.integrationJobs.read(key));
  if (!job) throw new Error("no job");
  const page = await run(() => ports.integrationJobs.items(job, { limit: 500 }, "R#"));
  const items = page.items.flatMap((row): SyncItem[] => {
    const item = itemIn(row);
    return item ? [item] : [];
  });
  return { job, items };
};
