import { expect, test } from "vitest";
import { call } from "../../providers/call.ts";
import { givenQuirky, lastEventOf } from "../../support/quirks.ts";
import { eventTypesOf, expectOk, useUsher } from "../../support/steps.ts";

const usher = useUsher();

const nested = (levels: number): string => `${"[".repeat(levels)}1${"]".repeat(levels)}`;

/** As JSON, since no object of JavaScript shows all of them. */
const oddValues: [string, string][] = [
  ["a number beyond 2^53", "90071992547409931234"],
  ["a number beyond all numbers", "1e400"],
  ["a number too small for the table", "1e-200"],
  ["a key of every object", '{"constructor":"x"}'],
  ["a key that names the prototype", '{"__proto__":{"a":1}}'],
  ["a key without a name", '{"":"x"}'],
  ["half a surrogate pair", '"\\ud83d"'],
  ["half a surrogate pair as a key", '{"\\ud83d":"x"}'],
  ["40 levels", nested(40)],
  ["keys that make it no text", '{"toString":1,"valueOf":1}'],
  ["a long text", `"${"x".repeat(500_000)}"`],
  ["a long list", `[${'{"a":1},'.repeat(50_000)}{"a":1}]`],
];

test.each(oddValues)(
  "%s that an account shows is replaced when it is adopted, with one event",
  async (_, value) => {
    const { provider, userId, user, path } = await givenQuirky(usher, {});
    const existing = provider.addUser({ userName: user.email });
    const shown = `{"id":"${existing}","userName":"${user.email}","active":true,"title":${value}}`;
    provider.intercept = ({ method, path: at }) =>
      method === "GET" && at === "/Users"
        ? { status: 200, body: `{"totalResults":1,"Resources":[${shown}]}` }
        : undefined;
    const answer = await usher.call("PUT", path, { ...user, jobTitle: "Engineer" });
    expect([answer.status, answer.body]).toEqual([
      200,
      expect.objectContaining({ action: "adopted", state: "in_sync", remoteId: existing }),
    ]);
    expect(await provider.users()).toMatchObject([{ resource: { title: "Engineer" } }]);
    expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual(["user_update_provision"]);
    const changes = (await lastEventOf(usher, `userId=${userId}`))?.changes as { field: string }[];
    // Such keys are left out where they come in, and then nothing is there.
    const before = value.includes("toString") ? {} : { from: expect.anything() };
    expect(changes.find(({ field }) => field === "title")).toMatchObject({ ...before, to: "Engineer" });
  },
);

test.each(oddValues)(
  "%s that an account shows is kept where the adoption fails, and replaced by the next call",
  async (_, value) => {
    const { provider, user, path } = await givenQuirky(usher, {});
    const existing = provider.addUser({ userName: user.email });
    const shown = `{"id":"${existing}","userName":"${user.email}","active":true,"title":${value}}`;
    provider.intercept = ({ method, path: at }) => {
      if (method === "PATCH") return { status: 400, body: "{}" };
      return method === "GET" && at === "/Users"
        ? { status: 200, body: `{"totalResults":1,"Resources":[${shown}]}` }
        : undefined;
    };
    const failed = await usher.call("PUT", path, { ...user, jobTitle: "Engineer" });
    expect([failed.status, failed.body.code]).toEqual([502, "provider-rejected"]);
    provider.intercept = undefined;
    expectOk(await usher.call("PUT", path, { ...user, jobTitle: "Engineer" }));
    expect(await provider.users()).toMatchObject([{ id: existing, resource: { title: "Engineer" } }]);
  },
);

test.each(oddValues)(
  "%s as the name of a group that is there, or of an account, is no match",
  async (_, value) => {
    const { provider, integration, userId, user, path } = await givenQuirky(usher, {});
    provider.intercept = ({ method, path: at }) => {
      if (method !== "GET" || !["/Users", "/Groups"].includes(at)) return undefined;
      const name = at === "/Users" ? "userName" : "displayName";
      return { status: 200, body: `{"totalResults":1,"Resources":[{"id":"odd","${name}":${value}}]}` };
    };
    expect((await usher.call("PUT", path, user)).body).toMatchObject({ action: "created", state: "in_sync" });
    const group = `${integration.path}/groups/group-of-${userId}`;
    expect((await usher.call("PUT", group, { name: "Ops", members: [userId] })).body).toMatchObject({
      action: "created",
      state: "in_sync",
    });
  },
);

test.each(oddValues)("%s in what a creation or a change shows is no harm", async (_, value) => {
  const { provider, user, path } = await givenQuirky(usher, {});
  provider.intercept = ({ method, body }) => {
    if (method !== "POST" && method !== "PATCH") return undefined;
    const id = method === "POST" ? provider.addUser(body as Record<string, unknown>) : "id-0001";
    return { status: 201, body: `{"id":"${id}","userName":"${user.email}","title":${value},"x":${value}}` };
  };
  expect((await usher.call("PUT", path, { ...user, jobTitle: "A" })).body).toMatchObject({
    action: "created",
  });
  expect((await usher.call("PUT", path, { ...user, jobTitle: "B" })).body).toMatchObject({
    action: "updated",
  });
  provider.intercept = undefined;
  expect(await call(provider, "GET", "/Users")).toMatchObject({ status: 200 });
});

test.each(["constructor", "prototype", "toString", "name.constructor", "__proto__"])(
  "%s is no target of a mapping",
  async (target) => {
    const { integration } = await givenQuirky(usher, {});
    const answer = await usher.call("PATCH", integration.path, {
      attributeMappings: [{ target, constant: "x" }],
    });
    expect([answer.status, answer.body.code]).toEqual([400, "invalid-input"]);
  },
);
