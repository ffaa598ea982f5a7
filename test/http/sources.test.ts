import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EmbeddedRun, startEmbeddedRun } from "../../infra/local/embedded-run.ts";
import { statePorts } from "../../shared/runtime/services.ts";
import { authenticateSource } from "../../shared/sources/authenticate-source.ts";
import { undocumented } from "../support/documented.ts";
import { collectLog } from "../support/log-lines.ts";
import { filesOf, placesOf } from "../support/secret-search.ts";

const dataDir = mkdtempSync(join(tmpdir(), "usher-sources-"));
let run: EmbeddedRun;
beforeAll(async () => {
  run = await startEmbeddedRun({ port: 0, dataDir, publicUrl: "https://usher.example.com/" });
});
afterAll(async () => {
  await run?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
  const response = await fetch(run.url + path, {
    method,
    headers: { authorization: `Bearer ${run.token}`, "content-type": "application/json", ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = text === "" ? {} : JSON.parse(text);
  expect(undocumented({ method, path }, response.status, answer.code)).toBeUndefined();
  return { status: response.status, body: answer, text, headers: response.headers };
};
const make = async (input: object = {}) => {
  const answer = await call("POST", "/sources", { name: "Okta", kind: "okta", ...input });
  expect(answer.status, answer.text).toBe(201);
  return answer.body as { sourceId: string; token: string; tokens: { tokenId: string }[] };
};
const opens = async (token: string) =>
  (await authenticateSource(statePorts, `Bearer ${token}`, { record: () => undefined })) !== undefined;

describe("sources", () => {
  test("are set up, read, listed, changed and deleted", async () => {
    const made = await call("POST", "/sources", { name: "Okta", kind: "okta" });
    expect(made).toMatchObject({
      status: 201,
      body: {
        ...{ name: "Okta", kind: "okta", onDelete: "suspend", linkByEmail: "ownerless" },
        scimBaseUrl: "https://usher.example.com/scim/v2",
        tokens: [{ hint: made.body.token.slice(-4) }],
      },
    });
    const path = `/sources/${made.body.sourceId}`;
    expect(made.headers.get("location")).toBe(path);
    expect((await call("GET", path)).body).toMatchObject({ counts: { users: 0, groups: 0 } });
    const patched = await call("PATCH", path, { onDelete: "delete" });
    expect(patched.body).toMatchObject({ name: "Okta", onDelete: "delete", version: 2 });
    expect((await call("GET", "/sources?limit=500")).body.items).toContainEqual(patched.body);
    expect((await call("GET", `${path}/mapping`)).body.rows).toContainEqual({
      resource: "User",
      attribute: "name.givenName",
      property: "firstname",
    });
    expect((await call("GET", `${path}/conflicts`)).body).toEqual({ items: [] });
    expect((await call("DELETE", path)).status).toBe(204);
    for (const [method, below, body] of [
      ["GET", ""],
      ["DELETE", ""],
      ["PATCH", "", { name: "x" }],
      ["GET", "/mapping"],
      ["GET", "/conflicts"],
      ["POST", "/tokens", {}],
      ["DELETE", "/tokens/t"],
      ["POST", "/adopt", { all: true }],
    ] as const)
      expect((await call(method, path + below, body)).body.code).toBe("not-found");
    expect(await opens(made.body.token)).toBe(false);
    const events = (await call("GET", `/events?initiatedBy=local-admin&order=asc&limit=500`)).body.items;
    const own = events.filter(
      (event: { resource: { id: string } }) => event.resource.id === made.body.sourceId,
    );
    expect(own.map(({ event_type }: { event_type: string }) => event_type)).toEqual([
      "source_create",
      "source_update",
      "source_delete",
    ]);
  });

  test.each([
    [{ kind: "okta" }, "name"],
    [{ name: "x", kind: "ldap" }, "kind"],
    [{ name: "x", kind: "okta", token: "short-and-secret" }, "token"],
    [{ name: "x", kind: "okta", token: `blank in ${"x".repeat(40)}` }, "token"],
    [{ name: "x", kind: "okta", onDelete: "none" }, "onDelete"],
    [{ name: "x", kind: "okta", expiresAt: "tomorrow" }, "expiresAt"],
    [{ name: "x", kind: "okta", expiresAt: "2020-01-01T00:00:00Z" }, "expiresAt"],
  ])("are refused where %j is wrong, without a word of what was given", async (body, path) => {
    const { status, body: problem, text } = await call("POST", "/sources", body);
    expect([status, problem.code, problem.errors[0].path]).toEqual([400, "invalid-input", path]);
    if ("token" in body) expect(text).not.toContain(body.token.slice(0, 8));
  });

  test("take tokens of two at a time, brought or made, and each is ended alone", async () => {
    const brought = "an-old-token-of-another-target-0123456789";
    const { sourceId, token, tokens } = await make({ token: `Bearer ${brought}` });
    expect(token).toBe(brought);
    const path = `/sources/${sourceId}/tokens`;
    const added = await call("POST", path);
    expect(added).toMatchObject({ status: 201, body: { token: expect.stringMatching(/^usher_scim_/) } });
    expect((await call("POST", path, {})).body.code).toBe("token-limit-reached");
    expect((await call("POST", "/sources", { name: "x", kind: "okta", token: brought })).body.code).toBe(
      "token-in-use",
    );
    expect([await opens(brought), await opens(added.body.token)]).toEqual([true, true]);
    expect((await call("DELETE", `${path}/${tokens[0]?.tokenId}`)).status).toBe(204);
    expect([await opens(brought), await opens(added.body.token)]).toEqual([false, true]);
    expect((await call("GET", `/sources/${sourceId}`)).body.tokens).toHaveLength(1);
  });

  test("are given users and groups that have no owner, which then show it", async () => {
    const { sourceId } = await make();
    const person = { email: "adopted@example.com", firstname: "Ada", lastname: "Osei" };
    await call("PUT", "/users/adopted", person);
    await call("PUT", "/groups/adopted", { name: "Adopted", members: ["adopted"] });
    const users = await call("POST", `/sources/${sourceId}/adopt`, { userIds: ["adopted"] });
    expect(users).toMatchObject({ status: 200, body: { state: "done", users: 1 } });
    expect((await call("POST", `/sources/${sourceId}/adopt`, { groupIds: ["adopted"] })).body.groups).toBe(1);
    const source = { sourceId, userName: "adopted@example.com" };
    expect((await call("GET", "/users/adopted")).body.source).toEqual(source);
    expect((await call("GET", "/users?email=adopted@example.com")).body.items[0].source).toEqual(source);
    expect((await call("GET", "/groups/adopted")).body).toMatchObject({
      memberCount: 1,
      source: { sourceId, displayName: "Adopted" },
    });
    expect((await call("GET", "/groups?name=Adopted")).body.items[0].source.sourceId).toBe(sourceId);
    // Calls may change what a source owns, which keeps its owner.
    await call("PUT", "/users/adopted", { ...person, jobTitle: "Engineer" });
    expect((await call("GET", "/users/adopted")).body).toMatchObject({ jobTitle: "Engineer", source });
    expect((await call("GET", `/sources/${sourceId}`)).body.counts).toEqual({ users: 1, groups: 1 });
    await call("DELETE", `/sources/${sourceId}`);
    expect((await call("GET", "/users/adopted")).body).not.toHaveProperty("source");
    for (const body of [{}, { userIds: [] }, { all: false }, { all: true, userIds: ["a"] }])
      expect((await call("POST", `/sources/${sourceId}/adopt`, body)).body.code).toBe("invalid-input");
  });

  test("show a token once, keep it nowhere, and do not show it again under an Idempotency-Key", async () => {
    const log = collectLog();
    const brought = "Zx9-a-token-that-is-brought-0123456789-qwertz";
    const key = { "idempotency-key": "source-1" };
    const body = { name: "Okta", kind: "okta", token: brought };
    const first = await call("POST", "/sources", body, key);
    expect(first.body.token).toBe(brought);
    const again = await call("POST", "/sources", body, key);
    expect(again.status).toBe(201);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    const { token, ...rest } = first.body;
    expect(again.body).toEqual(rest);
    const path = `/sources/${rest.sourceId}/tokens`;
    const made = await call("POST", path, {}, { "idempotency-key": "token-1" });
    const madeAgain = await call("POST", path, {}, { "idempotency-key": "token-1" });
    expect(madeAgain.body).toEqual({
      tokenId: made.body.tokenId,
      hint: made.body.hint,
      createdAt: made.body.createdAt,
    });
    const others = ["/sources", `/sources/${rest.sourceId}`, "/events?limit=500", "/overview"];
    const answers = new Map<string, string>();
    for (const other of others) answers.set(other, (await call("GET", other)).text);
    for (const secret of [token, made.body.token]) {
      expect(placesOf(secret, answers)).toEqual([]);
      expect(placesOf(secret, filesOf(dataDir))).toEqual([]);
      expect(log.texts.join("")).not.toContain(secret);
    }
  });
});
