import { describe, expect, test } from "vitest";
import type { ServiceProvider } from "../../../shared/provisioning/ports/service-provider.ts";
import { failureOf, inTurn, open, type Received, type Reply, startServer } from "../loopback.ts";

const title = [{ path: "title", to: "x" }];
const linesOf = (requests: Received[]) =>
  requests.map(({ method, headers }) => [method, headers["if-match"]]);
const methodsOf = (requests: Received[]) => requests.map(({ method }) => method);
const stale = { status: 412, body: { detail: "version mismatch" } };
const shown = { body: { id: "1", meta: { version: 'W/"7"' } } };

describe.each([412, 428])("a %i to a PATCH, where nothing is known of ETags", (status) => {
  test.each([
    ["the header", { headers: { etag: '"8"' }, body: { id: "1", meta: { version: "7" } } }, '"8"'],
    ["meta.version", shown, 'W/"7"'],
    ["nothing", { body: { id: "1" } }, undefined],
  ])("reads and sends it once more, tied to what %s tells", async (_, reply, etag) => {
    const { baseUrl, requests } = await startServer(inTurn({ status }, reply, { status: 204 }));
    await open(baseUrl).patchUser("1", title);
    expect(linesOf(requests)).toEqual([
      ["PATCH", undefined],
      ["GET", undefined],
      ["PATCH", etag],
    ]);
    expect(requests[2]?.body).toEqual(requests[0]?.body);
  });
});

type Change = (provider: ServiceProvider) => Promise<unknown>;
const join: Change = (provider) => provider.changeMembers("1", { add: ["a"], remove: [] }, async () => {});
const rename: Change = (provider) => provider.renameGroup("1", "New");
test.each<[string, Change, object]>([
  ["a member joins", join, {}],
  ["a member joins whom the group does not show", join, { readsMembers: false, etag: true }],
  ["it is renamed", rename, {}],
  ["it is renamed and cannot be PUT", rename, { replaceMembers: false, etag: true }],
])("a group is read without its members after a 412, when %s", async (_, change, overrides) => {
  const { baseUrl, requests } = await startServer(inTurn(stale, shown, { status: 204 }));
  await change(open(baseUrl, { overrides }));
  expect(linesOf(requests)).toEqual([
    ["PATCH", undefined],
    ["GET", undefined],
    ["PATCH", 'W/"7"'],
  ]);
  expect(requests[1]?.query).toEqual({ excludedAttributes: "members" });
});

test("a 412 that stays is a failure in the provider's words, after the third PATCH", async () => {
  const { baseUrl, requests } = await startServer(({ method }) => (method === "GET" ? shown : stale));
  expect(await failureOf(open(baseUrl).patchUser("1", title))).toMatchObject({
    kind: "rejected",
    status: 412,
    details: ["version mismatch"],
  });
  expect(methodsOf(requests)).toEqual(["PATCH", "GET", "PATCH", "GET", "PATCH"]);
});

test("nothing more is written where the read after a 412 shows another resource", async () => {
  const { baseUrl, requests } = await startServer(({ method }) =>
    method === "GET" ? { body: { id: "2" } } : stale,
  );
  expect((await failureOf(open(baseUrl).patchUser("1", title))).kind).toBe("malformed");
  expect(methodsOf(requests).filter((method) => method === "PATCH")).toHaveLength(1);
});

test("what may have been applied before a 412 stays in doubt, whatever comes after it", async () => {
  const { baseUrl } = await startServer(inTurn({ status: 503 }, stale, shown, { status: 400 }));
  expect(await failureOf(open(baseUrl).patchUser("1", title))).toMatchObject({
    status: 400,
    maybeApplied: true,
  });
});

test.each<[string, "patch" | "put", Reply[]]>([
  ["a PATCH before the 501 of its repeat", "patch", [{ status: 503 }, { status: 501 }, { status: 400 }]],
  [
    "a PATCH before its 404, and a PUT that is 400",
    "patch",
    [{ status: 503 }, { status: 404 }, shown, { status: 400 }],
  ],
  ["a PUT before the 412 of its repeat", "put", [shown, { status: 503 }, stale, { status: 400 }]],
])("what %s may have done stays in doubt, whatever the other way comes to", async (_, updates, replies) => {
  const { baseUrl } = await startServer(inTurn(...replies));
  expect(await failureOf(open(baseUrl, { overrides: { updates } }).patchUser("1", title))).toMatchObject({
    status: 400,
    maybeApplied: true,
  });
});

test.each([412, 428])(
  "where ETags count, a PATCH that is %i is tied to the ETag as well, and no PUT",
  async (status) => {
    let refusals = 0;
    const { baseUrl, requests } = await startServer(({ method }) => {
      if (method === "GET") return shown;
      refusals += method === "PATCH" ? 1 : 0;
      return { status: method === "PATCH" && refusals === 1 ? status : 204 };
    });
    const provider = open(baseUrl, { overrides: { etag: true } });
    await provider.patchUser("1", title);
    await provider.patchUser("1", title);
    expect(methodsOf(requests)).toEqual(["PATCH", "GET", "PATCH", "PATCH"]);
  },
);

test("a group that cannot be read is changed in whatever version it has where If-Match is asked for", async () => {
  const { baseUrl, requests } = await startServer(({ method, headers }) => {
    if (method === "GET") return { status: 500 };
    return { status: headers["if-match"] === "*" ? 204 : 412 };
  });
  const provider = open(baseUrl, { overrides: { etag: true } });
  await provider.changeMembers("1", { add: ["7"], remove: [] }, async () => undefined);
  expect(methodsOf(requests).at(-1)).toBe("PATCH");
});
