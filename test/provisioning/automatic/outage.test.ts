import { expect, test } from "vitest";
import { statusOf } from "../../../shared/model/integration.ts";
import { changeGroupMembers } from "../../../shared/provisioning/calls/change-group-members.ts";
import { deleteUser } from "../../../shared/provisioning/calls/delete-user.ts";
import { deprovisionUser } from "../../../shared/provisioning/calls/deprovision-user.ts";
import { provisionGroup } from "../../../shared/provisioning/calls/provision-group.ts";
import { retryWork } from "../../../shared/provisioning/calls/retry-work.ts";
import { givenService, type Service } from "./minutes.ts";

const down = () => ({ status: 503 });
const ids = (count: number, name = "user") => Array.from({ length: count }, (_, at) => `${name}-${at}`);
const statusNow = async (service: Service) => {
  const integration = await service.statusNow();
  if (!integration) throw new Error("the integration is there");
  return statusOf(integration);
};
/** Attempts, by the minute in which they were made. */
const attemptsByMinute = ({ memory }: Service, since: number): Map<number, number> => {
  const counts = new Map<number, number>();
  for (const { event } of memory.events.values()) {
    const at = Date.parse(event.timestamp);
    if (at < since || event.event_type.startsWith("idm_") || !event.idm_client_id) continue;
    counts.set(Math.floor((at - since) / 60_000), (counts.get(Math.floor((at - since) / 60_000)) ?? 0) + 1);
  }
  return counts;
};

const givenOutage = async (count: number) => {
  const service = await givenService();
  service.provider.intercept = down;
  for (const userId of ids(count)) {
    const receipt = await service.provision(userId);
    // The quarantine begins with the twentieth: from then on calls are answered without a request.
    if ((await statusNow(service)) === "active")
      expect(receipt).toMatchObject({ state: "retrying", lastError: { status: 503 } });
    else expect(["retrying", "pending"]).toContain(receipt.state);
  }
  return service;
};

test("a provider that fails whatever it is sent is put in quarantine, with one event, and is back with the first probe that works", async () => {
  const service = await givenOutage(8);
  await service.minutes(15);
  expect(await statusNow(service)).toBe("quarantined");
  expect(service.eventsOf("idm_integration_quarantined")).toMatchObject([
    { success: true, changes: [{ field: "status", from: "active", to: "quarantined" }] },
  ]);
  service.provider.intercept = undefined;
  await service.minutes(7);
  expect(await statusNow(service)).toBe("active");
  expect(service.eventsOf("idm_integration_recovered")).toHaveLength(1);
  expect(service.eventsOf("idm_integration_quarantined")).toHaveLength(1);
  expect(await service.provider.users()).toHaveLength(8);
  for (const userId of ids(8)) expect((await service.stateOf(userId))?.work).toBeUndefined();
});

test("an outage of a day costs one attempt per probe interval, and the table does not grow", async () => {
  const service = await givenOutage(30);
  // Time for each of them to be a probe once, those too that calls have saved in quarantine.
  await service.minutes(3 * 60);
  expect(await statusNow(service)).toBe("quarantined");
  const size = () => JSON.stringify([...service.memory.userLinks.values()]).length;
  const items = service.memory.userLinks.size;
  const before = { size: size(), standing: JSON.stringify((await service.statusNow())?.standing).length };
  const since = service.clock.now();
  await service.minutes(24 * 60);
  const attempts = [...attemptsByMinute(service, since).values()];
  expect(Math.max(...attempts)).toBe(1);
  expect(attempts.length).toBeLessThanOrEqual((24 * 60) / 5);
  expect(attempts.length).toBeGreaterThanOrEqual((24 * 60) / 6 - 2);
  expect(service.memory.userLinks.size).toBe(items);
  expect(size()).toBeLessThan(before.size * 1.1);
  expect(JSON.stringify((await service.statusNow())?.standing).length).toBeLessThan(before.standing * 1.1);
  service.provider.intercept = undefined;
  await service.minutes(7);
  expect(await service.provider.users()).toHaveLength(30);
}, 60_000);

test("four changes while the provider is down are done within a probe interval and a minute after it is back", async () => {
  const service = await givenService();
  const { ports, call, run, integrationId } = service;
  const [leaver = "", suspended = "", member = "", ...others] = ids(9);
  for (const userId of [leaver, suspended, member, ...others]) await service.provision(userId);
  const group = { integrationId, groupId: "staff" };
  await run(provisionGroup(ports, call(), group, { name: "Staff", members: [member, ...others] }));
  service.provider.intercept = down;
  for (const userId of others) await service.provision(userId, { jobTitle: "Engineer" });
  expect((await run(deleteUser(ports, call(), leaver))).receipts).toMatchObject([{ state: "retrying" }]);
  expect(await service.provision(suspended, { suspended: true })).toMatchObject({ state: "retrying" });
  expect(await run(changeGroupMembers(ports, call(), group, { remove: [member] }))).toMatchObject({
    state: "retrying",
  });
  expect(await service.provision("new")).toMatchObject({ state: "retrying" });
  await service.minutes(90);
  expect(await statusNow(service)).toBe("quarantined");

  service.provider.intercept = undefined;
  await service.minutes(6);
  const accounts = new Map((await service.provider.users()).map((one) => [one.userName, one]));
  expect(accounts.has(`${leaver}@example.com`)).toBe(false);
  expect(accounts.get(`${suspended}@example.com`)).toMatchObject({ active: false });
  expect(accounts.get("new@example.com")).toMatchObject({ active: true });
  expect((await service.provider.groups())[0]?.members).toHaveLength(others.length);
  expect(await statusNow(service)).toBe("active");
}, 60_000);

test("a removal that is asked for is sent in quarantine too, and its success ends that", async () => {
  const service = await givenService();
  const { ports, call, run, integrationId } = service;
  await service.provision("leaver");
  service.provider.intercept = down;
  for (const userId of ids(8)) await service.provision(userId);
  await service.minutes(15);
  expect(await statusNow(service)).toBe("quarantined");
  service.provider.requests.length = 0;
  expect(await service.provision("another")).toMatchObject({ state: "pending", eventIds: [] });
  expect(service.provider.requests).toEqual([]);
  service.provider.intercept = undefined;
  const where = { integrationId, userId: "leaver" };
  expect(await run(deprovisionUser(ports, call(), where))).toMatchObject({ state: "deprovisioned" });
  expect(await statusNow(service)).toBe("active");
});

test("who asks for a retry has a quarantined provider tried at once", async () => {
  const service = await givenService();
  const { ports, call, run, integrationId } = service;
  service.provider.intercept = down;
  for (const userId of ids(8)) await service.provision(userId);
  await service.minutes(15);
  expect(await statusNow(service)).toBe("quarantined");
  service.provider.intercept = undefined;
  await run(retryWork(ports, call(), integrationId, {}));
  await service.minutes(1);
  expect(await statusNow(service)).toBe("active");
  expect(await service.provider.users()).toHaveLength(8);
});

test("a quarantine tries those first whose access has to end, and one after the other", async () => {
  const service = await givenService();
  for (const userId of ids(3)) await service.provision(userId);
  service.provider.intercept = down;
  for (const userId of ids(8, "joiner")) await service.provision(userId);
  for (const userId of ids(3)) await service.provision(userId, { suspended: true });
  await service.minutes(20);
  expect(await statusNow(service)).toBe("quarantined");
  const since = service.clock.now();
  await service.minutes(18);
  const tried = [...service.memory.events.values()]
    .map(({ event }) => event)
    .filter(({ timestamp, event_type }) => Date.parse(timestamp) >= since && event_type.startsWith("user_"));
  expect(tried.length).toBeGreaterThanOrEqual(3);
  expect(new Set(tried.map(({ resource }) => resource.id)).size).toBe(tried.length);
});

test("a quarantine tries a removal first that a call has asked for and tried during it, and then all else", async () => {
  const service = await givenService();
  const { ports, call, run, integrationId } = service;
  for (const userId of ["leaver", "suspended"]) await service.provision(userId);
  service.provider.intercept = down;
  for (const userId of ids(30)) await service.provision(userId);
  await service.minutes(4);
  expect(await statusNow(service)).toBe("quarantined");
  expect(await run(deprovisionUser(ports, call(), { integrationId, userId: "leaver" }))).toMatchObject({
    state: "retrying",
  });
  expect(await service.provision("suspended", { suspended: true })).toMatchObject({ state: "retrying" });
  // The calls themselves take no time: a request that fails is not repeated by then.
  const since = service.clock.now() + 1;
  await service.minutes(26);
  const tried = [...service.memory.events.values()]
    .map(({ event }) => event)
    .filter(({ timestamp, event_type }) => Date.parse(timestamp) >= since && event_type.startsWith("user_"))
    .map(({ resource }) => resource.id);
  expect(tried.slice(0, 2).toSorted()).toEqual(["leaver", "suspended"]);
  expect(new Set(tried).size).toBe(tried.length);
  expect(tried.length).toBeGreaterThanOrEqual(4);
});

test("equal refusals of twenty different objects are the provider's, and so few are not", async () => {
  const service = await givenService();
  const refused = () => ({ status: 403, body: JSON.stringify({ detail: "No seat is left." }) });
  service.provider.intercept = refused;
  const refusedUsers = ids(25);
  for (const userId of refusedUsers.slice(0, 10))
    await expect(service.provision(userId)).rejects.toMatchObject({ code: "provider-rejected" });
  await service.minutes(24 * 60 + 5);
  expect(await statusNow(service)).toBe("active");
  for (const userId of refusedUsers.slice(10))
    await expect(service.provision(userId)).rejects.toMatchObject({ code: "provider-rejected" });
  await service.minutes(24 * 60 + 5);
  expect(await statusNow(service)).toBe("quarantined");
  service.provider.intercept = undefined;
  await service.minutes(7);
  expect(await statusNow(service)).toBe("active");
  expect(await service.provider.users()).toHaveLength(25);
}, 60_000);

test("below a quarantine one object is tried each five minutes, and the first success makes all that wait due", async () => {
  const service = await givenOutage(3);
  await service.minutes(8 * 60);
  expect(await statusNow(service)).toBe("active");
  const waiting = await Promise.all(ids(3).map((userId) => service.stateOf(userId)));
  const inTenMinutes = service.clock.now() + 10 * 60_000;
  expect(waiting.filter((link) => (link?.work?.at ?? 0) > inTenMinutes).length).toBeGreaterThan(0);
  service.provider.intercept = undefined;
  await service.minutes(6);
  expect(await service.provider.users()).toHaveLength(3);
});

test("a removal that is refused is never given up", async () => {
  const service = await givenService();
  const { ports, call, run, integrationId } = service;
  await service.provision("leaver");
  service.provider.intercept = ({ method }) => (method === "PATCH" ? { status: 403 } : undefined);
  const where = { integrationId, userId: "leaver" };
  await expect(run(deprovisionUser(ports, call(), where))).rejects.toMatchObject({
    code: "provider-rejected",
  });
  const attempts = async () => (await service.stateOf("leaver"))?.observed.attempts ?? 0;
  const first = await attempts();
  await service.minutes(62);
  expect(await attempts()).toBe(first + 1);
  await service.minutes(10 * 24 * 60);
  expect(await attempts()).toBeGreaterThan(first + 9);
  service.provider.intercept = undefined;
  await service.minutes(24 * 60 + 2);
  expect(await service.provider.users()).toMatchObject([{ active: false }]);
}, 60_000);

test("one object that fails for itself is not tried again with each that is taken", async () => {
  const service = await givenService();
  let tried = 0;
  service.provider.intercept = ({ method, body }) => {
    if (method !== "POST" || !JSON.stringify(body).includes("poison")) return undefined;
    tried += 1;
    return { status: 500 };
  };
  await service.provision("poison");
  tried = 0;
  for (const userId of ids(40)) {
    await service.provision(userId);
    await service.minutes(0);
  }
  await service.minutes(3);
  expect(tried).toBeGreaterThan(0);
  expect(tried).toBeLessThanOrEqual(4);
  expect(await service.provider.users()).toHaveLength(40);
});
