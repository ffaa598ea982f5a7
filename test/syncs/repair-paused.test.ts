import { expect, test } from "vitest";
import { pauseIntegration } from "../../shared/integrations/pause-integration.ts";
import { openService } from "../provisioning/automatic/service.ts";
import { read, sync, work } from "./support.ts";
import { patch } from "./verify-support.ts";

const everybody = Array.from({ length: 30 }, (_, at) => `user-${at}`);

test("a pause stops a repair at once; it waits, and goes on after the resume", async () => {
  const service = await openService(["one"]);
  for (const id of everybody) await service.save(id, { jobTitle: "Engineer" });
  await service.bind("one", "team", everybody);
  await service.pass(5 * 60_000);
  for (const { id } of await service.accounts("one"))
    await patch(service, `/Users/${id}`, { op: "replace", path: "title", value: "Changed by hand" });
  const limited = service.memory.integrations.get(service.idOf("one"));
  if (limited?.integration) limited.integration.overrides = { rateLimit: { perSecond: 5, burst: 1 } };
  service.sent.length = 0;
  const writes = () => service.sent.filter(({ method }) => method !== "GET").length;
  service.state.refuses = () => {
    const row = service.memory.integrations.get(service.idOf("one"));
    if (writes() > 3 && row?.integration) row.integration.pausedAt ??= new Date(service.now()).toISOString();
    return undefined;
  };
  const { job, items } = await sync(service, { mode: "verify", repair: true });
  expect(job).toMatchObject({ status: "running", lastError: { code: "integration-not-active" } });
  const sent = writes();
  expect(sent).toBeLessThan(30);
  expect(items.filter(({ state }) => state === "failed")).toEqual([]);
  service.state.refuses = undefined;
  const integrationId = service.idOf("one");
  await service.run(() => pauseIntegration(service.ports, service.aCall(), { integrationId }, false));
  await service.pass(60_000);
  await work(service);
  const ended = await read(service, job);
  expect(ended.job).toMatchObject({ status: "done", counts: { changed: 30, repaired: 30 } });
  for (const { eventId } of ended.items) expect(eventId).toBeTypeOf("string");
  expect(writes()).toBe(30);
});
