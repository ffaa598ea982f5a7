import { expect, test } from "vitest";
import { openService, type Service } from "../provisioning/automatic/service.ts";
import { sync } from "./support.ts";

const people = Array.from({ length: 90 }, (_, at) => `user-${String(at).padStart(2, "0")}`);
/** Look-ups that confirm the list, and those that are under way meanwhile. */
const mostLookUps = 10 + 24;

/** They are assigned while the integration is paused, and nothing has been sent for them. */
const given = async (ids: string[], options: Parameters<typeof openService>[1] = {}): Promise<Service> => {
  const service = await openService(["one"], options);
  const row = () => {
    const integration = service.memory.integrations.get(service.idOf("one"))?.integration;
    if (!integration) throw new Error("no integration");
    return integration;
  };
  row().pausedAt = new Date(service.now()).toISOString();
  for (const id of ids) {
    await service.save(id);
    await service.assign("one", id);
  }
  delete row().pausedAt;
  service.sent.length = 0;
  return service;
};

const counted = ({ sent }: Service): Record<string, number> => {
  const counts = { list: 0, lookup: 0, POST: 0, PATCH: 0 };
  for (const { method, search } of sent) {
    if (method !== "GET") counts[method as "POST" | "PATCH"] += 1;
    else counts[search.includes("filter") ? "lookup" : "list"] += 1;
  }
  return counts;
};

const names = async (service: Service): Promise<string[]> =>
  (await service.accounts("one")).map(({ userName }) => userName).toSorted();
const wanted = people.map((id) => `${id}@example.com`);

const emptied = (list: string): string =>
  JSON.stringify({ ...JSON.parse(list), Resources: [], totalResults: 0 });

test("many new accounts are made after one reading of the list, and no look-up but for a few", async () => {
  const service = await given(people);
  const { job } = await sync(service, { mode: "apply" });
  expect(job).toMatchObject({ status: "applied", counts: { applied: people.length } });
  const { lookup, ...others } = counted(service);
  expect(others).toEqual({ list: 1, POST: people.length, PATCH: 0 });
  expect(lookup).toBeLessThanOrEqual(mostLookUps);
  expect(await names(service)).toEqual(wanted);
});

test("few new accounts are looked up each", async () => {
  const few = people.slice(0, 20);
  const service = await given(few);
  await sync(service, { mode: "apply" });
  expect(counted(service)).toEqual({ list: 0, lookup: few.length, POST: few.length, PATCH: 0 });
});

test("whom the list shows is looked up and taken over, in whatever case it writes the name", async () => {
  const service = await given(people);
  service.provider("one").addUser({ userName: "USER-89@example.com", name: { familyName: "Byron" } });
  const { job } = await sync(service, { mode: "apply" });
  expect(job.counts).toMatchObject({ applied: people.length });
  const { lookup, ...others } = counted(service);
  expect(others).toMatchObject({ list: 1, POST: people.length - 1 });
  expect(lookup).toBeLessThanOrEqual(mostLookUps + 1);
  expect(await service.accounts("one")).toHaveLength(people.length);
});

test("where the list hides accounts nobody gets a second one, unique or not", async () => {
  const service = await given(people, { switches: { allowsDuplicates: true } });
  for (const userName of wanted) service.provider("one").addUser({ userName });
  service.state.lies = ({ method, query }, body) =>
    method === "GET" && !query.has("filter") ? emptied(body) : body;
  const { job } = await sync(service, { mode: "apply" });
  expect(job.counts).toMatchObject({ applied: people.length });
  expect(await names(service)).toEqual(wanted);
});

test.each([
  ["is not whole", (list: object) => ({ ...list, totalResults: 7 })],
  ["tells no total", ({ totalResults: _, ...list }: { totalResults?: number }) => list],
  ["shows no names", (list: object) => ({ ...list, Resources: [{ id: "a" }], totalResults: 1 })],
])("a list that %s stands in for no look-up", async (_, lie) => {
  const service = await given(people);
  service.state.lies = ({ method, query }, body) =>
    method === "GET" && !query.has("filter") ? JSON.stringify(lie(JSON.parse(body))) : body;
  await sync(service, { mode: "apply" });
  expect(counted(service)).toMatchObject({ lookup: people.length, POST: people.length });
  expect(await names(service)).toEqual(wanted);
});

test("a list that is refused stands in for no look-up", async () => {
  const service = await given(people);
  service.state.refuses = ({ method, query }) => (method === "GET" && !query.has("filter") ? 403 : undefined);
  const { job } = await sync(service, { mode: "apply" });
  expect(job.counts).toMatchObject({ applied: people.length });
  expect(counted(service)).toMatchObject({ lookup: people.length, POST: people.length });
});

test("a list longer than half of the look-ups is not read on", async () => {
  const service = await given(people, { overrides: { paging: { style: "index", maxCount: 1 } } });
  for (let at = 0; at < 60; at += 1) service.provider("one").addUser({ userName: `other-${at}@example.com` });
  await sync(service, { mode: "apply" });
  expect(counted(service)).toEqual({ list: 1, lookup: people.length, POST: people.length, PATCH: 0 });
});

test("nothing is read where reading marks accounts as managed", async () => {
  const service = await given(people, { overrides: { readsMarkManaged: true } });
  await sync(service, { mode: "apply" });
  expect(counted(service)).toEqual({ list: 0, lookup: people.length, POST: people.length, PATCH: 0 });
});

test("a creation whose answer is cut off is looked up, whatever the list has said", async () => {
  const service = await given(people, { switches: { allowsDuplicates: true, noLocation: true } });
  const cut = new Set<string>();
  service.state.lies = ({ method, query, body }, answer) => {
    if (method === "GET") return query.has("filter") ? answer : emptied(answer);
    const name = wanted.find((one) => body.includes(`"${one}"`)) ?? "";
    if (cut.has(name)) return answer;
    cut.add(name);
    return "{}";
  };
  const { job } = await sync(service, { mode: "apply" });
  expect(job.counts).toMatchObject({ applied: people.length });
  expect(cut.size).toBe(people.length);
  expect(await names(service)).toEqual(wanted);
});
