import { expect, it } from "vitest";
import type { Conflict } from "../../shared/model/source.ts";
import type { ConflictStore, OwnedStore } from "../../shared/provisioning/ports/owned-store.ts";
import { newId } from "./samples.ts";

/** What every OwnedStore owes its callers. */
export const ownedStoreContract = (makeStore: () => Promise<OwnedStore>): void => {
  it("lists users and groups of a source apart, by id, each once, in pages", async () => {
    const store = await makeStore();
    const sourceId = newId("source");
    for (const id of ["c", "a", "b", "a"]) await store.note(sourceId, { kind: "user", id }, 1);
    await store.note(sourceId, { kind: "group", id: "g" }, 1);
    await store.note(newId("other"), { kind: "user", id: "z" }, 1);
    const first = await store.list(sourceId, "user", { limit: 2 });
    expect(first.items.map(({ id }) => id)).toEqual(["a", "b"]);
    const rest = await store.list(sourceId, "user", { limit: 2, cursor: first.nextCursor ?? "" });
    expect(rest).toEqual({ items: [{ id: "c", at: 1 }] });
    expect((await store.list(sourceId, "group", { limit: 2 })).items).toEqual([{ id: "g", at: 1 }]);
    expect([await store.count(sourceId, "user"), await store.count(sourceId, "group")]).toEqual([3, 1]);
    const foreign = store.list(newId("other"), "user", { limit: 2, cursor: first.nextCursor ?? "" });
    await expect(foreign).rejects.toMatchObject({ code: "invalid-cursor" });
  });

  it("forgets an object that was not noted again since", async () => {
    const store = await makeStore();
    const sourceId = newId("source");
    const object = { kind: "user", id: "a" } as const;
    await store.note(sourceId, object, 1);
    await store.note(sourceId, object, 2);
    await store.forget(sourceId, object, 1);
    expect((await store.list(sourceId, "user", { limit: 2 })).items).toEqual([{ id: "a", at: 2 }]);
    await store.forget(sourceId, object, 2);
    await store.forget(sourceId, object, 2);
    expect((await store.list(sourceId, "user", { limit: 2 })).items).toEqual([]);
  });
};

/** What every ConflictStore owes its callers. */
export const conflictStoreContract = (makeStore: () => Promise<ConflictStore>, now: () => number): void => {
  const conflictAt = (ms: number, changes: Partial<Conflict> = {}): Conflict => {
    const at = new Date(ms).toISOString();
    return { kind: "user", name: "ada", reason: "other-source", userIds: ["u1"], since: at, at, ...changes };
  };

  it("keeps the latest conflict of each name, with when it was refused first", async () => {
    const store = await makeStore();
    const sourceId = newId("source");
    const [first, later] = [now() - 2_000, now() - 1_000];
    await store.note(sourceId, conflictAt(first));
    await store.note(sourceId, conflictAt(later, { reason: "several" }));
    await store.note(sourceId, conflictAt(later, { kind: "group", groupIds: ["g"] }));
    const { items } = await store.list(sourceId, { limit: 9 });
    expect(items.find(({ kind }) => kind === "user")).toEqual(
      conflictAt(later, { reason: "several", since: new Date(first).toISOString() }),
    );
    const page = await store.list(sourceId, { limit: 1 });
    const rest = await store.list(sourceId, { limit: 1, cursor: page.nextCursor ?? "" });
    expect([...page.items, ...rest.items]).toEqual(items);
    expect(rest.nextCursor).toBeUndefined();
  });

  it("shows nothing that was refused more than 30 days ago", async () => {
    const store = await makeStore();
    const sourceId = newId("source");
    await store.note(sourceId, conflictAt(now() - 31 * 86_400_000));
    expect((await store.list(sourceId, { limit: 9 })).items).toEqual([]);
  });
};
