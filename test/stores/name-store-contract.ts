import { expect, it } from "vitest";
import type { NameKey, NameStore } from "../../shared/provisioning/ports/name-store.ts";
import { newId } from "./samples.ts";

/** What every NameStore owes its callers. */
export const nameStoreContract = (makeStore: () => Promise<NameStore>): void => {
  const keyOf = (value: string, kind: NameKey["kind"] = "userName"): NameKey => ({
    sourceId: "s1",
    kind,
    value,
  });
  const claimOf = (objectId: string) => ({ objectId, claimId: newId("claim"), at: 1 });

  it("gives a name to one of many who take it at once", async () => {
    const store = await makeStore();
    const key = keyOf(newId("ada"));
    const held = await Promise.all(Array.from({ length: 6 }, (_, at) => store.claim(key, claimOf(`u${at}`))));
    expect(new Set(held.map(({ claimId }) => claimId)).size).toBe(1);
    expect(await store.read([key])).toEqual([held[0]]);
  });

  it.each([
    ["userName", true],
    ["displayName", true],
    ["user externalId", false],
    ["group externalId", false],
  ] as const)("tells %s of one case from another: %s", async (kind, isFolded) => {
    const store = await makeStore();
    const name = newId("Ädä");
    const mine = await store.claim(keyOf(name, kind), claimOf("u1"));
    const [other] = await store.read([keyOf(name.toUpperCase(), kind)]);
    expect(other).toEqual(isFolded ? mine : undefined);
    const held = await store.claim(keyOf(name.toUpperCase(), kind), claimOf("u2"));
    expect(held.objectId).toBe(isFolded ? "u1" : "u2");
  });

  it("keeps names of sources and kinds apart, whatever they hold", async () => {
    const store = await makeStore();
    const value = `${newId("n")} # / \u{1F600} ${"x".repeat(5_000)}`;
    const keys: NameKey[] = [
      keyOf(value),
      keyOf(value, "displayName"),
      keyOf(value, "user externalId"),
      keyOf(value, "group externalId"),
      { ...keyOf(value), sourceId: "s2" },
    ];
    for (const [at, key] of keys.entries())
      expect(await store.claim(key, claimOf(`u${at}`))).toMatchObject({ objectId: `u${at}` });
    const found = await store.read([...keys, keyOf(newId("nobody"))]);
    expect(found.map((claim) => claim?.objectId)).toEqual(["u0", "u1", "u2", "u3", "u4", undefined]);
  });

  it("takes a name again for the same object, and instead of exactly the claim that was seen", async () => {
    const store = await makeStore();
    const key = keyOf(newId("ada"));
    const first = await store.claim(key, claimOf("u1"));
    const again = await store.claim(key, claimOf("u1"));
    expect(again.claimId).not.toBe(first.claimId);
    const other = claimOf("u2");
    expect(await store.claim(key, other, first)).toEqual(again);
    expect(await store.claim(key, other, again)).toEqual(other);
  });

  it("lets go of exactly the claim that is named", async () => {
    const store = await makeStore();
    const key = keyOf(newId("ada"));
    const first = await store.claim(key, claimOf("u1"));
    const again = await store.claim(key, claimOf("u1"));
    await store.release(key, first.claimId);
    expect(await store.read([key])).toEqual([again]);
    await store.release(key, again.claimId);
    await store.release(key, again.claimId);
    expect(await store.read([key])).toEqual([undefined]);
  });
};
