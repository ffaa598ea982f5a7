import { expect, test } from "vitest";
import { pauseIntegration } from "../../shared/integrations/pause-integration.ts";
import { sweepWork } from "../../shared/provisioning/automatic/sweep.ts";
import { startDueVerification } from "../../shared/syncs/start-due-verification.ts";
import { startSync } from "../../shared/syncs/start-sync.ts";
import { verifyObject } from "../../shared/verification/verify-object.ts";
import type { Service } from "../provisioning/automatic/service.ts";
import { work } from "./support.ts";
import { drift, given, idOf, patch, userStatus } from "./verify-support.ts";

const verify = (service: Service, kind: "user" | "group", id: string, wanted: object = {}) =>
  service.run(() =>
    verifyObject(service.ports, service.aCall(), { integrationId: service.idOf("one"), kind, id }, wanted),
  );

test("one user is read, compared and repaired in the call", async () => {
  const service = await given();
  await drift(service);
  const seen = await verify(service, "user", "ada");
  expect(seen).toEqual({
    findings: [expect.objectContaining({ finding: "changed", path: "title", seen: "Duke", state: "found" })],
    state: "unconfirmed",
  });
  expect(service.sent.map(({ method }) => method)).toEqual(["GET"]);
  const repaired = await verify(service, "user", "ada", { repair: true });
  expect(repaired).toEqual({
    findings: [expect.objectContaining({ state: "repaired", eventId: expect.any(String) })],
    state: "in_sync",
  });
  expect(await verify(service, "user", "ada")).toEqual({ findings: [], state: "in_sync" });
});

test("an account that was made a moment ago is waited for, before it is missing", async () => {
  const service = await given({ switches: {} });
  await service.save("fay");
  await service.assign("one", "fay");
  const id = await idOf(service, "fay");
  let reads = 0;
  service.state.refuses = ({ method, path }) => {
    if (method === "GET" && path === `/Users/${id}`) reads += 1;
    return method === "GET" && path === `/Users/${id}` && reads < 3 ? 404 : undefined;
  };
  expect(await verify(service, "user", "fay")).toEqual({ findings: [], state: "in_sync" });
  expect(reads).toBe(3);
  await service.byHand("one", "DELETE", `/Users/${id}`);
  expect(await verify(service, "user", "fay")).toMatchObject({ findings: [{ finding: "missing" }] });
});

test("one who is gone is made again, in the groups too", async () => {
  const service = await given();
  await service.byHand("one", "DELETE", `/Users/${await idOf(service, "cy")}`);
  const { findings, state } = await verify(service, "user", "cy", { repair: true });
  expect(findings).toEqual([expect.objectContaining({ finding: "missing", state: "repaired" })]);
  expect(state).toBe("in_sync");
  const [team] = await service.groups("one");
  expect(team?.members).toContain(await idOf(service, "cy"));
});

test("a group that is gone is made again with its members", async () => {
  const service = await given();
  const [team] = await service.groups("one");
  service.provider("one").removeGroup(String(team?.id));
  expect(await verify(service, "group", "team")).toMatchObject({
    findings: [{ finding: "missing", state: "found" }],
    state: "unconfirmed",
  });
  expect(await verify(service, "group", "team", { repair: true })).toMatchObject({
    findings: [{ finding: "missing", state: "repaired" }],
    state: "in_sync",
  });
  const [made] = await service.groups("one");
  expect(made).toMatchObject({ displayName: "team", members: { length: 3 } });
});

test("what the service never pushed is not compared", async () => {
  const service = await given();
  await patch(service, `/Users/${await idOf(service, "bo")}`, { op: "add", path: "nickName", value: "Bobo" });
  await patch(service, `/Users/${await idOf(service, "bo")}`, { op: "add", path: "title", value: "Duke" });
  expect(await verify(service, "user", "bo")).toEqual({ findings: [], state: "in_sync" });
});

test("what is to be sent in its turn is no finding, and stays as it was", async () => {
  const service = await given();
  await service.patch("ada", { jobTitle: "Queen" });
  const before = JSON.stringify([...service.memory.userLinks]);
  expect(await verify(service, "user", "ada")).toEqual({ findings: [], state: "pending" });
  expect(JSON.stringify([...service.memory.userLinks])).toBe(before);
});

test("what was in doubt is settled by what is read", async () => {
  const service = await given();
  const key = `ada#${service.idOf("one")}`;
  const link = service.memory.userLinks.get(key);
  if (!link) throw new Error("no link");
  const { pushed, ...observed } = link.observed;
  const { title, ...others } = pushed ?? {};
  const doubted = { ...observed, pushed: others, uncertain: { title: "Duke" } };
  service.memory.userLinks.set(key, { ...link, observed: doubted });
  expect(await verify(service, "user", "ada")).toEqual({ findings: [], state: "in_sync" });
  const settled = service.memory.userLinks.get(key)?.observed;
  expect(settled?.pushed).toEqual({ ...others, title });
  expect(settled?.uncertain).toBeUndefined();
});

test("what was unconfirmed and is there by now is in step", async () => {
  const service = await given();
  const key = `ada#${service.idOf("one")}`;
  const link = service.memory.userLinks.get(key);
  if (!link) throw new Error("no link");
  const unconfirmed = { expected: { title: "Countess" }, seen: { title: null } };
  const observed = { ...link.observed, unconfirmed };
  service.memory.userLinks.set(key, { ...link, observed });
  expect((await userStatus(service, "ada")).state).toBe("unconfirmed");
  expect(await verify(service, "user", "ada")).toEqual({ findings: [], state: "in_sync" });
});

test("a pause lets everything be read, and nothing be repaired", async () => {
  const service = await given();
  await drift(service);
  const integrationId = service.idOf("one");
  await service.run(() => pauseIntegration(service.ports, service.aCall(), { integrationId }, true));
  expect((await verify(service, "user", "ada")).findings).toHaveLength(1);
  await expect(verify(service, "user", "ada", { repair: true })).rejects.toMatchObject({
    code: "integration-not-active",
  });
});

test("where reading marks accounts as managed, nothing is read unless that is meant", async () => {
  const service = await given({ overrides: { readsMarkManaged: true } });
  await expect(verify(service, "user", "ada")).rejects.toMatchObject({ code: "acknowledgement-needed" });
  const integrationId = service.idOf("one");
  const start = (input: object) =>
    service.run(() =>
      startSync(service.ports, service.aCall(), integrationId, { mode: "verify" as const, ...input }),
    );
  await expect(start({})).rejects.toMatchObject({ code: "acknowledgement-needed" });
  expect(service.sent).toEqual([]);
  expect((await start({ acknowledgeManaged: true })).status).toBe("running");
  expect(await verify(service, "user", "ada", { acknowledgeManaged: true })).toMatchObject({ findings: [] });
});

test("a user whom the integration never held is unknown to it", async () => {
  const service = await given();
  await expect(verify(service, "user", "zed")).rejects.toMatchObject({ code: "not-found" });
});

const dayMs = 86_400_000;
const sweep = (service: Service) =>
  service.run(() =>
    sweepWork(service.ports, {
      until: service.now() + 20_000,
      eachIntegration: (integration) => startDueVerification(service.ports, integration),
    }),
  );
const latest = async (service: Service) => {
  const integrationId = service.idOf("one");
  const { items } = await service.run(() =>
    service.ports.integrationJobs.list(integrationId, "sync", { limit: 10 }),
  );
  return items;
};

test("once a day an integration is verified by itself, without repair", async () => {
  const service = await given();
  await drift(service);
  await sweep(service);
  expect(await latest(service)).toEqual([]);
  await service.pass(dayMs);
  await sweep(service);
  await sweep(service);
  await work(service);
  expect(await latest(service)).toMatchObject([
    { status: "done", counts: { changed: 1 }, asked: { by: { type: "service" } } },
  ]);
  expect((await userStatus(service, "ada")).state).toBe("unconfirmed");
  expect(service.sent.every(({ method }) => method === "GET")).toBe(true);
  await service.pass(dayMs / 2);
  await sweep(service);
  expect(await latest(service)).toHaveLength(1);
  await service.pass(dayMs);
  await sweep(service);
  expect(await latest(service)).toHaveLength(2);
});

test("it is not where reading marks accounts as managed, nor where the policy says never", async () => {
  const marking = await given({ overrides: { readsMarkManaged: true } });
  const never = await given();
  const row = never.memory.integrations.get(never.idOf("one"));
  if (!row?.integration) throw new Error("no integration");
  row.integration.policies.verifyEvery = "0";
  for (const service of [marking, never]) {
    await service.pass(3 * dayMs);
    await sweep(service);
    expect(await latest(service)).toEqual([]);
  }
});
