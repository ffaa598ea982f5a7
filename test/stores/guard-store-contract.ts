import { beforeEach, expect, it } from "vitest";
import type { GuardStore } from "../../shared/provisioning/ports/guard-store.ts";
import { newId } from "./samples.ts";

/** What every GuardStore owes its callers. */
export const guardStoreContract = (makeStore: () => Promise<GuardStore>): void => {
  let store: GuardStore;
  let id: string;
  beforeEach(async () => {
    store = await makeStore();
    id = newId("int");
  });
  const bucket = (at: number, ...accounts: string[]) => ({ at, accounts, groups: [] });

  it("knows nothing of an integration that lost nothing", async () => {
    expect(await store.read(id)).toEqual({ rev: 0, buckets: [] });
  });

  it("answers what was saved last, and keeps integrations apart", async () => {
    const open = { count: 500, isAll: false, at: 7 };
    expect(await store.save(id, 0, { buckets: [bucket(1, "a")] })).toBe(true);
    expect(await store.save(id, 1, { buckets: [bucket(1, "a"), bucket(2, "b")], open })).toBe(true);
    expect(await store.read(id)).toEqual({ rev: 2, buckets: [bucket(1, "a"), bucket(2, "b")], open });
    expect(await store.read(newId("int"))).toEqual({ rev: 0, buckets: [] });
  });

  it("saves nothing over what another has saved since", async () => {
    await store.save(id, 0, { buckets: [bucket(1, "a")] });
    expect(await store.save(id, 0, { buckets: [bucket(1, "b")] })).toBe(false);
    await store.save(id, 1, { buckets: [bucket(1, "a", "c")] });
    expect(await store.save(id, 1, { buckets: [] })).toBe(false);
    expect((await store.read(id)).buckets).toEqual([bucket(1, "a", "c")]);
  });

  it("lets one of many who save at once win", async () => {
    const saved = await Promise.all(
      Array.from({ length: 8 }, (_, nth) => store.save(id, 0, { buckets: [bucket(nth)] })),
    );
    expect(saved.filter(Boolean)).toHaveLength(1);
    expect((await store.read(id)).buckets).toEqual([bucket(saved.indexOf(true))]);
  });
};
