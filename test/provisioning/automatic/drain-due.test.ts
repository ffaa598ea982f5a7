import { expect, test } from "vitest";
import { dispatchChange } from "../../../shared/provisioning/automatic/dispatch-change.ts";
import { drainIntegration } from "../../../shared/provisioning/automatic/drain-integration.ts";
import { openService, type Service } from "./service.ts";

const minuteMs = 60_000;
/** Of one worker. */
const lanes = 16;
const people = (count: number, letter = "p"): string[] =>
  Array.from({ length: count }, (_, at) => `${letter}${String(at).padStart(3, "0")}`);

/** One integration, with these users provisioned. */
const given = async (userIds: string[], options = {}): Promise<Service> => {
  const service = await openService(["one"], options);
  for (const userId of userIds) await service.save(userId);
  for (const userId of userIds) await service.assign("one", userId);
  service.sent.length = 0;
  return service;
};
const rename = async (service: Service, userIds: string[]): Promise<void> => {
  for (const userId of userIds) {
    await service.patch(userId, { jobTitle: "Countess" });
    await service.run(() => dispatchChange(service.ports, { kind: "user", id: userId }));
  }
};
const drain = (service: Service, ms = minuteMs) =>
  service.run(() => drainIntegration(service.ports, service.idOf("one"), { until: service.now() + ms }));
const writes = ({ sent }: Service) => sent.filter(({ method }) => method !== "GET");
const waiting = ({ memory }: Service) => [...memory.userLinks.values()].filter(({ work }) => work);
const titles = async (service: Service) =>
  (await service.accounts("one")).map(({ resource }) => resource.title);

test("what is due is carried out, once each, and nothing waits any more", async () => {
  const service = await given(people(20));
  await rename(service, people(20));
  const { done, failures } = await drain(service);
  expect(failures).toEqual([]);
  expect(done).toBe(20);
  expect(new Set(await titles(service))).toEqual(new Set(["Countess"]));
  expect(writes(service)).toHaveLength(20);
  expect(waiting(service)).toEqual([]);
});

test("two workers at the same integration send nothing twice", async () => {
  const service = await given(people(20));
  await rename(service, people(20));
  const { run, ports, idOf, now } = service;
  const one = () => drainIntegration(ports, idOf("one"), { until: now() + minuteMs });
  await run(() => Promise.all([one(), one(), one()]));
  expect(new Set(await titles(service))).toEqual(new Set(["Countess"]));
  expect(writes(service)).toHaveLength(20);
  expect(waiting(service)).toEqual([]);
});

test("who loses access goes before all who were due before", async () => {
  const service = await given(people(40));
  await rename(service, people(39));
  await service.patch("p039", { suspended: true });
  await service.run(() => dispatchChange(service.ports, { kind: "user", id: "p039" }));
  await drain(service);
  // Each lane has one in hand from the start.
  const nth = writes(service).findIndex(({ body }) => body.includes('"active"'));
  expect(nth).toBeLessThan(lanes);
  expect(writes(service)).toHaveLength(40);
});

test("who loses access while others are carried out waits for a lane of its own alone", async () => {
  const service = await given(people(120));
  await rename(service, people(119));
  const { run, ports, idOf, now, state } = service;
  let began = 0;
  state.refuses = () => {
    began += 1;
    return undefined;
  };
  const draining = drainIntegration(ports, idOf("one"), { until: now() + minuteMs });
  await run(async () => {
    while (began < 10) await ports.clock.sleep(5);
  });
  await service.patch("p119", { suspended: true });
  const at = writes(service).length;
  await run(() => dispatchChange(ports, { kind: "user", id: "p119" }));
  await run(() => draining);
  const nth = writes(service).findIndex(({ body }) => body.includes('"active"'));
  // Each lane may end what it has in hand, and begin one thing more.
  expect(nth - at).toBeLessThan(2.5 * lanes);
  expect(writes(service)).toHaveLength(120);
});

test("objects that fail by a bug keep nobody behind them waiting, however many they are", async () => {
  const bad = people(120, "a");
  const service = await given([...bad, ...people(10, "z")]);
  await rename(service, [...bad, ...people(10, "z")]);
  service.state.before = (what) => {
    if (/^read user a\d+/.test(what)) throw new TypeError("a bug");
  };
  const { failures } = await drain(service);
  expect(failures).toHaveLength(120);
  expect(writes(service)).toHaveLength(10);
});

test("objects that the provider refuses keep nobody behind them waiting, and are tried once", async () => {
  // More of them in a row would be a provider that refuses whatever it is sent.
  const bad = people(19, "a");
  const service = await given([...bad, ...people(10, "z")]);
  await rename(service, [...bad, ...people(10, "z")]);
  const ofBad = new Set(
    (await service.accounts("one")).flatMap(({ id, userName }) => (userName.startsWith("a") ? [id] : [])),
  );
  service.state.refuses = ({ path, method }) =>
    method !== "GET" && ofBad.has(path.split("/").at(-1) ?? "") ? 400 : undefined;
  await drain(service, 2 * minuteMs);
  expect((await titles(service)).filter(Boolean)).toHaveLength(10);
  const before = writes(service).length;
  await drain(service);
  expect(writes(service)).toHaveLength(before);
  expect(waiting(service).map(({ work }) => work?.state)).toEqual(bad.map(() => "failed"));
});

test("more than a page is carried out by one run, although the index lags behind", async () => {
  const service = await given(people(130));
  await rename(service, people(130));
  await service.pass(10_000);
  service.state.lagMs = 5_000;
  const { done } = await drain(service);
  expect(done).toBe(130);
  expect(writes(service)).toHaveLength(130);
});

test("a change that comes while it is carried out is carried out too", async () => {
  const service = await given(["ada"]);
  await rename(service, ["ada"]);
  const { run, ports, idOf, now } = service;
  const draining = drainIntegration(ports, idOf("one"), { until: now() + minuteMs });
  await service.pass(30);
  await service.patch("ada", { jobTitle: "Duchess" });
  await run(() => dispatchChange(ports, { kind: "user", id: "ada" }));
  await run(() => draining);
  await service.pass(10_000);
  await drain(service);
  expect(await titles(service)).toEqual(["Duchess"]);
  expect(waiting(service)).toEqual([]);
});

test("a provider that is away is asked again later, and later again, without an end", async () => {
  const service = await given(["ada"]);
  await rename(service, ["ada"]);
  service.state.down.add("one");
  await drain(service);
  for (let hour = 0; hour < 20; hour += 1) {
    const { state, at = 0 } = waiting(service)[0]?.work ?? {};
    expect(state).toBe("retrying");
    expect(at - service.now()).toBeLessThanOrEqual(60 * minuteMs);
    await service.pass(Math.max(0, at - service.now()) + 1_000);
    if (hour === 19) service.state.down.clear();
    await drain(service);
  }
  expect(await titles(service)).toEqual(["Countess"]);
  expect(waiting(service)).toEqual([]);
});

test("an integration whose credentials were refused is sent nothing more", async () => {
  const service = await given(people(20));
  await rename(service, people(20));
  service.state.refuses = () => 401;
  await drain(service);
  const tried = service.sent.length;
  expect(tried).toBeLessThanOrEqual(lanes);
  await service.pass(2 * 60 * minuteMs);
  await drain(service);
  expect(service.sent).toHaveLength(tried);
  expect(waiting(service)).toHaveLength(20);
});
