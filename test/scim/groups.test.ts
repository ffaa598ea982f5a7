import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProviderFailure } from "../../shared/provisioning/ports/provider-failure.ts";
import type { KnownMembers } from "../../shared/provisioning/ports/service-provider.ts";
import { failureOf, listOf, open, patchOf, type Received, startServer } from "./loopback.ts";

const groupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group";

describe("looking a group up", () => {
  test("asks for displayName eq, without members, and compares without regard to case", async () => {
    const { baseUrl, requests } = await startServer(() =>
      listOf(
        { id: "1", displayName: "Ops" },
        { id: "2", displayName: "ops" },
        { id: "3", displayName: "Ops" },
      ),
    );
    const found = await open(baseUrl).findGroups("Ops");
    expect(found.map(({ id }) => id)).toEqual(["1", "2", "3"]);
    expect(requests[0]).toMatchObject({
      path: "/scim/v2/Groups",
      query: { filter: 'displayName eq "Ops"', excludedAttributes: "members" },
    });
  });
});

describe("reading a group", () => {
  test("shows the ids of its members, and never their display names", async () => {
    const members = [{ value: "a", display: "b" }, { Value: 7, $ref: "x" }, "c"];
    const { baseUrl } = await startServer(() => ({ body: { id: "1", displayName: "Ops", members } }));
    expect(await open(baseUrl).readGroup("1")).toEqual({
      id: "1",
      displayName: "Ops",
      members: ["a", "7", "c"],
    });
  });

  test.each([null, undefined, []])("members %j are none", async (members) => {
    const { baseUrl } = await startServer(() => ({
      body: { id: "1", displayName: "Ops", ...(members === undefined ? {} : { members }) },
    }));
    expect((await open(baseUrl).readGroup("1"))?.members).toEqual([]);
  });

  test("a member without an id is malformed, for no one may be taken for absent", async () => {
    const { baseUrl } = await startServer(() => ({ body: { id: "1", members: [{ display: "Ada" }] } }));
    expect((await failureOf(open(baseUrl).readGroup("1"))).kind).toBe("malformed");
  });

  test("404 is undefined", async () => {
    const { baseUrl } = await startServer(() => ({ status: 404 }));
    expect(await open(baseUrl).readGroup("1")).toBeUndefined();
  });
});

describe("creating and renaming a group", () => {
  test("a new group has no members; strongDM wants to see that", async () => {
    const { baseUrl, requests } = await startServer(() => ({
      status: 201,
      body: { id: "r-1", displayName: "Ops" },
    }));
    await open(baseUrl).createGroup("Ops", "g1");
    await open(baseUrl, { profile: "strongdm" }).createGroup("Ops");
    expect(requests[0]?.body).toEqual({ schemas: [groupSchema], displayName: "Ops", externalId: "g1" });
    expect(requests[1]?.body).toEqual({ schemas: [groupSchema], displayName: "Ops", members: [] });
  });

  test("a rename follows the profile's style", async () => {
    const { baseUrl, requests } = await startServer(() => ({ status: 204 }));
    await open(baseUrl).renameGroup("1", "Dev");
    await open(baseUrl, { profile: "strongdm" }).renameGroup("r-1", "Dev");
    expect(patchOf(requests[0])).toEqual([{ op: "replace", path: "displayName", value: "Dev" }]);
    expect(patchOf(requests[1])).toEqual([{ op: "replace", value: { displayName: "Dev" } }]);
  });

  test("deleting one that is gone is success", async () => {
    const { baseUrl, requests } = await startServer(() => ({ status: 404 }));
    await open(baseUrl).deleteGroup("r-1");
    expect(requests[0]).toMatchObject({ method: "DELETE", path: "/scim/v2/Groups/r-1" });
  });
});

describe("a PUT of a group that shows a part of its members", () => {
  const overrides = { updates: "put" as const };
  const group = { id: "r-1", displayName: "Ops", members: [{ value: "a" }] };
  const membersPut = (requests: Received[]) =>
    requests
      .filter(({ method }) => method === "PUT")
      .map(({ body }) => (body as { members: { value: string }[] }).members.map(({ value }) => value));
  const known: KnownMembers = async (which) => (["out", "shut"].includes(which) ? [] : ["a", "b", "c"]);

  test("keeps those who are known to be in it, when it is renamed", async () => {
    const { baseUrl, requests } = await startServer(() => ({ body: group }));
    await open(baseUrl, { overrides }).renameGroup("r-1", "New", { from: "Ops" }, known);
    expect(membersPut(requests)).toEqual([["a", "b", "c"]]);
  });

  test("keeps them when others join and leave", async () => {
    const { baseUrl, requests } = await startServer(() => ({ body: group }));
    const change = { add: ["d"], remove: ["b"] };
    await open(baseUrl, { overrides }).changeMembers("r-1", change, async () => {}, { known });
    expect(membersPut(requests)[0]).toEqual(["a", "c", "d"]);
  });

  test("adds nobody of whom there is a doubt, where all others are shown", async () => {
    const { baseUrl, requests } = await startServer(() => ({ body: group }));
    const doubted: KnownMembers = async (which) =>
      ({ all: ["a", "b"], sure: ["a"], out: [], shut: [] })[which];
    await open(baseUrl, { overrides }).renameGroup("r-1", "New", { from: "Ops" }, doubted);
    expect(membersPut(requests)).toEqual([["a"]]);
  });
});

/** What a PATCH of members asks for. */
const changeOf = (request: Received): { add: string[]; remove: string[] } => {
  const operations = patchOf(request) as { op: string; path: string; value?: { value: string }[] }[];
  return {
    add: operations.filter(({ op }) => op === "add").flatMap(({ value }) => value!.map((one) => one.value)),
    remove: operations
      .filter(({ op }) => op === "remove")
      .map(({ path }) => JSON.parse(/^members\[value eq (.*)\]$/s.exec(path)?.[1] ?? "") as string),
  };
};
const ids = (count: number, prefix = "u"): string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}${at}`);

describe("changing members", () => {
  test("removals, each by its own filter, and additions go in one PATCH", async () => {
    const { baseUrl, requests } = await startServer(() => ({ status: 204 }));
    const chunks: unknown[] = [];
    await open(baseUrl).changeMembers(
      "1",
      { add: ["a", "b"], remove: ['c"d', "e\\f"] },
      async (chunk) => void chunks.push(chunk),
    );
    expect(requests.map(patchOf)).toEqual([
      [
        { op: "remove", path: 'members[value eq "c\\"d"]' },
        { op: "remove", path: 'members[value eq "e\\\\f"]' },
        { op: "add", path: "members", value: [{ value: "a" }, { value: "b" }] },
      ],
    ]);
    const told = { unconfirmed: [], uncertain: [] };
    expect(chunks).toEqual([{ added: ["a", "b"], removed: ['c"d', "e\\f"], ...told }]);
  });

  test("no difference sends nothing", async () => {
    const { baseUrl, requests } = await startServer(() => ({ status: 204 }));
    await open(baseUrl).changeMembers("1", { add: [], remove: [] }, async () => {});
    expect(requests).toHaveLength(0);
  });

  test("one member added to a large group is one request under 1 KB", async () => {
    const { baseUrl, requests } = await startServer(() => ({ status: 204 }));
    await open(baseUrl).changeMembers("1", { add: ["u1"], remove: [] }, async () => {});
    expect(requests).toHaveLength(1);
    expect(JSON.stringify(requests[0]?.body).length).toBeLessThan(1000);
  });

  test("whatever the difference and the server's limit: each member once, in chunks, each reported once", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(250),
        fc.nat(250),
        fc.integer({ min: 1, max: 120 }),
        async (adding, removing, limit) => {
          const size = (request: Received): number =>
            changeOf(request).add.length + changeOf(request).remove.length;
          const { baseUrl, requests } = await startServer((request) => ({
            status: size(request) > limit ? 413 : 204,
          }));
          const difference = { add: ids(adding, "a"), remove: ids(removing, "r") };
          const reported = { added: [] as string[], removed: [] as string[] };
          await open(baseUrl).changeMembers("1", difference, async ({ added, removed }) => {
            reported.added.push(...added);
            reported.removed.push(...removed);
          });
          const taken = requests.filter((request) => size(request) <= limit).map(changeOf);
          expect(taken.flatMap(({ add }) => add)).toEqual(difference.add);
          expect(taken.flatMap(({ remove }) => remove)).toEqual(difference.remove);
          expect(reported).toEqual({ added: difference.add, removed: difference.remove });
          expect(Math.max(0, ...requests.map(size))).toBeLessThanOrEqual(100);
          // Halving is remembered: at most one refusal for each halving of 100.
          expect(requests.length - taken.length).toBeLessThanOrEqual(7);
        },
      ),
      { numRuns: 25 },
    );
  });

  test("a single member that is still too large is a refusal", async () => {
    const { baseUrl, requests } = await startServer(() => ({ status: 413 }));
    const failure = await failureOf(
      open(baseUrl).changeMembers("1", { add: ids(8), remove: [] }, async () => {}),
    );
    expect(failure).toMatchObject({ kind: "rejected", status: 413 });
    expect(requests).toHaveLength(4);
  });

  test("a removal that finds nobody has reached its end, and does not keep the others from theirs", async () => {
    const members = new Set(ids(6));
    const { baseUrl } = await startServer((request) => {
      const { add, remove } = changeOf(request);
      if (remove.some((id) => !members.has(id)))
        return { status: 400, body: { scimType: "noTarget", detail: "nobody" } };
      for (const id of remove) members.delete(id);
      for (const id of add) members.add(id);
      return { status: 204 };
    });
    const removed: string[] = [];
    const difference = { add: ["new"], remove: ["u0", "gone", "u1", "u2"] };
    await open(baseUrl).changeMembers("1", difference, async (chunk) => void removed.push(...chunk.removed));
    expect([...members]).toEqual(["u3", "u4", "u5", "new"]);
    expect(removed).toEqual(difference.remove);
  });

  test("what was taken before a failure has been reported, and nothing is sent after it", async () => {
    let calls = 0;
    const { baseUrl, requests } = await startServer(() => ({ status: ++calls === 2 ? 404 : 204 }));
    const added: string[] = [];
    const failure = await failureOf(
      open(baseUrl).changeMembers(
        "1",
        { add: ids(250), remove: [] },
        async (chunk) => void added.push(...chunk.added),
      ),
    );
    expect(failure).toMatchObject({ kind: "not-found", status: 404 });
    expect(added).toEqual(ids(100));
    expect(requests).toHaveLength(2);
  });

  test("what the caller's own bookkeeping throws ends the call as it is", async () => {
    const { baseUrl, requests } = await startServer(() => ({ status: 204 }));
    const work = open(baseUrl).changeMembers("1", { add: ids(150), remove: [] }, async () => {
      throw new RangeError("the store is down");
    });
    await expect(work).rejects.toThrow("the store is down");
    await expect(work).rejects.not.toBeInstanceOf(ProviderFailure);
    expect(requests).toHaveLength(1);
  });
});
