import { beforeEach, describe, expect, it } from "vitest";
import type { Trace } from "../../shared/model/directory-change.ts";
import { type Changed, type Work, waitingStates } from "../../shared/model/work.ts";
import type { GroupStore, UserStore } from "../../shared/provisioning/ports/directory-store.ts";
import type { GroupLinkStore, NextWork, UserLinkStore } from "../../shared/provisioning/ports/link-store.ts";
import type { ObjectRef, WorkIndex } from "../../shared/provisioning/ports/work-index.ts";
import { makeWork } from "./link-work-contract.ts";
import { makeUser, newId } from "./samples.ts";

type WorkIndexUnderTest = {
  work: WorkIndex;
  users: UserStore;
  groups: GroupStore;
  userLinks: UserLinkStore;
  groupLinks: GroupLinkStore;
};

const now = makeWork().at;
const changedAt = (at: number): Changed => ({ at, since: at });

/** What every WorkIndex owes its callers, and the stores whose items are in it. */
export const workIndexContract = (makeStore: () => Promise<WorkIndexUnderTest>): void => {
  let store: WorkIndexUnderTest;
  let integrationId: string;
  beforeEach(async () => {
    store = await makeStore();
    integrationId = newId("int");
  });

  const markUser = async (id: string, work: NextWork): Promise<void> => {
    const key = { integrationId, id };
    const rev = (await store.userLinks.read(key))?.rev ?? 0;
    await store.userLinks.assign(key, rev, { direct: true, groups: [], excluded: false }, work);
  };
  const markGroup = async (id: string, work: Work): Promise<void> => {
    await store.groupLinks.assign({ integrationId, id }, 0, { bound: true }, work);
  };

  describe("changes to be dispatched", () => {
    /** Tests share a table: those of this test's objects alone. */
    const changedAmong = async (ids: string[], before: number): Promise<ObjectRef[]> =>
      (await store.work.changed(before, 1_000)).filter(({ id }) => ids.includes(id));

    it("shows users and groups whose change is due before a moment, the earliest first", async () => {
      const [early, late, never, groupId] = ["a", "b", "c", "group"].map(newId) as [
        string,
        string,
        string,
        string,
      ];
      await store.users.save(late, 0, makeUser(), { changed: changedAt(3_000) });
      await store.users.save(early, 0, makeUser(), { changed: changedAt(1_000) });
      await store.users.save(never, 0, makeUser());
      const change = { name: "Eng", add: [], remove: [] };
      await store.groups.change(groupId, undefined, { ...change, changed: changedAt(2_000) });
      const all = [
        { kind: "user", id: early },
        { kind: "group", id: groupId },
        { kind: "user", id: late },
      ];
      const ids = [early, late, never, groupId];
      expect(await changedAmong(ids, 3_001)).toEqual(all);
      expect(await changedAmong(ids, 3_000)).toEqual(all.slice(0, 2));
      expect(await changedAmong(ids, 1_000)).toEqual([]);
      expect(await store.work.changed(3_001, 1)).toHaveLength(1);
    });

    it("shows users and groups that were made and have not changed since, where their event is kept with them", async () => {
      const [made, changed, silent, groupId] = ["a", "b", "c", "group"].map(newId) as [
        string,
        string,
        string,
        string,
      ];
      const unrecorded = {
        eventId: "e1",
        type: "user_create",
        authMethod: "none",
        clientIp: "",
        userAgent: "",
      };
      const trace = { unrecorded } as Trace;
      const from = Date.parse((await store.users.save(made, 0, makeUser(), trace))?.updatedAt ?? "");
      await store.users.save(changed, 0, makeUser(), trace);
      await store.users.save(changed, 1, makeUser(), { ...trace, changed: changedAt(1_000) });
      await store.users.save(silent, 0, makeUser());
      await store.groups.change(groupId, undefined, { name: "Eng", add: ["x"], remove: [], ...trace });
      const madeSince = async (time: number) => {
        const ids: string[] = [];
        for await (const page of store.work.made(time)) ids.push(...page.map(({ id }) => id));
        return ids;
      };
      const found = await madeSince(from);
      expect(found.filter((id) => [made, changed, silent, groupId].includes(id))).toEqual([made, groupId]);
      expect(await madeSince(from + 3_600_000)).not.toContain(made);
    });

    it("has the mark with the very change, and no longer once that version is dispatched", async () => {
      const userId = newId("user");
      const changed: Changed = {
        at: 5_000,
        since: 4_000,
        isUrgent: true,
        carriedOut: { integrationId, until: 5_000 },
      };
      expect(await store.users.save(userId, 0, makeUser(), { changed })).toMatchObject({ changed });
      expect(await store.users.read(userId)).toMatchObject({ changed });
      expect((await store.users.readMany([userId])).get(userId)).toMatchObject({ changed });
      expect(await store.users.dispatched(userId, 1)).toBe(true);
      expect(await store.users.read(userId)).not.toHaveProperty("changed");
      expect(await store.users.read(userId)).toMatchObject({ version: 1, user: makeUser() });
      expect(await changedAmong([userId], now)).toEqual([]);
    });

    it("keeps the mark of a user whom another change has moved on", async () => {
      const userId = newId("user");
      await store.users.save(userId, 0, makeUser(), { changed: changedAt(1_000) });
      await store.users.save(userId, 1, makeUser(), { changed: changedAt(6_000), deleted: true });
      expect(await store.users.dispatched(userId, 1)).toBe(false);
      expect(await changedAmong([userId], 6_000)).toEqual([]);
      expect(await changedAmong([userId], 6_001)).toEqual([{ kind: "user", id: userId }]);
      expect(await store.users.dispatched(newId("nobody"), 1)).toBe(false);
    });

    it("does the same for a group, whether its members or its name change", async () => {
      const groupId = newId("group");
      const name = { name: "Eng", add: [], remove: [] };
      const made = await store.groups.change(groupId, undefined, name);
      expect(await changedAmong([groupId], now)).toEqual([]);
      const members = { ...name, add: ["u1"], changed: changedAt(1_000) };
      const joined = await store.groups.change(groupId, made, members);
      expect(joined).toMatchObject({ changed: members.changed });
      const renamed = { ...name, name: "Research", changed: changedAt(2_000) };
      const last = await store.groups.change(groupId, joined, renamed);
      expect(last).toMatchObject({ changed: renamed.changed });
      expect(await store.groups.read(groupId)).toEqual(last);
      expect(await store.groups.dispatched(groupId, joined.version)).toBe(false);
      expect(await changedAmong([groupId], 2_001)).toEqual([{ kind: "group", id: groupId }]);
      expect(await store.groups.dispatched(groupId, last.version)).toBe(true);
      expect(await changedAmong([groupId], now)).toEqual([]);
      const { changed: _, ...rest } = last;
      expect(await store.groups.read(groupId)).toEqual(rest);
      expect(await store.groups.membersAmong(groupId, last.version, ["u1"])).toEqual(new Set(["u1"]));
    });
  });

  describe("work at an integration", () => {
    it("shows what is due by a moment, or all, the earliest first", async () => {
      await markUser("u2", makeWork({ at: now + 20, setAt: now + 3 }));
      await markUser("u1", makeWork({ at: now + 10 }));
      await markGroup("g1", makeWork({ at: now + 15 }));
      const { since } = makeWork();
      const u1 = {
        kind: "user",
        key: { integrationId, id: "u1" },
        urgency: 1,
        at: now + 10,
        setAt: now,
        since,
      };
      const g1 = { ...u1, kind: "group", key: { integrationId, id: "g1" }, at: now + 15 };
      const u2 = { ...u1, key: { integrationId, id: "u2" }, at: now + 20, setAt: now + 3 };
      const waiting = (page: { until?: number; limit: number }) =>
        store.work.waiting(integrationId, "pending", 1, page);
      expect(await waiting({ limit: 9 })).toEqual([u1, g1, u2]);
      expect(await waiting({ until: now + 15, limit: 9 })).toEqual([u1, g1]);
      expect(await waiting({ until: now + 9, limit: 9 })).toEqual([]);
      expect(await waiting({ until: now + 99, limit: 2 })).toEqual([u1, g1]);
    });

    it("shows the first of a state, whatever their urgency: whose access is to end, then the earliest", async () => {
      await markUser("late", makeWork({ at: now + 20 }));
      await markUser("early", makeWork({ at: now + 10 }));
      await markGroup("leavers", makeWork({ urgency: 0, at: now + 99 }));
      await markUser("failed", makeWork({ state: "failed" }));
      const first = async (limit: number) =>
        (await store.work.first(integrationId, "pending", limit)).map(({ key: { id } }) => id);
      expect(await first(9)).toEqual(["leavers", "early", "late"]);
      expect(await first(2)).toEqual(["leavers", "early"]);
      const [leavers] = await store.work.waiting(integrationId, "pending", 0, { limit: 9 });
      expect(await store.work.first(integrationId, "pending", 1)).toEqual([leavers]);
    });

    it("keeps states, urgencies and integrations apart", async () => {
      for (const state of waitingStates) {
        await markUser(`${state}-0`, makeWork({ state, urgency: 0 }));
        await markUser(`${state}-1`, makeWork({ state, urgency: 1 }));
      }
      for (const state of waitingStates)
        for (const urgency of [0, 1] as const) {
          const found = await store.work.waiting(integrationId, state, urgency, { limit: 9 });
          expect(found.map(({ key: { id } }) => id)).toEqual([`${state}-${urgency}`]);
          expect(await store.work.waiting(newId("int"), state, urgency, { limit: 9 })).toEqual([]);
        }
    });

    it("follows the mark of a link, and forgets one that is taken away", async () => {
      const id = "a.b_c@d:e+f-g";
      const idsIn = async (state: Work["state"], urgency: 0 | 1) =>
        (await store.work.waiting(integrationId, state, urgency, { limit: 9 })).map(({ key }) => key.id);
      await markUser(id, makeWork());
      expect(await idsIn("pending", 1)).toEqual([id]);
      await markUser(id, makeWork({ state: "failed", urgency: 0 }));
      expect([await idsIn("pending", 1), await idsIn("failed", 0)]).toEqual([[], [id]]);
      await markUser(id, null);
      expect(await idsIn("failed", 0)).toEqual([]);
    });

    it("lists those of a state and kind in pages: whose access is to end, then the earliest", async () => {
      await markUser("later", makeWork({ at: now + 20 }));
      await markUser("soon", makeWork({ at: now + 10 }));
      await markUser("urgent", makeWork({ at: now + 30, urgency: 0 }));
      await markGroup("group", makeWork());
      const of = { integrationId, kind: "user" as const, state: "pending" as const };
      const first = await store.work.list(of, { limit: 2 });
      expect(first.items.map(({ id }) => id)).toEqual(["urgent", "soon"]);
      const rest = await store.work.list(of, { limit: 2, cursor: String(first.nextCursor) });
      expect(rest).toMatchObject({ items: [{ id: "later" }] });
      expect(rest).not.toHaveProperty("nextCursor");
      const groups = await store.work.list({ ...of, kind: "group" }, { limit: 2 });
      expect(groups.items.map(({ id }) => id)).toEqual(["group"]);
      const cursor = String(first.nextCursor);
      await expect(store.work.list({ ...of, state: "failed" }, { limit: 2, cursor })).rejects.toMatchObject({
        code: "invalid-cursor",
      });
    });

    it("counts users and groups of a state, whatever their urgency, and no more than it is asked for", async () => {
      for (const id of ["u1", "u2", "u3"]) await markUser(id, makeWork({ urgency: id === "u1" ? 0 : 1 }));
      await markGroup("g1", makeWork({ urgency: 0 }));
      await markUser("u4", makeWork({ state: "held" }));
      expect(await store.work.count(integrationId, "pending", 100)).toEqual({ users: 3, groups: 1 });
      expect(await store.work.count(integrationId, "held", 100)).toEqual({ users: 1, groups: 0 });
      expect(await store.work.count(integrationId, "failed", 100)).toEqual({ users: 0, groups: 0 });
      const { users, groups } = await store.work.count(integrationId, "pending", 2);
      expect(users + groups).toBe(2);
    });

    it("counts all links of a kind, and those that rest", async () => {
      await markUser("in-step", null);
      await markUser("waits", makeWork());
      await markUser("out", makeWork());
      await markUser("out", { rest: "deprovisioned" });
      await markUser("gone", { rest: "deleted" });
      expect(await store.work.countLinks(integrationId, "user")).toBe(4);
      expect(await store.work.countLinks(integrationId, "group")).toBe(0);
      expect(await store.work.countLinks(integrationId, "user", "deprovisioned")).toBe(1);
      expect(await store.work.countLinks(integrationId, "user", "deleted")).toBe(1);
      expect(await store.work.countLinks(integrationId, "user", "skipped")).toBe(0);
      expect(await store.work.waiting(integrationId, "pending", 1, { limit: 9 })).toHaveLength(1);
      expect(await store.userLinks.read({ integrationId, id: "out" })).not.toHaveProperty("work");
    });

    it("counts none as resting that works again, by whatever write", async () => {
      const key = { integrationId, id: "returns" };
      await markUser(key.id, { rest: "deprovisioned" });
      expect(await store.userLinks.schedule(key, 1, makeWork())).toBe(true);
      expect(await store.userLinks.schedule(key, 2, { rest: "skipped" })).toBe(true);
      expect(await store.userLinks.schedule(key, 3, null)).toBe(true);
      expect(await store.work.countLinks(integrationId, "user", "deprovisioned")).toBe(0);
      expect(await store.work.countLinks(integrationId, "user", "skipped")).toBe(0);
    });

    it("shows all of a large number, page by page", async () => {
      for (let nth = 0; nth < 250; nth += 1) await markUser(`u${nth}`, makeWork({ at: now + nth }));
      const found = await store.work.waiting(integrationId, "pending", 1, { limit: 1_000 });
      expect(found.map(({ at }) => at)).toEqual(Array.from({ length: 250 }, (_, nth) => now + nth));
    });
  });
};
