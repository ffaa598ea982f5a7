import { expect, it } from "vitest";
import type { Source } from "../../shared/model/source.ts";
import type { SourceStore } from "../../shared/provisioning/ports/source-store.ts";
import { newId } from "./samples.ts";

export const makeSource = (changes: Partial<Source> = {}): Source => ({
  sourceId: newId("source"),
  name: "Okta",
  kind: "okta",
  onDelete: "suspend",
  linkByEmail: "ownerless",
  tokens: [],
  createdAt: "2026-11-05T08:00:00.000Z",
  updatedAt: "2026-11-05T08:00:00.000Z",
  version: 0,
  ...changes,
});

/** What every SourceStore owes its callers. */
export const sourceStoreContract = (makeStore: () => Promise<SourceStore>): void => {
  it("keeps a source at the version alone, and counts versions up", async () => {
    const store = await makeStore();
    const source = makeSource();
    const { sourceId } = source;
    expect(await store.read(sourceId)).toBeUndefined();
    expect(await store.save(source)).toEqual({ ...source, version: 1 });
    expect(await store.save(source)).toBeUndefined();
    const renamed = await store.save({ ...source, version: 1, name: "Okta 2" });
    expect(renamed).toMatchObject({ version: 2, name: "Okta 2" });
    expect(await store.save({ ...source, version: 1 })).toBeUndefined();
    expect(await store.read(sourceId)).toEqual(renamed);
  });

  it("keeps one of many changes at once", async () => {
    const store = await makeStore();
    const source = makeSource();
    const saves = Array.from({ length: 6 }, (_, at) => store.save({ ...source, name: `n${at}` }));
    expect((await Promise.all(saves)).filter(Boolean)).toHaveLength(1);
  });

  it("lists all, deleted ones too, the oldest first", async () => {
    const store = await makeStore();
    const [first, second] = [makeSource({ sourceId: newId("a") }), makeSource({ sourceId: newId("b") })];
    await store.save(second);
    await store.save({ ...first, deleted: true });
    const ids = (await store.all()).map(({ sourceId }) => sourceId);
    expect(ids.filter((id) => [first.sourceId, second.sourceId].includes(id))).toEqual([
      first.sourceId,
      second.sourceId,
    ]);
  });

  it("takes the mark of an event away, and the source, at that version alone", async () => {
    const store = await makeStore();
    const unrecorded = {
      eventId: "e1",
      type: "source_create" as const,
      authMethod: "iam",
      clientIp: "",
      userAgent: "",
    };
    const { sourceId } = (await store.save(makeSource({ unrecorded }))) as Source;
    await store.recorded(sourceId, 2);
    expect(await store.read(sourceId)).toHaveProperty("unrecorded");
    await store.recorded(sourceId, 1);
    expect(await store.read(sourceId)).not.toHaveProperty("unrecorded");
    await store.remove(sourceId, 2);
    expect(await store.read(sourceId)).toBeDefined();
    await store.remove(sourceId, 1);
    await store.remove(sourceId, 1);
    expect(await store.read(sourceId)).toBeUndefined();
  });

  it("gives a token to one of many who take it at once, and anew instead of exactly the claim that was seen", async () => {
    const store = await makeStore();
    const hash = newId("hash");
    const claimOf = (at: number) => ({ sourceId: newId("s"), tokenId: newId("t"), at });
    expect(await store.tokenOf(hash)).toBeUndefined();
    const held = await Promise.all([1, 2, 3].map((at) => store.claimToken(hash, claimOf(at))));
    expect(new Set(held.map(({ tokenId }) => tokenId)).size).toBe(1);
    const [first] = held as [(typeof held)[0]];
    expect(await store.tokenOf(hash)).toEqual(first);
    const other = claimOf(4);
    expect(await store.claimToken(hash, other, claimOf(5))).toEqual(first);
    expect(await store.claimToken(hash, other, first)).toEqual(other);
    await store.releaseToken(hash, first.tokenId);
    expect(await store.tokenOf(hash)).toEqual(other);
    await store.releaseToken(hash, other.tokenId);
    expect(await store.tokenOf(hash)).toBeUndefined();
  });

  it("notes successes once a minute of each token, and errors once a second", async () => {
    const [one, other] = [await makeStore(), await makeStore()];
    const sourceId = newId("source");
    const start = Date.parse("2026-11-05T08:00:00.000Z");
    const requestAt = (ms: number, tokenId = "t1") => ({
      at: new Date(start + ms).toISOString(),
      method: "GET",
      resource: "Users",
      status: 200,
      tokenId,
    });
    const read = async () => (await one.statusOf([sourceId, "unknown"])).get(sourceId);
    expect(await read()).toBeUndefined();
    await one.noteRequest(sourceId, requestAt(0));
    await other.noteRequest(sourceId, requestAt(59_999));
    await other.noteRequest(sourceId, requestAt(60_000, "t2"));
    expect(await read()).toMatchObject({
      lastRequest: { at: requestAt(60_000).at, status: 200 },
      tokenUses: { t1: requestAt(0).at, t2: requestAt(60_000).at },
    });
    const refused = (ms: number) => ({
      ...requestAt(ms),
      status: 409,
      error: { scimType: "uniqueness", detail: "taken", correlationId: "c1" },
    });
    await one.noteRequest(sourceId, refused(61_000));
    await other.noteRequest(sourceId, refused(61_500));
    expect((await read())?.lastError).toEqual({
      at: requestAt(61_000).at,
      method: "GET",
      resource: "Users",
      status: 409,
      scimType: "uniqueness",
      detail: "taken",
      correlationId: "c1",
    });
  });
};
