import { expect, test } from "vitest";
import { reauthIntegration } from "../../shared/integrations/reauth-integration.ts";
import { Failure } from "../../shared/model/failure.ts";
import type { Service } from "../provisioning/automatic/service.ts";
import { beginImport, beginScan, given, importUsers, jobOf, list, scan, work } from "./support.ts";

const all = { allNew: true } as const;

const codeOf = (asked: Promise<unknown>) =>
  asked.then(
    () => undefined,
    (error: unknown) => (error instanceof Failure ? error.code : String(error)),
  );

const reauth = (service: Service) =>
  service.run(() =>
    reauthIntegration(
      service.ports,
      service.aCall(),
      { integrationId: service.idOf("one") },
      { credentials: { type: "bearer", clientSecret: "the-token-of-all" }, test: { mode: "read" } },
    ),
  );

const usersOf = (service: Service) => service.run(() => service.ports.users.list({ limit: 10 }));

test("what was scanned with other credentials is neither listed nor imported, and a new scan is", async () => {
  const { service } = await given({ ada: {}, bo: {} });
  await scan(service);
  await reauth(service);
  expect(await codeOf(list(service))).toBe("not-found");
  expect(await codeOf(importUsers(service, all))).toBe("not-found");
  await scan(service);
  expect((await importUsers(service, all)).job.counts).toEqual({ created: 2 });
});

test("an import that was begun before the credentials were changed makes nobody of what was scanned with the old ones", async () => {
  const { service } = await given({ ada: {} });
  await scan(service);
  const begun = await beginImport(service, all);
  await reauth(service);
  await work(service);
  const { job } = await jobOf(service, begun);
  expect(job).toMatchObject({ status: "failed", error: { detail: expect.stringContaining("Scan again") } });
  expect((await usersOf(service)).items).toEqual([]);
});

test("a scan under way when the credentials are changed is none", async () => {
  const { service } = await given({ ada: {} });
  const begun = await beginScan(service);
  await reauth(service);
  await work(service);
  expect((await jobOf(service, begun)).job.status).toBe("failed");
  expect(await codeOf(list(service))).toBe("not-found");
});

test("credentials with which the ids of imported accounts are other people open another tenant", async () => {
  const { service } = await given({ ada: {}, bo: {} });
  await scan(service);
  await importUsers(service, all);
  service.state.lies = (_, body) => body.replaceAll(/\b(ada|bo)@example\.com/g, "x$1@elsewhere.example.com");
  expect(await codeOf(reauth(service))).toBe("different-tenant");
  service.state.lies = undefined;
  expect(await codeOf(reauth(service))).toBeUndefined();
});

test("an account that was renamed at the service provider and has its address still is the same", async () => {
  const { service } = await given({ ada: {} });
  await scan(service);
  await importUsers(service, all);
  service.state.lies = (_, body) =>
    body.replaceAll('"userName":"ada@example.com"', '"userName":"ada.byron@example.com"');
  expect(await codeOf(reauth(service))).toBeUndefined();
});
