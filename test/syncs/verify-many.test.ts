import { expect, test } from "vitest";
import { openService, type Service } from "../provisioning/automatic/service.ts";
import { read, sync, work } from "./support.ts";
import { given, goOn, holdAll, idOf, patch, userStatus } from "./verify-support.ts";

const requests = (service: Service) =>
  service.sent.map(({ method, path }) => `${method} ${path.split("/").slice(0, 2).join("/")}`);
const counted = (service: Service): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const name of requests(service)) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

test("1,000 accounts in 20 groups cost a request for each page, and one for each that is gone", async () => {
  const service = await openService(["one"]);
  const people = Array.from({ length: 1_000 }, (_, at) => `user-${at}`);
  for (const id of people) await service.save(id);
  for (let group = 0; group < 20; group += 1)
    await service.bind("one", `group-${group}`, people.slice(group * 50, group * 50 + 50));
  for (let turns = 0; (await service.accounts("one")).length < 1_000 && turns < 5; turns += 1)
    for (let group = 0; group < 20; group += 1)
      await service.bind("one", `group-${group}`, people.slice(group * 50, group * 50 + 50));
  await service.pass(5 * 60_000);
  service.sent.length = 0;
  const whole = await sync(service, { mode: "verify" });
  expect(whole.job).toMatchObject({ status: "done", counts: {}, progress: { done: 1_020, total: 1_020 } });
  expect(counted(service)).toEqual({ "GET /Users": 10, "GET /Groups": 1 });
  service.sent.length = 0;
  for (const id of people.slice(0, 5))
    await service.byHand("one", "DELETE", `/Users/${await idOf(service, id)}`);
  await patch(service, `/Users/${await idOf(service, "user-9")}`, {
    op: "replace",
    path: "active",
    value: false,
  });
  const { job } = await sync(service, { mode: "verify" });
  expect(job.counts).toEqual({ missing: 5, inactive: 1 });
  expect(counted(service)).toEqual({ "GET /Users": 10 + 5, "GET /Groups": 1 });
});

test("where lists hide the members of groups, each group is read", async () => {
  const service = await given();
  service.state.lies = ({ path }, body) => {
    if (path !== "/Groups") return body;
    const list = JSON.parse(body) as { Resources: Record<string, unknown>[] };
    return JSON.stringify({ ...list, Resources: list.Resources.map(({ members: _, ...group }) => group) });
  };
  const [team] = await service.groups("one");
  const member = `members[value eq "${await idOf(service, "ada")}"]`;
  await patch(service, `/Groups/${team?.id}`, { op: "remove", path: member });
  const { job, items } = await sync(service, { mode: "verify" });
  expect(job.counts).toEqual({ "member-missing": 1 });
  expect(items).toMatchObject([{ userId: "ada", groupId: "team", finding: "member-missing" }]);
  expect(requests(service)).toEqual(["GET /Users", "GET /Groups", "GET /Groups"]);
});

test("a page of groups that cannot be read is read without members, and each group by its id", async () => {
  const service = await given();
  service.state.lies = ({ path, query }, body) =>
    path === "/Groups" && !query.has("excludedAttributes") ? body.slice(0, 40) : body;
  const { job } = await sync(service, { mode: "verify" });
  expect(job).toMatchObject({ status: "done", counts: {} });
  expect(requests(service).slice(-2)).toEqual(["GET /Groups", "GET /Groups"]);
});

test("where the provider shows no members at all, nobody is missing from a group", async () => {
  const service = await given({
    switches: { membersHiddenOnRead: true },
    overrides: { readsMembers: false },
  });
  const { job } = await sync(service, { mode: "verify", repair: true });
  expect(job).toMatchObject({ status: "done", counts: {} });
  expect(requests(service)).toEqual(["GET /Users", "GET /Groups"]);
});

test("what the guard holds is held, and the access stays until somebody decides", async () => {
  const service = await given();
  await service.patch("bo", { suspended: true });
  await goOn(service, [], ["bo"]);
  await holdAll(service);
  service.sent.length = 0;
  await patch(service, `/Users/${await idOf(service, "bo")}`, {
    op: "replace",
    path: "active",
    value: true,
  });
  const { job, items } = await sync(service, { mode: "verify", repair: true });
  expect(job).toMatchObject({ status: "done", counts: { active: 1, held: 1 } });
  expect(items).toMatchObject([{ userId: "bo", finding: "active", state: "held" }]);
  expect(await userStatus(service, "bo")).toMatchObject({ state: "held", active: true });
  expect(service.sent.every(({ method }) => method === "GET")).toBe(true);
  expect((await sync(service, { mode: "verify", repair: true })).job.counts).toEqual({});
});

test("what a repair is refused is failed, with the event that tells of it", async () => {
  const service = await given();
  await patch(service, `/Users/${await idOf(service, "ada")}`, {
    op: "replace",
    path: "title",
    value: "Duke",
  });
  service.state.refuses = ({ method }) => (method === "GET" ? undefined : 400);
  const { items } = await sync(service, { mode: "verify", repair: true });
  expect(items).toMatchObject([
    {
      userId: "ada",
      finding: "changed",
      state: "failed",
      eventId: expect.any(String),
      error: { code: "provider-rejected" },
    },
  ]);
});

test("a verification waits for a provider that is away, and goes on", async () => {
  const service = await given();
  service.state.down.add("one");
  const away = await sync(service, { mode: "verify" });
  expect(away.job).toMatchObject({ status: "running", failures: 1 });
  service.state.down.delete("one");
  await service.pass(60_000);
  await work(service);
  expect((await read(service, away.job)).job).toMatchObject({ status: "done", counts: {} });
});
