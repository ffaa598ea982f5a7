import { beforeEach, describe, expect, it } from "vitest";
import { allPages } from "../../shared/common/all-pages.ts";
import type { HeldItem, Hold } from "../../shared/model/hold.ts";
import { uuidV7 } from "../../shared/model/ids.ts";
import type { HoldStore } from "../../shared/provisioning/ports/hold-store.ts";
import type { AttemptIndex } from "../../shared/provisioning/ports/link-store.ts";
import { all, makeAttempt, newId } from "./samples.ts";

const since = "2026-01-01T00:00:00.000Z";

/** What every HoldStore owes its callers. Each test works on an integration of its own. */
export const holdStoreContract = (
  makeStore: () => Promise<{ holds: HoldStore; attempts: AttemptIndex }>,
): void => {
  let holds: HoldStore;
  let attempts: AttemptIndex;
  let integrationId: string;
  beforeEach(async () => {
    ({ holds, attempts } = await makeStore());
    integrationId = newId("int");
  });

  let made = 0;
  const makeHold = (): Hold => ({
    integrationId,
    holdId: uuidV7(Date.UTC(2026, 0, 1) + ++made),
    rev: 0,
    state: "open",
    count: 1,
    since,
    cause: { initiatedBy: { type: "admin", id: "admin-1" }, correlationId: "c1" },
    acts: ["c1"],
  });
  const created = async (): Promise<Hold> => {
    const hold = makeHold();
    await holds.create(hold);
    return { ...hold, rev: 1 };
  };
  const itemOf = (userId: string, groupId?: string): HeldItem => ({
    kind: groupId === undefined ? "user" : "group",
    userId,
    ...(groupId !== undefined && { groupId }),
    at: since,
    state: "held",
    wanted: "inactive",
  });

  describe("a hold", () => {
    it("is made once, whoever makes it again", async () => {
      const hold = await created();
      await holds.create({ ...hold, rev: 0, count: 99 });
      expect(await holds.read(hold)).toEqual(hold);
      expect(await holds.read({ ...hold, integrationId: newId("int") })).toBeUndefined();
    });

    it("is saved at its revision alone", async () => {
      const hold = await created();
      const next = { ...hold, state: "emptied" as const, count: 0, acts: ["c1", "c2"] };
      expect(await holds.save(next)).toBe(true);
      expect(await holds.save({ ...hold, count: 5 })).toBe(false);
      expect(await holds.read(hold)).toEqual({ ...next, rev: 2 });
    });

    it("is listed with the others of its integration, the oldest first, page by page", async () => {
      const made = [await created(), await created(), await created()];
      const list = allPages((page) => holds.list(integrationId, page), 2);
      expect(await all(list)).toEqual(made);
      expect((await holds.list(newId("int"), { limit: 5 })).items).toEqual([]);
      await expect(holds.list(integrationId, { limit: 1, cursor: "x" })).rejects.toMatchObject({
        code: "invalid-cursor",
      });
    });
  });

  describe("the hold of an origin", () => {
    it("is that of the first to claim it, also of many at once", async () => {
      const claims = Array.from({ length: 8 }, () => ({ holdId: newId("hold"), since }));
      const answers = await Promise.all(
        claims.map((mine) => holds.claimOrigin(integrationId, "user#ada", mine, undefined)),
      );
      expect(new Set(answers.map(({ holdId }) => holdId))).toHaveProperty("size", 1);
      expect(await holds.ofOrigin(integrationId, "user#ada")).toEqual(answers[0]);
      expect(await holds.ofOrigin(integrationId, "user#bob")).toBeUndefined();
    });

    it("gives way to another only where it still is the one that was seen", async () => {
      const [first, second, third] = ["a", "b", "c"].map((holdId) => ({ holdId, since }));
      if (!first || !second || !third) throw new Error("three were made");
      await holds.claimOrigin(integrationId, "o", first, undefined);
      expect(await holds.claimOrigin(integrationId, "o", second, first)).toEqual(second);
      expect(await holds.claimOrigin(integrationId, "o", third, first)).toEqual(second);
    });
  });

  describe("a decision", () => {
    const isOrphan = async ({ holdId }: Hold, before: number): Promise<boolean> =>
      (await attempts.orphans(before)).some(({ kind, key }) => kind === "hold" && key.id === holdId);

    it("begins where the hold has not moved and none is under way, and ends once", async () => {
      const hold = await created();
      const attempt = makeAttempt(5_000);
      expect(await holds.begin(hold, 7, attempt)).toBe(false);
      expect(await holds.begin(hold, 1, attempt)).toBe(true);
      expect(await holds.begin(hold, 2, makeAttempt(5_000))).toBe(false);
      expect(await holds.read(hold)).toEqual({ ...hold, rev: 2, attempt });
      const decided = { ...hold, rev: 2, state: "approved" as const, count: 3 };
      expect(await holds.settle({ ...decided, rev: 1 }, attempt)).toBe(false);
      expect(await holds.settle(decided, makeAttempt(5_000))).toBe(false);
      expect(await holds.settle(decided, attempt)).toBe(true);
      expect(await holds.read(hold)).toEqual({ ...decided, rev: 3 });
      expect(await isOrphan(hold, 1e15)).toBe(false);
    });

    it("keeps nobody from joining the hold", async () => {
      const hold = await created();
      const attempt = makeAttempt(5_000);
      await holds.begin(hold, 1, attempt);
      expect(await holds.save({ ...hold, rev: 2, count: 2 })).toBe(true);
      expect(await holds.read(hold)).toEqual({ ...hold, rev: 3, count: 2, attempt });
    });

    it("is an orphan once its lease has ended, and is taken over once", async () => {
      const hold = await created();
      const attempt = makeAttempt(5_000);
      const { attemptId } = attempt.intent;
      await holds.begin(hold, 1, attempt);
      expect([await isOrphan(hold, 4_000), await isOrphan(hold, 6_000)]).toEqual([false, true]);
      expect(await holds.takeOver(hold, attemptId, 9_000, 4_000)).toBe(false);
      expect(await holds.takeOver(hold, attemptId, 9_000, 6_000)).toBe(true);
      expect(await holds.takeOver(hold, attemptId, 9_000, 6_000)).toBe(false);
      await holds.abandon(hold, { ...attempt, leaseUntil: 9_000 });
      expect(await isOrphan(hold, 1_000)).toBe(true);
    });
  });

  describe("items", () => {
    it("are listed by user, page by page, each object once", async () => {
      const hold = await created();
      const items = [
        itemOf("ada"),
        itemOf("ada", "dev"),
        itemOf("bob"),
        itemOf("cy", "dev"),
        itemOf("cy", "ops"),
      ];
      await holds.put(hold, items.toReversed());
      await holds.put(hold, [itemOf("ada")]);
      expect(await all(allPages((page) => holds.items(hold, page), 2))).toEqual(items);
      expect((await holds.items({ ...hold, holdId: newId("hold") }, { limit: 5 })).items).toEqual([]);
    });

    it("are found by their objects, in the hold that they were put into last", async () => {
      const [one, other] = [await created(), await created()];
      await holds.put(one, [itemOf("ada"), itemOf("ada", "dev"), itemOf("bob")]);
      await holds.put(other, [{ ...itemOf("ada"), wanted: "absent" }]);
      const objects = [{ userId: "ada" }, { userId: "ada", groupId: "dev" }, { userId: "cy" }];
      expect(await holds.itemsOf(integrationId, objects)).toEqual([
        { ...itemOf("ada"), wanted: "absent", holdId: other.holdId },
        { ...itemOf("ada", "dev"), holdId: one.holdId },
      ]);
      expect(await holds.itemsOf(newId("int"), objects)).toEqual([]);
    });

    it("are found by their group", async () => {
      const [one, other] = [await created(), await created()];
      await holds.put(one, [itemOf("ada"), itemOf("ada", "dev"), itemOf("bob", "ops"), itemOf("cy", "dev")]);
      await holds.put(other, [itemOf("bob", "dev"), itemOf("cy", "dev")]);
      expect(await holds.ofGroup(integrationId, "dev")).toEqual([
        { ...itemOf("ada", "dev"), holdId: one.holdId },
        { ...itemOf("bob", "dev"), holdId: other.holdId },
        { ...itemOf("cy", "dev"), holdId: other.holdId },
      ]);
      expect(await holds.ofGroup(newId("int"), "dev")).toEqual([]);
    });

    it("are replaced by what was decided, and go once removed", async () => {
      const hold = await created();
      await holds.put(hold, [itemOf("ada"), itemOf("bob")]);
      const decided = { by: { type: "admin", id: "a" }, at: since, eventId: "e1" };
      const approved: HeldItem = { ...itemOf("ada"), state: "approved", decided };
      await holds.put(hold, [approved]);
      await holds.remove(hold, [{ userId: "bob" }]);
      expect((await holds.items(hold, { limit: 5 })).items).toEqual([approved]);
      const objects = [{ userId: "ada" }, { userId: "bob" }];
      expect(await holds.itemsOf(integrationId, objects)).toEqual([{ ...approved, holdId: hold.holdId }]);
    });
  });
};
