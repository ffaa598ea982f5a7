import { beforeEach, expect, it } from "vitest";
import type { TargetStore } from "../../shared/provisioning/ports/integration-store.ts";
import { newId } from "./samples.ts";

/** What every TargetStore owes its callers. */
export const targetStoreContract = (makeStore: () => Promise<TargetStore>): void => {
  const baseUrl = "https://scim.example.com/v2";
  let store: TargetStore;
  let hash: string;
  const claimOf = (integrationId: string) => ({ integrationId, attemptId: newId("attempt") });
  beforeEach(async () => {
    store = await makeStore();
    hash = await store.hash(baseUrl, newId("secret"));
  });

  it("hashes base URL and secret, both together", async () => {
    const one = await store.hash(baseUrl, "one");
    expect(await store.hash(baseUrl, "one")).toBe(one);
    const others = [await store.hash(baseUrl, "two"), await store.hash(`${baseUrl}/t`, "one")];
    expect(new Set([one, ...others])).toHaveProperty("size", 3);
  });

  it("gives a target to one of many who claim it at once", async () => {
    const claims = Array.from({ length: 8 }, () => claimOf(newId("int")));
    const answers = await Promise.all(claims.map((claim) => store.claim(hash, claim)));
    expect(new Set(answers.map(({ integrationId }) => integrationId))).toHaveProperty("size", 1);
  });

  it("lets the holder claim again, and another only instead of exactly the claim that it has seen", async () => {
    const [first, second, other] = [claimOf("first"), claimOf("first"), claimOf("other")];
    expect(await store.claim(hash, first)).toEqual(first);
    expect(await store.claim(hash, second)).toEqual(second);
    expect(await store.claim(hash, other, first)).toEqual(second);
    expect(await store.claim(hash, other, second)).toEqual(other);
    expect(await store.claim(hash, first)).toEqual(other);
  });
};
