import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { failureOf, fakeClock, open, patchOf, type Received, type Reply, startServer } from "../loopback.ts";

type Trouble = Reply | "reset" | "reset-after";

/**
 * A group of one, which applies the changes of its members, doubles who is added again, and meets these troubles first.
 */
const startGroup = async (troubles: Trouble[], shows: "members" | "nobody" = "members") => {
  const members = ["old"];
  const apply = (request: Received): void => {
    for (const { op, path, value } of patchOf(request) as {
      op: string;
      path: string;
      value: { value: string }[];
    }[])
      if (op === "add") members.push(...value.map((one) => one.value));
      else members.splice(0, members.length, ...members.filter((one) => !path.includes(`"${one}"`)));
  };
  const { baseUrl, requests, server } = await startServer((request) => {
    if (request.method === "GET")
      return {
        body: {
          id: "1",
          displayName: "Ops",
          ...(shows === "members" && { members: members.map((value) => ({ value })) }),
        },
      };
    const trouble = troubles.shift();
    if (trouble === undefined || trouble === "reset-after") apply(request);
    if (trouble === "reset" || trouble === "reset-after") {
      request.socket.resetAndDestroy();
      return undefined;
    }
    return trouble ?? { status: 204 };
  });
  const told = { added: [] as string[], removed: [] as string[] };
  const change = (clock: ReturnType<typeof fakeClock>, difference: { add: string[]; remove: string[] }) =>
    open(baseUrl, clock).changeMembers("1", difference, async ({ added, removed }) => {
      told.added.push(...added);
      told.removed.push(...removed);
    });
  return { members, requests, server, told, change };
};
const methods = (requests: Received[]) => requests.map(({ method }) => method);
const adaForOld = { add: ["ada"], remove: ["old"] };

test.each<[string, Trouble, number]>([
  ["503 with a Retry-After", { status: 503, headers: { "retry-after": "2" } }, 2125],
  ["503", { status: 503 }, 250],
  ["a lost connection", "reset", 250],
])("after %s a change of members waits, reads them, and is sent again", async (_, trouble, wait) => {
  const { members, requests, told, change } = await startGroup([trouble]);
  const clock = fakeClock();
  await change(clock, adaForOld);
  expect(clock.waits).toEqual([wait]);
  expect(methods(requests)).toEqual(["PATCH", "GET", "PATCH"]);
  expect(members).toEqual(["ada"]);
  expect(told).toEqual({ added: ["ada"], removed: ["old"] });
});

test.each([
  ["425", 425],
  ["429", 429],
])("after %s, which applies nothing, a change of members is repeated as it is", async (_, status) => {
  const { members, requests, change } = await startGroup([{ status }, { status }]);
  const clock = fakeClock();
  await change(clock, adaForOld);
  expect(clock.waits).toEqual([250, 500]);
  expect(methods(requests)).toEqual(["PATCH", "PATCH", "PATCH"]);
  expect(members).toEqual(["ada"]);
});

test("a change of members that finds no connection is repeated as it is", async () => {
  const { members, server, requests, change } = await startGroup([]);
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  const clock = fakeClock();
  const sleep = async (ms: number) => {
    await clock.sleep(ms);
    if (clock.waits.length === 2) await new Promise<void>((up) => server.listen(port, "127.0.0.1", up));
  };
  await change({ ...clock, sleep }, adaForOld);
  expect(methods(requests)).toEqual(["PATCH"]);
  expect(members).toEqual(["ada"]);
});

test("only what is missing is sent again", async () => {
  const { members, requests, told, change } = await startGroup(["reset-after"]);
  await change(fakeClock(), { add: ["ada", "bob"], remove: [] });
  expect(methods(requests)).toEqual(["PATCH", "GET"]);
  expect(members).toEqual(["old", "ada", "bob"]);
  expect(told.added).toEqual(["ada", "bob"]);
});

test("where the group shows nobody the whole change is sent again, and nobody counts as taken out before", async () => {
  const { members, requests, told, change } = await startGroup([{ status: 503 }], "nobody");
  await change(fakeClock(), adaForOld);
  expect(patchOf(requests[2])).toEqual(patchOf(requests[0]));
  expect(members).toEqual(["ada"]);
  expect(told).toEqual({ added: ["ada"], removed: ["old"] });
});

test("a last try that was applied without an answer is seen, and counts", async () => {
  const busy = { status: 503, headers: { "retry-after": "60" } };
  const { members, requests, told, change } = await startGroup([
    { status: 503 },
    { status: 503 },
    { status: 503 },
    "reset-after",
  ]);
  await change(fakeClock(), { add: ["ada"], remove: [] });
  expect(members).toEqual(["old", "ada"]);
  expect(told.added).toEqual(["ada"]);
  expect(requests.filter(({ method }) => method === "PATCH")).toHaveLength(4);
  const other = await startGroup([busy]);
  const failure = await failureOf(other.change(fakeClock(), { add: ["ada"], remove: [] }));
  expect(failure).toMatchObject({ status: 503, retryAfterSeconds: 60 });
  expect(methods(other.requests)).toEqual(["PATCH", "GET"]);
});

test("repeating a change of members ends", async () => {
  const { requests, change } = await startGroup(Array.from({ length: 9 }, () => ({ status: 503 })));
  expect(await failureOf(change(fakeClock(), adaForOld))).toMatchObject({ status: 503, maybeApplied: true });
  expect(requests.filter(({ method }) => method === "PATCH")).toHaveLength(4);
});

test("after a 500 to a change and to each of its parts, all who were sent are in doubt", async () => {
  const { baseUrl, requests } = await startServer(({ method }) =>
    method === "GET"
      ? { body: { id: "1", displayName: "Ops", members: [{ value: "old" }] } }
      : { status: 500 },
  );
  const ids = ["a", "b", "c", "d", "e", "f", "g", "h"];
  const uncertain = new Set<string>();
  const change = open(baseUrl, fakeClock()).changeMembers(
    "1",
    { add: ids, remove: ["old"] },
    async (outcome) => {
      expect([...outcome.added, ...outcome.removed]).toEqual([]);
      for (const one of outcome.uncertain) uncertain.add(one);
    },
    { isLost: async () => false },
  );
  expect((await failureOf(change)).status).toBe(500);
  expect([...uncertain].toSorted()).toEqual([...ids, "old"]);
  expect(methods(requests).filter((method) => method === "PATCH").length).toBeLessThanOrEqual(16);
});

test.each([
  ["all who are known to be there", ["ada", "eve"], ["eve", "old"], false],
  ["those who join and not all others", ["ada", "eve"], ["eve", "ivy", "old"], true],
])(
  "after a 503 a group that shows %s is sent a removal again: %s, known %s: %s",
  async (_, shown, known, isAgain) => {
    let patches = 0;
    const { baseUrl, requests } = await startServer(({ method }) => {
      if (method === "GET")
        return { body: { id: "1", displayName: "Ops", members: shown.map((value) => ({ value })) } };
      patches += 1;
      return { status: patches === 1 ? 503 : 204 };
    });
    const removed: string[] = [];
    await open(baseUrl, fakeClock()).changeMembers(
      "1",
      adaForOld,
      async (outcome) => void removed.push(...outcome.removed),
      { known: async () => known },
    );
    expect(removed).toEqual(["old"]);
    expect(methods(requests)).toEqual(["PATCH", "GET", ...(isAgain ? ["PATCH"] : [])]);
  },
);

test("after a read that does not tell what is left, nothing is sent or read again", async () => {
  const { baseUrl, requests } = await startServer(({ method }) => ({ status: method === "GET" ? 403 : 503 }));
  const difference = { add: ["ada"], remove: [] };
  const failure = await failureOf(open(baseUrl).changeMembers("1", difference, async () => {}));
  expect(failure).toMatchObject({ status: 503, maybeApplied: true });
  expect(methods(requests)).toEqual(["PATCH", "GET"]);
});

test("members are uncertain when the read between two tries is answered 401", async () => {
  const { baseUrl } = await startServer(({ method }) => ({ status: method === "GET" ? 401 : 503 }));
  const uncertain: string[] = [];
  const failure = await failureOf(
    open(baseUrl).changeMembers("1", adaForOld, async (outcome) => {
      uncertain.push(...outcome.uncertain);
    }),
  );
  expect(failure.kind).toBe("unauthorized");
  expect(uncertain.sort()).toEqual(["ada", "old"]);
});
