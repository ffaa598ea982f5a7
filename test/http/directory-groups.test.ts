import { expect, test } from "vitest";
import { useRun } from "./use-run.ts";

const run = useRun();

const save = async (...userIds: string[]) => {
  for (const userId of userIds)
    await run.call("PUT", `/users/${userId}`, { email: `${userId}@example.com`, firstname: userId });
};
const idsOf = (items: { [field: string]: unknown }[], field: string) => items.map((item) => item[field]);

test("a directory group is saved, read, changed and ended", async () => {
  await save("ada", "bob", "cy");
  const saved = await run.call("PUT", "/groups/dev", { name: "Development", members: ["ada", "bob"] });
  expect(saved).toMatchObject({
    status: 200,
    body: { groupId: "dev", name: "Development", version: 1, memberCount: 2 },
  });
  expect((await run.call("GET", "/groups/dev")).body).toEqual({ ...saved.body, integrations: [] });

  const again = await run.call("PUT", "/groups/dev", { name: "Development", members: ["bob", "ada"] });
  expect(again.body).toEqual(saved.body);
  const changed = await run.call("POST", "/groups/dev/members", {
    add: ["cy", "bob"],
    remove: ["ada", "cy2"],
  });
  expect(changed).toMatchObject({ status: 200, body: { version: 2, memberCount: 2 } });
  const listed = await run.call("GET", "/groups/dev/members");
  expect(listed.body.items).toEqual([
    { userId: "bob", since: saved.body.updatedAt },
    { userId: "cy", since: changed.body.updatedAt },
  ]);
  const renamed = await run.call("PUT", "/groups/dev", { name: "Engineering" });
  expect(renamed.body).toMatchObject({ name: "Engineering", memberCount: 2 });
  const same = await run.call("POST", "/groups/dev/members", { add: ["cy"], remove: ["ada"] });
  expect(same.body).toEqual(renamed.body);

  expect(await run.call("DELETE", "/groups/dev")).toMatchObject({
    status: 200,
    body: { groupId: "dev", receipts: [] },
  });
  for (const [method, path, body] of [
    ["GET", "/groups/dev", undefined],
    ["GET", "/groups/dev/members", undefined],
    ["POST", "/groups/dev/members", { add: ["ada"] }],
  ] as const)
    expect(await run.call(method, path, body)).toMatchObject({ status: 404, body: { code: "not-found" } });
  const anew = await run.call("PUT", "/groups/dev", { name: "Development" });
  expect(anew.body).toMatchObject({ memberCount: 0 });
  expect((await run.call("GET", "/groups/dev/members")).body.items).toEqual([]);
});

test("groups are listed by id, by name, and by the beginning of the name, page by page", async () => {
  for (const name of ["Sales East", "Sales West", "sales", "Support"])
    await run.call("PUT", `/groups/l-${name.replaceAll(" ", "-")}`, { name });
  await run.call("PUT", "/groups/l-gone", { name: "Sales Gone" });
  await run.call("DELETE", "/groups/l-gone");
  const found = await run.call("GET", "/groups?q=SALES&limit=2");
  expect(idsOf(found.body.items, "groupId")).toEqual(["l-Sales-East", "l-Sales-West"]);
  const rest = await run.call("GET", `/groups?q=SALES&limit=2&cursor=${found.body.nextCursor}`);
  expect(idsOf(rest.body.items, "name")).toEqual(["sales"]);
  expect(rest.body.nextCursor).toBeUndefined();
  expect(idsOf((await run.call("GET", "/groups?name=SALES")).body.items, "groupId")).toEqual(["l-sales"]);
  const all = idsOf((await run.call("GET", "/groups")).body.items, "groupId");
  expect(all).toEqual(expect.arrayContaining(["l-Sales-East", "l-Support", "l-sales"]));
  expect(all).not.toContain("l-gone");
});

test("a list of members goes on behind its cursor", async () => {
  await save("p1", "p2", "p3");
  await run.call("PUT", "/groups/pages", { name: "Pages", members: ["p1", "p2", "p3"] });
  const first = await run.call("GET", "/groups/pages/members?limit=2");
  expect(idsOf(first.body.items, "userId")).toEqual(["p1", "p2"]);
  const rest = await run.call("GET", `/groups/pages/members?limit=2&cursor=${first.body.nextCursor}`);
  expect(idsOf(rest.body.items, "userId")).toEqual(["p3"]);
});

test("ten thousand members go into one call, and one more changes nothing", async () => {
  await save("one");
  const strangers = Array.from({ length: 10_001 }, (_, at) => `s${at}`);
  await run.call("PUT", "/groups/large", { name: "Large", members: ["one"] });
  const removed = await run.call("POST", "/groups/large/members", { remove: strangers.slice(0, 10_000) });
  expect(removed).toMatchObject({ status: 200, body: { memberCount: 1 } });
  for (const [method, path, body] of [
    ["POST", "/groups/large/members", { remove: [...strangers, "one"] }],
    ["PUT", "/groups/large", { name: "Larger", members: strangers }],
  ] as const)
    expect(await run.call(method, path, body)).toMatchObject({
      status: 413,
      body: { code: "body-too-large" },
    });
  expect((await run.call("GET", "/groups/large")).body).toMatchObject({ name: "Large", memberCount: 1 });
});

test.each([
  ["PUT", "/groups/bad", {}, 400, "invalid-input", ["name"]],
  ["PUT", "/groups/bad", { name: "" }, 400, "invalid-input", ["name"]],
  ["PUT", "/groups/bad", { name: "Bad", owner: "x" }, 400, "invalid-input", ["owner"]],
  ["PUT", "/groups/bad", { name: "Bad", members: ["a/b"] }, 400, "invalid-input", ["members.0"]],
  ["PUT", "/groups/a%2Fb", { name: "Bad" }, 400, "invalid-input", ["path.groupId"]],
  ["PUT", "/groups/bad", { name: "Bad", members: ["nobody"] }, 422, "unknown-members", undefined],
  ["POST", "/groups/bad/members", {}, 400, "invalid-input", ["body"]],
  ["POST", "/groups/bad/members", { add: ["a"], remove: ["a"] }, 400, "invalid-input", ["body"]],
  ["POST", "/groups/unknown/members", { add: ["a"] }, 404, "not-found", undefined],
  ["GET", "/groups/unknown", undefined, 404, "not-found", undefined],
  ["GET", "/groups/unknown/members", undefined, 404, "not-found", undefined],
  ["DELETE", "/groups/unknown", undefined, 404, "not-found", undefined],
  ["DELETE", "/groups/bad?confirm=all", undefined, 400, "invalid-input", ["query.confirm"]],
  ["GET", "/groups?q=", undefined, 400, "invalid-input", ["query.q"]],
  ["GET", "/groups?members=1", undefined, 400, "invalid-input", ["query.members"]],
  ["GET", "/groups?limit=501", undefined, 400, "invalid-input", ["query.limit"]],
  ["GET", "/groups?cursor=x", undefined, 400, "invalid-cursor", undefined],
])("%s %s with %j is %i %s", async (method, path, body, status, code, paths) => {
  const answer = await run.call(method, path, body);
  expect(answer).toMatchObject({ status, body: { code } });
  if (paths) expect(answer.body.errors.map(({ path }) => path)).toEqual(paths);
  expect((await run.call("GET", "/groups/bad")).status).toBe(404);
});
