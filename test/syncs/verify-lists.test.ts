import { expect, test } from "vitest";
import { openService, type Service } from "../provisioning/automatic/service.ts";
import { sync } from "./support.ts";
import { idOf, userStatus } from "./verify-support.ts";

const names = Array.from({ length: 45 }, (_, at) => `user-${String(at).padStart(2, "0")}`);

/** 45 people, in pages of ten. */
const crowd = async (options: Parameters<typeof openService>[1] = {}): Promise<Service> => {
  const { overrides, ...rest } = options;
  const paging = { style: "index" as const, maxCount: 10 };
  const service = await openService(["one"], { overrides: { paging, ...overrides }, ...rest });
  for (const id of names) {
    await service.save(id);
    await service.assign("one", id);
  }
  await service.pass(5 * 60_000);
  service.sent.length = 0;
  return service;
};

type List = {
  Resources: { id: string }[] | null;
  totalResults?: number;
  startIndex?: number;
  nextCursor?: string;
};

/** Whatever a list of users shows, and no answer to a read of one. */
const lists = (service: Service, lie: (list: List, from: number) => List): void => {
  service.state.lies = ({ method, path, query }, body) =>
    method === "GET" && path === "/Users"
      ? JSON.stringify(lie(JSON.parse(body) as List, Number(query.get("startIndex") ?? 1)))
      : body;
};
const listed = (service: Service) => service.sent.filter(({ path }) => path === "/Users").length;
const readById = (service: Service) =>
  service.sent.filter(({ method, path }) => method === "GET" && path.startsWith("/Users/")).length;

test("a list is read in as many requests as it has pages", async () => {
  const service = await crowd();
  const { job } = await sync(service, { mode: "verify" });
  expect(job).toMatchObject({ status: "done", counts: {} });
  expect(service.sent.length).toBe(5 + 1);
});

test("a list by cursors is read, too", async () => {
  const paging = { style: "cursor" as const, maxCount: 10 };
  const service = await crowd({ switches: { cursorOnly: true }, overrides: { paging } });
  const { job } = await sync(service, { mode: "verify" });
  expect(job).toMatchObject({ status: "done", counts: {} });
  expect(job.error).toBeUndefined();
  expect(listed(service)).toBe(5);
});

test("a list whose cursor ends before it does is begun anew", async () => {
  const paging = { style: "cursor" as const, maxCount: 10 };
  const service = await crowd({ switches: { cursorOnly: true }, overrides: { paging } });
  let isLost = false;
  service.state.refuses = ({ query }) => {
    isLost = !isLost && query.get("cursor") === "20" && listed(service) < 5;
    return isLost ? 400 : undefined;
  };
  service.state.lies = (_, body) => (isLost ? JSON.stringify({ scimType: "expiredCursor" }) : body);
  const { job } = await sync(service, { mode: "verify" });
  expect(job).toMatchObject({ status: "done", counts: {} });
  expect(listed(service)).toBe(3 + 5);
});

test("a list that leaves some out is told, and they are read by their ids", async () => {
  const service = await crowd();
  const left = new Set([await idOf(service, "user-03"), await idOf(service, "user-33")]);
  lists(service, (list) => ({
    ...list,
    Resources: (list.Resources ?? []).filter(({ id }) => !left.has(id)),
  }));
  const { job, items } = await sync(service, { mode: "verify" });
  expect(items).toEqual([]);
  expect(job).toMatchObject({
    status: "done",
    counts: { unlisted: 2 },
    error: { code: "provider-malformed" },
  });
  expect(readById(service)).toBe(2);
});

test.each<[string, (list: List, from: number) => List]>([
  ["ends early", (list, from) => (from > 10 ? { ...list, Resources: [], totalResults: 10 } : list)],
  [
    "shows its first page for ever",
    (list, from) => (from > 1 ? { ...list, Resources: first } : keepFirst(list)),
  ],
  ["is empty", (list) => ({ ...list, Resources: [], totalResults: 0 })],
])("a list that %s is unreliable: nobody is missing, and nothing is repaired", async (_, lie) => {
  const service = await crowd();
  await service.provider("one").removeUser(await idOf(service, "user-44"));
  lists(service, lie);
  const { job, items } = await sync(service, { mode: "verify", repair: true });
  expect(job).toMatchObject({ status: "failed", error: { code: "provider-malformed" } });
  expect(job.error?.detail).toContain("unreliable");
  expect(items).toEqual([]);
  expect(service.sent.every(({ method }) => method === "GET")).toBe(true);
  expect((await userStatus(service, "user-44")).state).toBe("in_sync");
});

let first: List["Resources"] = [];
const keepFirst = (list: List): List => {
  first = list.Resources;
  return list;
};

test.each<[string, Parameters<typeof openService>[1]]>([
  ["states wrong totals and repeats its last", { switches: { clumsyPager: true } }],
  ["states no total", { switches: { totalCap: "missing" } }],
  ["states too low a total", { switches: { totalCap: 3 } }],
  ["has no order unless it is asked to", { switches: { unsorted: true } }],
  ["shows less in a page than was asked for", { switches: { countCap: 7 } }],
])("a list that %s is read all the same", async (_, options) => {
  const service = await crowd(options);
  service.provider("one").removeUser(await idOf(service, "user-44"));
  const { job, items } = await sync(service, { mode: "verify" });
  expect(job).toMatchObject({ status: "done", counts: { missing: 1 } });
  expect(items).toEqual([expect.objectContaining({ userId: "user-44", finding: "missing" })]);
});

test("a list that shifts while it is read takes nobody for missing", async () => {
  const service = await crowd();
  const gone = await idOf(service, "user-00");
  lists(service, (list, from) => {
    if (from === 1) service.provider("one").removeUser(gone);
    return list;
  });
  const { job, items } = await sync(service, { mode: "verify" });
  // user-10 has moved to the page that was read already.
  expect(job).toMatchObject({ status: "done", counts: { unlisted: 1 } });
  expect(items).toEqual([]);
});

test("all who are gone are missing, once ten of them were read and were not there", async () => {
  const service = await crowd();
  for (const id of names.slice(0, 30)) service.provider("one").removeUser(await idOf(service, id));
  const { job } = await sync(service, { mode: "verify" });
  expect(job).toMatchObject({ status: "done", counts: { missing: 30 } });
  expect(listed(service)).toBe(2);
  expect(readById(service)).toBe(10 + 30);
});

test("an account that was written to since its page was read is read again before it is a finding", async () => {
  const service = await crowd();
  lists(service, (list, from) => {
    if (from !== 1) return list;
    const [one, ...others] = list.Resources ?? [];
    return { ...list, Resources: [{ ...one, active: false } as never, ...others] };
  });
  // The page is older than this attempt.
  await service.save("user-00", { jobTitle: "Countess" });
  await service.assign("one", "user-00");
  const { job, items } = await sync(service, { mode: "verify" });
  expect(job.counts).toEqual({});
  expect(items).toEqual([]);
  expect(readById(service)).toBe(1);
});

test("an attribute that the provider shows of nobody is not taken for changed", async () => {
  const service = await crowd();
  const shown = ({ name: _, ...resource }: Record<string, unknown>) => resource;
  lists(service, (list) => ({
    ...list,
    Resources: (list.Resources ?? []).map((one) => shown(one) as never),
  }));
  const { job } = await sync(service, { mode: "verify" });
  expect(job).toMatchObject({ status: "done", counts: {} });
});
