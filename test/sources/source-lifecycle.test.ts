import { expect, test } from "vitest";
import { authenticateSource, noteRequest } from "../../shared/sources/authenticate-source.ts";
import { updateSource } from "../../shared/sources/change-source.ts";
import { createSource } from "../../shared/sources/create-source.ts";
import { deleteSource, settleSources } from "../../shared/sources/delete-source.ts";
import { getSource, listSources } from "../../shared/sources/get-source.ts";
import { addToken, removeToken } from "../../shared/sources/source-tokens.ts";
import { dying, given, start } from "./given.ts";

const counting = () => {
  const counted: unknown[] = [];
  return { counted, telemetry: { record: (measures: readonly unknown[]) => void counted.push(...measures) } };
};
const ignored = { record: () => undefined };
const input = { name: "Okta", kind: "okta", onDelete: "suspend", linkByEmail: "ownerless" } as const;
const brought = "a-token-that-somebody-has-used-for-years";

test("a made token opens its source, with and without the word Bearer, and names its kind", async () => {
  const { ports, makeSource } = given();
  const { source, token } = await makeSource();
  expect(token).toMatch(/^usher_scim_[\w-]{43}$/);
  for (const header of [`Bearer ${token}`, `bearer  ${token} `, token]) {
    const identity = await authenticateSource(ports, header, ignored);
    expect(identity).toMatchObject({ source: { sourceId: source.sourceId } });
  }
});

test.each([
  undefined,
  "",
  "Bearer",
  "Bearer short",
  `Basic ${"x".repeat(40)}`,
  `usher_scim_${"x".repeat(43)}`,
  "x".repeat(5_000),
  `${"x".repeat(40)}é`,
])("what is no token of a source opens nothing, and is counted: %#", async (header) => {
  const { ports, makeSource } = given();
  await makeSource();
  const { counted, telemetry } = counting();
  expect(await authenticateSource(ports, header, telemetry)).toBeUndefined();
  expect(counted).toEqual([{ metric: "TokensRefused", value: 1 }]);
});

test("neither the store nor any event holds a token", async () => {
  const { memory, ports, call, asking, makeSource } = given();
  const { source, token } = await makeSource({ token: brought });
  const { token: second } = await addToken(asking, source.sourceId, {});
  await removeToken({ ports, call }, source.sourceId, source.tokens[0]?.tokenId ?? "");
  const kept = JSON.stringify(memory, (_, value: unknown) => (value instanceof Map ? [...value] : value));
  expect(kept).toContain(source.sourceId);
  for (const secret of [token, second]) expect(kept).not.toContain(secret);
});

test("a token that opens a source is taken by no other, and is free once that one is gone", async () => {
  const { asking, makeSource } = given();
  const { source } = await makeSource({ token: brought });
  await expect(createSource(asking, { ...input, token: brought })).rejects.toMatchObject({
    code: "token-in-use",
  });
  await deleteSource(asking, source.sourceId);
  const { source: next } = await createSource(asking, { ...input, token: brought });
  expect(await authenticateSource(asking.ports, brought, ignored)).toMatchObject({
    source: { sourceId: next.sourceId },
  });
});

test("a source has two tokens at most, of which one that has ended makes room", async () => {
  const { asking, pass, makeSource } = given();
  const { source, token } = await makeSource();
  const { sourceId } = source;
  const expiresAt = new Date(start + 60_000).toISOString();
  const second = await addToken(asking, sourceId, { expiresAt });
  await expect(addToken(asking, sourceId, {})).rejects.toMatchObject({ code: "token-limit-reached" });
  const opens = async (text: string) => (await authenticateSource(asking.ports, text, ignored)) !== undefined;
  expect([await opens(token), await opens(second.token)]).toEqual([true, true]);
  pass(60_000);
  expect([await opens(token), await opens(second.token)]).toEqual([true, false]);
  const third = await addToken(asking, sourceId, {});
  expect([await opens(token), await opens(third.token)]).toEqual([true, true]);
  await removeToken(asking, sourceId, source.tokens[0]?.tokenId ?? "");
  expect([await opens(token), await opens(third.token)]).toEqual([false, true]);
  await expect(removeToken(asking, sourceId, "unknown")).rejects.toMatchObject({ code: "not-found" });
  await expect(addToken(asking, sourceId, { expiresAt })).rejects.toMatchObject({ code: "invalid-input" });
});

test("two tokens that are added at once leave two in all", async () => {
  const { memory, asking, makeSource } = given();
  const { source } = await makeSource();
  const added = await Promise.allSettled([1, 2, 3].map(() => addToken(asking, source.sourceId, {})));
  expect(added.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  const { tokens } = await getSource(asking.ports, "https://usher.example.com/scim/v2", source.sourceId);
  expect(tokens).toHaveLength(2);
  // What was taken in vain is let go of.
  expect(memory.sources.tokens.size).toBe(2);
});

test("each change leaves one event, which tells what changed and never a token", async () => {
  const { asking, events, makeSource } = given();
  const { source } = await makeSource();
  const { sourceId } = source;
  await updateSource(asking, sourceId, { name: "Okta 2", onDelete: "delete" });
  await updateSource(asking, sourceId, { name: "Okta 2" });
  await addToken(asking, sourceId, {});
  await deleteSource(asking, sourceId);
  expect(events().map(({ event_type }) => event_type)).toEqual([
    "source_create",
    "source_update",
    "source_update",
    "source_delete",
  ]);
  const [created, renamed, added] = events();
  expect(created).toMatchObject({
    resource: { type: "source", id: sourceId, name: "Okta" },
    initiated_by: { type: "admin", id: "admin-1" },
  });
  expect(renamed?.changes).toEqual([
    { field: "name", from: "Okta", to: "Okta 2" },
    { field: "onDelete", from: "suspend", to: "delete" },
  ]);
  expect(added?.changes).toMatchObject([
    { field: "access", from: [{ hint: source.tokens[0]?.hint }], to: [{}, {}] },
  ]);
  await expect(updateSource(asking, sourceId, { name: "x" })).rejects.toMatchObject({ code: "not-found" });
  await expect(deleteSource(asking, sourceId)).rejects.toMatchObject({ code: "not-found" });
});

test.each(["before", "after"] as const)(
  "a source that is set up leaves all or nothing, and its event, wherever its process dies (%s)",
  async (moment) => {
    for (let nth = 1; nth <= 5; nth += 1) {
      const { ports, processOn, call, pass, events } = given();
      const made = await createSource(
        { ports: processOn(dying(nth, moment)), call },
        { ...input, token: brought },
      ).catch(() => undefined);
      pass(61_000);
      expect(await settleSources(ports)).toEqual([]);
      const all = await ports.sources.all();
      expect(events().map(({ event_type }) => event_type)).toEqual(all.map(() => "source_create"));
      const opened = await authenticateSource(ports, brought, ignored);
      expect(opened?.source.sourceId).toBe(all[0]?.sourceId);
      if (made) expect(opened?.source.sourceId).toBe(made.source.sourceId);
      // What is left of a source that never came keeps nobody from the token.
      if (all.length === 0) await createSource({ ports, call }, { ...input, token: brought });
    }
  },
);

test.each(["before", "after"] as const)(
  "a source that is deleted is gone with its tokens and leaves its event, wherever its process dies (%s)",
  async (moment) => {
    for (let nth = 1; nth <= 8; nth += 1) {
      const { memory, ports, processOn, call, events, makeSource } = given();
      const { source, token } = await makeSource();
      await addToken({ ports, call }, source.sourceId, {});
      const before = events().length;
      await deleteSource({ ports: processOn(dying(nth, moment)), call }, source.sourceId).catch(
        () => undefined,
      );
      const isGone = (await authenticateSource(ports, token, ignored)) === undefined;
      expect(await settleSources(ports)).toEqual([]);
      expect(events().length - before).toBe(isGone ? 1 : 0);
      expect(memory.sources.tokens.size).toBe(isGone ? 0 : 2);
      expect(memory.sources.sources.size).toBe(isGone ? 0 : 1);
    }
  },
);

test("a source tells when it called last, by which token, and what it was refused", async () => {
  const { ports, makeSource } = given();
  const { source, token } = await makeSource();
  const identity = await authenticateSource(ports, token, ignored);
  if (!identity) throw new Error("the token opens its source");
  const at = new Date(start).toISOString();
  const refused = { detail: "Another source owns the user.", scimType: "uniqueness", correlationId: "c9" };
  await noteRequest(ports, identity, {
    ...{ at, method: "POST", resource: "Users", status: 409 },
    error: refused,
  });
  const detail = await getSource(ports, "https://usher.example.com/scim/v2", source.sourceId);
  expect(detail).toMatchObject({
    scimBaseUrl: "https://usher.example.com/scim/v2",
    counts: { users: 0, groups: 0 },
    lastRequest: { at, method: "POST", resource: "Users", status: 409 },
    lastError: refused,
    tokens: [{ hint: token.slice(-4), lastUsedAt: at }],
  });
  expect(JSON.stringify(detail)).not.toContain(identity.source.tokens[0]?.hash);
});

test("lists sources in pages, without those that are gone", async () => {
  const { asking, makeSource, pass } = given();
  const made = [];
  for (const name of ["a", "b", "c"]) {
    made.push((await makeSource({ name })).source);
    pass(1);
  }
  await deleteSource(asking, made[1]?.sourceId ?? "");
  const first = await listSources(asking.ports, "https://usher.example.com/scim/v2", { limit: 1 });
  expect(first.items.map(({ name }) => name)).toEqual(["a"]);
  const rest = await listSources(asking.ports, "", { limit: 1, cursor: first.nextCursor ?? "" });
  expect(rest).toMatchObject({ items: [{ name: "c" }] });
  expect(rest.nextCursor).toBeUndefined();
});
