import { beforeEach, describe, expect, it } from "vitest";
import type { UserAssignment, UserLink, UserObserved } from "../../shared/model/link.ts";
import type { Work } from "../../shared/model/work.ts";
import type { LinkKey, NextWork, UserLinkStore } from "../../shared/provisioning/ports/link-store.ts";
import { makeAttempt, newId } from "./samples.ts";

const assigned: UserAssignment = { direct: true, groups: [], excluded: false };
const observed: UserObserved = { attempts: 1, remoteId: "r1" };
const now = Date.now();

export const makeWork = (changes: Partial<Work> = {}): Work => ({
  state: "pending",
  urgency: 1,
  at: now,
  since: now,
  setAt: now,
  ...changes,
});
const first = makeWork();
const second = makeWork({ state: "retrying", urgency: 0, at: now + 5_000, setAt: now + 1 });

/** What every LinkStore owes the mark of work: it goes with the very write, and nothing else touches it. */
export const linkWorkContract = (makeStore: () => Promise<UserLinkStore>): void => {
  let links: UserLinkStore;
  let key: LinkKey;
  beforeEach(async () => {
    links = await makeStore();
    key = { integrationId: newId("int"), id: newId("user") };
  });

  const assign = async (rev: number, work?: NextWork): Promise<UserLink> => {
    const link = await links.assign(key, rev, assigned, work);
    if (!link) throw new Error("the link has moved");
    expect(await links.read(key)).toEqual(link);
    return link;
  };
  /** A marked link with an attempt under way, which began at revision 1. */
  const begun = async () => {
    await assign(0, first);
    const attempt = makeAttempt(now + 60_000);
    expect(await links.begin(key, 1, attempt)).toBe(true);
    return attempt;
  };
  const workNow = async (): Promise<Work | undefined> => (await links.read(key))?.work;

  describe("assign", () => {
    it("sets the mark, replaces it, takes it away, or leaves it as it is", async () => {
      expect((await assign(0, first)).work).toEqual(first);
      expect((await assign(1)).work).toEqual(first);
      expect((await assign(2, second)).work).toEqual(second);
      expect(await assign(3, null)).not.toHaveProperty("work");
      expect(await assign(4, null)).not.toHaveProperty("work");
      expect((await assign(5, { ...first, state: "held", holdId: "h1" })).work).toMatchObject({
        holdId: "h1",
      });
    });

    it("leaves the mark of a link that has moved", async () => {
      await assign(0, first);
      expect(await links.assign(key, 0, assigned, second)).toBeUndefined();
      expect(await links.assign(key, 7, assigned, null)).toBeUndefined();
      expect(await workNow()).toEqual(first);
    });
  });

  describe("an attempt", () => {
    it("keeps the mark from its begin until its end, whatever becomes of it", async () => {
      const attempt = await begun();
      expect(await workNow()).toEqual(first);
      await links.mark(key, { ...attempt, remoteId: "r1" });
      await links.nudge(key, attempt.intent.attemptId);
      expect(await workNow()).toEqual(first);
      await links.abandon(key, { ...attempt, known: { observed } });
      expect(await links.takeOver(key, attempt.intent.attemptId, now + 90_000, now)).toBe(true);
      expect(await workNow()).toEqual(first);
      const taken = { ...attempt, leaseUntil: now + 90_000 };
      expect(await links.settle(key, taken, observed)).toMatchObject({ work: first });
      expect(await workNow()).toEqual(first);
    });

    it("ends with the mark that it says, in the same write", async () => {
      const attempt = await begun();
      const settled = await links.settle(key, attempt, observed, { work: second, rev: 2 });
      expect(settled).toEqual({ ...key, rev: 3, assignment: assigned, observed, work: second });
      expect(await links.read(key)).toEqual(settled);
    });

    it("ends without a mark where nothing is left to be done", async () => {
      const attempt = await begun();
      const settled = await links.settle(key, attempt, observed, { work: null, rev: 2 });
      expect(settled).toEqual({ ...key, rev: 3, assignment: assigned, observed });
      expect(await links.read(key)).toEqual(settled);
    });

    it("ends, and leaves the mark as others have written it meanwhile", async () => {
      const attempt = await begun();
      await assign(2, second);
      const settled = await links.settle(key, attempt, observed, { work: null, rev: 2 });
      expect(settled).toEqual({ ...key, rev: 4, assignment: assigned, observed, work: second });
      expect(await links.read(key)).toEqual(settled);
    });

    it("ends with its own mark over those of others where it names no revision", async () => {
      const attempt = await begun();
      await assign(2, second);
      await links.settle(key, attempt, observed, { work: makeWork({ urgency: 0 }) });
      expect(await workNow()).toEqual(makeWork({ urgency: 0 }));
    });

    it("leaves the mark where it is no longer the link's", async () => {
      const attempt = await begun();
      expect(await links.settle(key, makeAttempt(now), observed, { work: null, rev: 2 })).toBeUndefined();
      expect(await links.settle(key, makeAttempt(now), observed, { work: null })).toBeUndefined();
      expect(await links.read(key)).toMatchObject({ attempt, work: first });
    });
  });

  describe("note", () => {
    it("sets the mark, takes it away, or leaves it as it is", async () => {
      await assign(0, first);
      expect(await links.note(key, 1, observed)).toBe(true);
      expect(await workNow()).toEqual(first);
      expect(await links.note(key, 2, observed, second)).toBe(true);
      expect(await workNow()).toEqual(second);
      expect(await links.note(key, 2, observed, null)).toBe(false);
      expect(await workNow()).toEqual(second);
      expect(await links.note(key, 3, observed, null)).toBe(true);
      expect(await links.read(key)).toEqual({ ...key, rev: 4, assignment: assigned, observed });
    });
  });

  describe("schedule", () => {
    it("writes the mark alone, at the link's revision, and counts it up", async () => {
      await assign(0);
      expect(await links.schedule(key, 2, first)).toBe(false);
      expect(await links.schedule(key, 1, first)).toBe(true);
      const marked = { ...key, rev: 2, assignment: assigned, observed: { attempts: 0 }, work: first };
      expect(await links.read(key)).toEqual(marked);
      expect(await links.schedule(key, 1, null)).toBe(false);
      expect(await links.schedule(key, 2, null)).toBe(true);
      expect(await links.read(key)).not.toHaveProperty("work");
    });

    it("makes no link", async () => {
      expect(await links.schedule(key, 0, first)).toBe(false);
      expect(await links.read(key)).toBeUndefined();
    });

    it("marks a link that somebody holds, whose end then leaves the mark", async () => {
      const attempt = await begun();
      expect(await links.schedule(key, 2, second)).toBe(true);
      expect(await links.read(key)).toMatchObject({ rev: 3, attempt, work: second });
      await links.settle(key, attempt, observed, { work: null, rev: 2 });
      expect(await workNow()).toEqual(second);
    });

    it("lets one of many at once write", async () => {
      await assign(0);
      const tries = Array.from({ length: 8 }, (_, nth) =>
        links.schedule(key, 1, makeWork({ at: now + nth })),
      );
      expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
    });
  });

  it("shows in lists", async () => {
    await assign(0, first);
    expect((await links.ofObject(key.id)).map(({ work }) => work)).toEqual([first]);
    const { items } = await links.list(key.integrationId, { limit: 9 });
    expect(items.map(({ work }) => work)).toEqual([first]);
  });
};
