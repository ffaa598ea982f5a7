import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, onTestFinished, test } from "vitest";
import type { RecordedRequest } from "../../providers/provider.ts";
import { type Quirky, startQuirky } from "../../providers/quirky/quirky.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import { failureOf, fakeClock, open, secret } from "../loopback.ts";

/** A provider with this many users, `user-0@example.com` and on. */
const given = async (count: number, switches: Switches = {}): Promise<Quirky> => {
  const provider = await startQuirky({ switches, token: secret });
  onTestFinished(() => provider.close());
  for (let at = 0; at < count; at += 1) provider.addUser({ userName: nameOf(at) });
  return provider;
};
const nameOf = (at: number): string => `user-${at}@example.com`;

/** Where in the list each request asked, in order. */
const placesOf = ({ requests }: Quirky): Record<string, string>[] =>
  requests.map(({ query }) => {
    const { filter: _, ...place } = Object.fromEntries(new URLSearchParams(query));
    return place;
  });

const idsOf = (found: { id: string }[]): string[] => found.map(({ id }) => id);
const first = { startIndex: "1", count: "10" };

/** A list as an intercepted provider answers it. */
const listed = (resources: object[] | null, more: object = {}) => ({
  status: 200,
  headers: { "content-type": "application/scim+json" },
  body: JSON.stringify({
    schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
    Resources: resources,
    ...more,
  }),
});
const others = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => ({ id: `o${from + at}`, userName: `other-${from + at}` }));
const parametersOf = ({ query }: RecordedRequest) => new URLSearchParams(query);

describe("a filter that is honoured", () => {
  test.each([
    ["a match", nameOf(7), 1],
    ["none", "nobody@example.com", 0],
  ])("%s takes one request, whatever else there is", async (_, name, matches) => {
    const provider = await given(200);
    expect(await open(provider.baseUrl).findUsers(name)).toHaveLength(matches);
    expect(provider.requests.map(({ query }) => query)).toEqual([
      `filter=${encodeURIComponent(`userName eq "${name}"`)}&startIndex=1&count=10`,
    ]);
  });

  test("two matches are told from one page, however many there are", async () => {
    const provider = await given(0, { allowsDuplicates: true });
    for (let at = 0; at < 25; at += 1) provider.addUser({ userName: "twin" });
    expect((await open(provider.baseUrl).findUsers("twin")).length).toBeGreaterThan(1);
    expect(provider.requests).toHaveLength(1);
  });

  test("a second match behind a page of one is found", async () => {
    const provider = await given(0, { allowsDuplicates: true, countCap: 1 });
    const twins = [provider.addUser({ userName: "twin" }), provider.addUser({ userName: "twin" })];
    expect(idsOf(await open(provider.baseUrl).findUsers("twin"))).toEqual(twins);
    expect(placesOf(provider)).toEqual([first, { startIndex: "2", count: "100" }]);
  });

  test("a total that counts everybody costs one more request, and no match", async () => {
    const provider = await given(0);
    const ada = { id: "1", userName: "ada" };
    provider.intercept = (request) =>
      listed(parametersOf(request).get("startIndex") === "1" ? [ada] : null, { totalResults: 5000 });
    expect(idsOf(await open(provider.baseUrl).findUsers("ada"))).toEqual(["1"]);
    expect(provider.requests).toHaveLength(2);
  });
});

describe("a filter that is ignored, by index", () => {
  const ignored = { filterIgnored: "everything" } as const;

  test("the list is read to its end, in pages of the profile's size from where the last one ended", async () => {
    const provider = await given(234, ignored);
    const found = await open(provider.baseUrl).findUsers(nameOf(230));
    expect(found.map(({ resource }) => resource.userName)).toEqual([nameOf(230)]);
    expect(placesOf(provider)).toEqual([
      first,
      { startIndex: "11", count: "100" },
      { startIndex: "111", count: "100" },
      { startIndex: "211", count: "100" },
      { startIndex: "235", count: "100" },
    ]);
  });

  test("a match on the first page does not end it: a second one is found on the last", async () => {
    const provider = await given(150, { ...ignored, allowsDuplicates: true });
    const late = provider.addUser({ userName: nameOf(0).toUpperCase() });
    const found = await open(provider.baseUrl).findUsers(nameOf(0));
    expect(idsOf(found)).toEqual(["id-0001", late]);
  });

  test("nobody is found only at the end of the list", async () => {
    const provider = await given(120, ignored);
    expect(await open(provider.baseUrl).findUsers("nobody")).toEqual([]);
    expect(placesOf(provider).map(({ startIndex }) => startIndex)).toEqual(["1", "11", "111", "121"]);
  });

  test("pages smaller than asked for move the index by what came, whatever itemsPerPage says", async () => {
    const provider = await given(7, { ...ignored, countCap: 3, clumsyPager: true });
    const found = await open(provider.baseUrl).findUsers(nameOf(6));
    expect(found).toHaveLength(1);
    expect(placesOf(provider).map(({ startIndex }) => startIndex)).toEqual(["1", "4", "7", "8"]);
  });

  test.each([
    ["capped", 100],
    ["missing", "missing"],
  ] as const)("a totalResults that is %s ends nothing", async (_, totalCap) => {
    const provider = await given(250, { ...ignored, totalCap });
    expect(await open(provider.baseUrl).findUsers(nameOf(249))).toHaveLength(1);
  });

  test("a last item that comes again and again is one match, and the end", async () => {
    const provider = await given(11, { ...ignored, clumsyPager: true });
    expect(await open(provider.baseUrl).findUsers(nameOf(10))).toHaveLength(1);
    expect(placesOf(provider).map(({ startIndex }) => startIndex)).toEqual(["1", "11", "12"]);
  });

  test.each([
    ["null", { Resources: null }],
    ["absent", {}],
  ])("Resources that are %s are an empty page, and the end", async (_, end) => {
    const provider = await given(0);
    provider.intercept = (request) =>
      parametersOf(request).get("startIndex") === "1"
        ? listed(others(0, 10))
        : { status: 200, body: JSON.stringify({ totalResults: 10, ...end }) };
    expect(await open(provider.baseUrl).findUsers("ada")).toEqual([]);
    expect(provider.requests).toHaveLength(2);
  });

  test("the same page again and again ends, and nothing is said where the total tells of more", async () => {
    const provider = await given(0);
    provider.intercept = () => listed(others(0, 10), { totalResults: 5000 });
    const failure = await failureOf(open(provider.baseUrl).findUsers("ada"));
    expect(failure).toMatchObject({ kind: "malformed", status: 200, maybeApplied: false });
    expect(failure.message).toContain("ignored the filter on userName and did not show everything");
    // Two pages as they come, two that are asked for in an order.
    expect(placesOf(provider)).toEqual([
      first,
      { startIndex: "11", count: "100" },
      { ...first, sortBy: "userName" },
      { startIndex: "11", count: "100", sortBy: "userName" },
    ]);
  });

  test("a list without an order that hides some is read once more, sorted", async () => {
    const provider = await given(25, { ...ignored, unsorted: true });
    expect(await open(provider.baseUrl).findUsers(nameOf(18))).toHaveLength(1);
    expect(placesOf(provider).map(({ sortBy }) => sortBy)).toEqual([
      undefined,
      undefined,
      undefined,
      "userName",
      "userName",
      "userName",
    ]);
  });

  test("a stand-in without an id for nobody is nobody", async () => {
    const provider = await given(0);
    provider.intercept = (request) =>
      listed(parametersOf(request).get("startIndex") === "1" ? [{ userName: "nobody" }] : [], {
        totalResults: 1,
      });
    expect(await open(provider.baseUrl).findUsers("ada")).toEqual([]);
    expect(await open(provider.baseUrl, { profile: "strongdm" }).findUsers("ada")).toEqual([]);
    expect(provider.requests).toHaveLength(3);
  });

  test("a list without end is given up, with bounded memory and a word on what to do", async () => {
    const provider = await given(0);
    provider.intercept = (request) => {
      const from = Number(parametersOf(request).get("startIndex"));
      return listed(others(from, 1000), { totalResults: 1_000_000_000 });
    };
    const failure = await failureOf(open(provider.baseUrl).findUsers("ada"));
    expect(failure).toMatchObject({ kind: "malformed", maybeApplied: false });
    expect(failure.message).toMatch(/did not end within 51000 resources on 51 pages.*userFilter/);
    expect(provider.requests).toHaveLength(51);
  });

  test("pages of one are given up after a thousand", async () => {
    const provider = await given(0);
    provider.intercept = (request) => listed(others(Number(parametersOf(request).get("startIndex")), 1));
    const failure = await failureOf(open(provider.baseUrl).findUsers("ada"));
    expect(failure.message).toContain("on 1000 pages");
    expect(provider.requests).toHaveLength(1000);
  });

  test("reading on ends with the time of the call, and says why it took so long", async () => {
    const clock = fakeClock();
    const provider = await given(0);
    provider.intercept = (request) => {
      clock.sleep(6_000);
      return listed(others(Number(parametersOf(request).get("startIndex")), 10));
    };
    const failure = await failureOf(open(provider.baseUrl, clock).findUsers("ada"));
    expect(failure.kind).toBe("out-of-time");
    expect(failure.message).toContain("ignores the filter on userName");
    expect(provider.requests).toHaveLength(4);
  });

  test("a page that fails is repeated like any GET, and one that stays away fails the lookup", async () => {
    const provider = await given(50, ignored);
    let refusals = 2;
    provider.intercept = (request) =>
      parametersOf(request).get("startIndex") === "11" && refusals-- > 0 ? { status: 503 } : undefined;
    expect(await open(provider.baseUrl).findUsers(nameOf(40))).toHaveLength(1);
    provider.intercept = (request) =>
      parametersOf(request).get("startIndex") === "11" ? { status: 404 } : undefined;
    // A 404 means "none" for the lookup itself, and for nothing behind its first page.
    expect(await failureOf(open(provider.baseUrl).findUsers(nameOf(40)))).toMatchObject({ status: 404 });
  });

  const refusal = (status: number) => ({
    status,
    body: JSON.stringify({ status: String(status), detail: "startIndex is out of range." }),
  });
  /** All of these others in pages of a hundred at most, and a refusal behind the last. */
  const endsByRefusal = (provider: Quirky, status: number, count: number, total?: number) => {
    provider.intercept = (request) => {
      const from = Number(parametersOf(request).get("startIndex"));
      const length = Math.min(Number(parametersOf(request).get("count")), count + 1 - from);
      return from > count
        ? refusal(status)
        : listed(others(from, length), total === undefined ? {} : { totalResults: total });
    };
  };

  test.each([
    [400, 150, undefined],
    [404, 150, undefined],
    [400, 110, 110],
  ])("a page behind the last one that is refused by %i is the end", async (status, count, total) => {
    const provider = await given(0);
    endsByRefusal(provider, status, count, total);
    expect(await open(provider.baseUrl).findUsers("nobody")).toEqual([]);
    expect(idsOf(await open(provider.baseUrl).findUsers("other-101"))).toHaveLength(1);
  });

  test.each([
    ["the total tells of more", 150, 151],
    ["the page before was full, and no total tells that it was the last", 110, undefined],
  ])(
    "a refused page is a failure in the provider's words where %s, and nobody was found",
    async (_, count, total) => {
      const provider = await given(0);
      endsByRefusal(provider, 400, count, total);
      expect(await failureOf(open(provider.baseUrl).findUsers("nobody"))).toMatchObject({
        kind: "rejected",
        status: 400,
        details: ["startIndex is out of range."],
      });
    },
  );

  test("a total that is too high hides no match from a list that ends by an empty page, and fails where there is none", async () => {
    const provider = await given(0);
    provider.intercept = (request) =>
      listed(parametersOf(request).get("startIndex") === "1" ? others(0, 10) : [], { totalResults: 99_999 });
    expect(idsOf(await open(provider.baseUrl).findUsers("other-7"))).toEqual(["o7"]);
    expect(provider.requests).toHaveLength(2);
    expect(await failureOf(open(provider.baseUrl).findUsers("ada"))).toMatchObject({ kind: "malformed" });
  });

  test("groups are read on the same way, without their members", async () => {
    const provider = await given(0, ignored);
    for (let at = 0; at < 12; at += 1) await open(provider.baseUrl).createGroup(`Group ${at}`);
    provider.requests.length = 0;
    expect(await open(provider.baseUrl).findGroups("Group 11")).toHaveLength(1);
    const without = { excludedAttributes: "members" };
    expect(placesOf(provider)).toEqual([
      { ...first, ...without },
      { startIndex: "11", count: "100", ...without },
      { startIndex: "13", count: "100", ...without },
    ]);
  });

  test("a lookup through 20,000 accounts keeps none of those that do not match", async () => {
    const provider = await given(0);
    const title = "x".repeat(2_000);
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    collect();
    const before = process.memoryUsage().heapUsed;
    let most = 0;
    provider.intercept = (request) => {
      // The provider's own record of requests is no part of what is measured.
      provider.requests.length = 0;
      collect();
      most = Math.max(most, process.memoryUsage().heapUsed);
      const from = Number(parametersOf(request).get("startIndex"));
      return listed(others(from, from > 20_000 ? 0 : 1_000).map((other) => ({ ...other, title })));
    };
    expect(await open(provider.baseUrl).findUsers("nobody")).toEqual([]);
    // All of the list would be 40 MB.
    expect(most - before).toBeLessThan(20_000_000);
  });
});

describe("cursors", () => {
  const small = { overrides: { paging: { style: "cursor" as const, maxCount: 10 } } };
  const cursor = { overrides: { paging: { style: "cursor" as const, maxCount: 100 } } };

  test("a honoured filter takes one request with a bare cursor", async () => {
    const provider = await given(30, { cursorOnly: true });
    expect(await open(provider.baseUrl, cursor).findUsers(nameOf(29))).toHaveLength(1);
    expect(placesOf(provider)).toEqual([{ cursor: "", count: "10" }]);
  });

  test("the list is followed cursor by cursor, all else as it was, until there is none", async () => {
    const provider = await given(25, { cursorOnly: true, filterIgnored: "everything" });
    expect(await open(provider.baseUrl, small).findUsers(nameOf(24))).toHaveLength(1);
    expect(placesOf(provider)).toEqual([
      { cursor: "", count: "10" },
      { cursor: "10", count: "10" },
      { cursor: "20", count: "10" },
    ]);
    expect(new Set(provider.requests.map((request) => parametersOf(request).get("filter"))).size).toBe(1);
  });

  test("where the filter is ignored the list is begun anew with the largest pages", async () => {
    const provider = await given(250, { cursorOnly: true, filterIgnored: "everything" });
    expect(await open(provider.baseUrl, cursor).findUsers(nameOf(249))).toHaveLength(1);
    expect(placesOf(provider)).toEqual([
      { cursor: "", count: "10" },
      { cursor: "", count: "100" },
      { cursor: "100", count: "100" },
      { cursor: "200", count: "100" },
    ]);
  });

  test("a cursor that nobody asked for is followed", async () => {
    const provider = await given(250, { cursorOnly: true, filterIgnored: "everything" });
    expect(await open(provider.baseUrl).findUsers("nobody")).toEqual([]);
    const large = { ...first, count: "100" };
    expect(placesOf(provider)).toEqual([
      first,
      large,
      { ...large, cursor: "100" },
      { ...large, cursor: "200" },
    ]);
  });

  test("a second match behind a cursor is found, and empty pages on the way end nothing", async () => {
    const provider = await given(0);
    const pages: Record<string, ReturnType<typeof listed>> = {
      "": listed([{ id: "1", userName: "ada" }], { nextCursor: "b" }),
      b: listed([], { nextCursor: "c" }),
      c: listed([{ id: "2", userName: "ada" }]),
    };
    provider.intercept = (request) => pages[parametersOf(request).get("cursor") ?? ""];
    expect(idsOf(await open(provider.baseUrl, cursor).findUsers("ada"))).toEqual(["1", "2"]);
  });

  const lost = (scimType: string) => ({
    status: 400,
    body: JSON.stringify({ status: "400", scimType, detail: "The cursor is too old." }),
  });

  test.each(["expiredCursor", "invalidCursor"])("after %s it begins anew, once", async (scimType) => {
    const provider = await given(25, { cursorOnly: true, filterIgnored: "everything" });
    let isLost = false;
    provider.intercept = (request) => {
      if (isLost || parametersOf(request).get("cursor") !== "20") return undefined;
      isLost = true;
      return lost(scimType);
    };
    expect(await open(provider.baseUrl, small).findUsers(nameOf(3))).toHaveLength(1);
    expect(placesOf(provider).map((place) => place.cursor)).toEqual(["", "10", "20", "", "10", "20"]);
  });

  test("a cursor that is lost twice is a failure in the provider's words", async () => {
    const provider = await given(25, { cursorOnly: true, filterIgnored: "everything" });
    provider.intercept = (request) =>
      parametersOf(request).get("cursor") === "10" ? lost("expiredCursor") : undefined;
    const failure = await failureOf(open(provider.baseUrl, small).findUsers("nobody"));
    expect(failure).toMatchObject({
      kind: "rejected",
      status: 400,
      scimType: "expiredCursor",
      details: ["The cursor is too old."],
    });
    expect(failure.message).toContain("its cursors end before the list does");
    expect(provider.requests).toHaveLength(4);
  });

  test("cursors in a circle end with the first page that brings nothing new, and nothing is said", async () => {
    const provider = await given(0);
    provider.intercept = () => listed(others(0, 3), { nextCursor: "again" });
    const failure = await failureOf(open(provider.baseUrl, small).findUsers("ada"));
    expect(failure.kind).toBe("malformed");
    expect(provider.requests).toHaveLength(4);
  });
});

describe("cursors without an end", () => {
  test("a cursor that was followed before is the end of a list that shows nobody", async () => {
    const provider = await given(0);
    provider.intercept = () => listed([], { nextCursor: "same" });
    expect(await open(provider.baseUrl).findUsers("ada")).toEqual([]);
    expect(placesOf(provider)).toEqual([first, { ...first, cursor: "same" }]);
  });

  test("empty pages with ever new cursors are given up after a hundred", async () => {
    const provider = await given(0);
    provider.intercept = () => listed([], { nextCursor: `c${provider.requests.length}` });
    const failure = await failureOf(open(provider.baseUrl).findUsers("ada"));
    expect(failure).toMatchObject({ kind: "malformed", maybeApplied: false });
    expect(provider.requests).toHaveLength(101);
  });
});

describe("where lists are not read on", () => {
  test("reading marks accounts as managed: an ignored filter with more behind it is a failure at once", async () => {
    const provider = await given(30, { filterIgnored: "everything" });
    const strongdm = { profile: "strongdm" } as const;
    expect(await failureOf(open(provider.baseUrl, strongdm).findUsers(nameOf(3)))).toMatchObject({
      kind: "malformed",
    });
    expect(placesOf(provider)).toEqual([first]);
  });

  test("nor is a full page of others believed to be all there is, where reading marks accounts", async () => {
    const provider = await given(30, { filterIgnored: "everything", totalCap: 10 });
    const failure = await failureOf(open(provider.baseUrl, { profile: "strongdm" }).findUsers(nameOf(20)));
    expect(failure.message).toContain("did not show everything");
    expect(provider.requests).toHaveLength(1);
  });

  test("a provider without pages that shows less than it tells of is a failure", async () => {
    const provider = await given(150, { filterIgnored: "everything" });
    const overrides = { paging: { style: "none" as const, maxCount: 100 } };
    expect(await failureOf(open(provider.baseUrl, { overrides }).findUsers(nameOf(3)))).toMatchObject({
      kind: "malformed",
    });
    expect(placesOf(provider)).toEqual([{}]);
  });
});
