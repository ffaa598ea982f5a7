import { beforeEach, describe, expect, it } from "vitest";
import type { OpenAttempt, UserAssignment, UserLink, UserObserved } from "../../shared/model/link.ts";
import type { AttemptIndex, LinkKey, UserLinkStore } from "../../shared/provisioning/ports/link-store.ts";
import { makeAttempt, newId } from "./samples.ts";

type LinkStoreUnderTest = { links: UserLinkStore; attempts: AttemptIndex };

const assigned: UserAssignment = { direct: true, groups: [], excluded: false };
const observed: UserObserved = {
  attempts: 1,
  remoteId: "r1",
  pushed: {
    userName: "ada@example.com",
    "name.givenName": "Ada",
    emails: [{ value: "ada@example.com", primary: true }],
  },
};
const now = Date.now();

/** What every LinkStore owes its callers. Each test works on links of its own. */
export const linkStoreContract = (makeStore: () => Promise<LinkStoreUnderTest>): void => {
  let store: LinkStoreUnderTest;
  let key: LinkKey;
  beforeEach(async () => {
    store = await makeStore();
    key = { integrationId: newId("int"), id: newId("user") };
  });

  const saved = async (): Promise<UserLink> => {
    const link = await store.links.assign(key, 0, assigned);
    if (!link) throw new Error("the link was there already");
    return link;
  };
  const begun = async (leaseUntil = now + 60_000): Promise<{ attempt: OpenAttempt; rev: number }> => {
    const { rev } = await saved();
    const attempt = makeAttempt(leaseUntil);
    expect(await store.links.begin(key, rev, attempt)).toBe(true);
    return { attempt, rev: rev + 1 };
  };
  const isOrphan = async (before: number): Promise<boolean> =>
    (await store.attempts.orphans(before)).some(({ key: { id } }) => id === key.id);

  describe("assign", () => {
    it("makes the link where there was none", async () => {
      const link = await saved();
      expect(link).toEqual({ ...key, rev: 1, assignment: assigned, observed: { attempts: 0 } });
      expect(await store.links.read(key)).toEqual(link);
    });

    it("answers undefined and changes nothing where the link has moved", async () => {
      const link = await saved();
      expect(await store.links.assign(key, 0, { ...assigned, direct: false })).toBeUndefined();
      expect(await store.links.assign(key, 7, { ...assigned, direct: false })).toBeUndefined();
      expect(await store.links.read(key)).toEqual(link);
    });

    it("leaves what is observed and the attempt under way as they are", async () => {
      const { attempt, rev } = await begun();
      const link = await store.links.assign(key, rev, { ...assigned, excluded: true });
      expect(link).toMatchObject({
        rev: rev + 1,
        assignment: { excluded: true },
        observed: { attempts: 0 },
        attempt,
      });
    });
  });

  describe("an attempt", () => {
    it("begins at the link's rev alone", async () => {
      const { rev } = await saved();
      expect(await store.links.begin(key, rev + 1, makeAttempt(now))).toBe(false);
      expect(await store.links.begin({ ...key, id: "nobody" }, 0, makeAttempt(now))).toBe(false);
      expect(await store.links.begin(key, rev, makeAttempt(now))).toBe(true);
    });

    it("begins with the assignment in one write, also where there was no link", async () => {
      const attempt = makeAttempt(now + 60_000);
      expect(await store.links.begin(key, 0, attempt, assigned)).toBe(true);
      const link = { ...key, rev: 1, assignment: assigned, observed: { attempts: 0 }, attempt };
      expect(await store.links.read(key)).toEqual(link);
      expect(await store.links.begin(key, 0, makeAttempt(now), assigned)).toBe(false);
      expect((await store.links.list(key.integrationId, { limit: 1 })).items).toEqual([link]);

      const rev = (await store.links.settle(key, attempt, observed))?.rev ?? 0;
      const excluded = { ...assigned, excluded: true };
      expect(await store.links.begin(key, rev - 1, makeAttempt(now), excluded)).toBe(false);
      expect(await store.links.begin(key, rev, makeAttempt(now), excluded)).toBe(true);
      expect(await store.links.read(key)).toMatchObject({ assignment: excluded, observed });
    });

    it("shows the holder by its rev that others have written, and by a nudge where they did not", async () => {
      const { attempt, rev } = await begun();
      expect(await store.links.nudge(key, "another")).toBe(false);
      expect(await store.links.nudge(key, attempt.intent.attemptId)).toBe(true);
      const settled = await store.links.settle(key, attempt, observed);
      expect(settled).toMatchObject({ rev: rev + 2 });
      expect(await store.links.nudge(key, attempt.intent.attemptId)).toBe(false);
      expect(await store.links.read(key)).toEqual(settled);
    });

    it("does not begin over another one, not even an orphan, whose intent would be lost", async () => {
      const { attempt, rev } = await begun(now - 1);
      expect(await store.links.begin(key, rev, makeAttempt(now))).toBe(false);
      expect((await store.links.read(key))?.attempt).toEqual(attempt);
    });

    it("is begun by exactly one of many at once", async () => {
      const { rev } = await saved();
      const tries = Array.from({ length: 10 }, () => store.links.begin(key, rev, makeAttempt(now)));
      expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
    });

    it("is replaced by mark, and ended by settle with what is known", async () => {
      const { attempt } = await begun();
      const marked = { ...attempt, remoteId: "r1", intent: { ...attempt.intent, step: "write" as const } };
      expect(await store.links.mark(key, marked)).toBe(true);
      expect((await store.links.read(key))?.attempt).toEqual(marked);
      const settled = await store.links.settle(key, attempt, observed);
      expect(settled).toEqual({ ...key, rev: 4, assignment: assigned, observed });
      expect(await store.links.read(key)).toEqual(settled);
    });

    it("is lost to mark and settle once it is no longer the link's", async () => {
      const { attempt, rev } = await begun();
      const other = makeAttempt(now + 60_000);
      expect(await store.links.mark(key, other)).toBe(false);
      expect(await store.links.settle(key, other, observed)).toBeUndefined();
      expect(await store.links.read(key)).toMatchObject({ rev, attempt, observed: { attempts: 0 } });
      await store.links.settle(key, attempt, observed);
      expect(await store.links.mark(key, attempt)).toBe(false);
      expect(await store.links.settle(key, attempt, { attempts: 9 })).toBeUndefined();
      expect((await store.links.read(key))?.observed).toEqual(observed);
    });

    it("is taken over only after its lease, and by one alone", async () => {
      const { attempt } = await begun(now);
      const { attemptId } = attempt.intent;
      expect(await store.links.takeOver(key, attemptId, now + 60_000, now - 1)).toBe(false);
      expect(await store.links.takeOver(key, "another", now + 60_000, now)).toBe(false);
      const tries = Array.from({ length: 5 }, () => store.links.takeOver(key, attemptId, now + 60_000, now));
      expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
      expect((await store.links.read(key))?.attempt).toEqual({ ...attempt, leaseUntil: now + 60_000 });
    });

    it("cannot be marked by the holder that it was taken from", async () => {
      const { attempt } = await begun(now);
      const taken = { ...attempt, leaseUntil: now + 60_000 };
      await store.links.takeOver(key, attempt.intent.attemptId, taken.leaseUntil, now);
      expect(await store.links.mark(key, { ...attempt, remoteId: "late" })).toBe(false);
      expect(await store.links.mark(key, { ...taken, remoteId: "mine" })).toBe(true);
    });

    it("cannot be settled by the holder that it was taken from", async () => {
      const { attempt } = await begun(now);
      const taken = { ...attempt, leaseUntil: now + 60_000 };
      await store.links.takeOver(key, attempt.intent.attemptId, taken.leaseUntil, now);
      const { rev } = (await store.links.read(key)) ?? { rev: 0 };
      expect(await store.links.settle(key, attempt, observed, { work: null, rev })).toBeUndefined();
      expect(await store.links.settle(key, attempt, observed)).toBeUndefined();
      expect(await store.links.read(key)).toMatchObject({ rev, attempt: taken, observed: { attempts: 0 } });
      expect(await store.links.settle(key, taken, { attempts: 2 })).toMatchObject({
        observed: { attempts: 2 },
      });
      expect(await store.links.settle(key, attempt, observed)).toBeUndefined();
    });

    it("cannot be abandoned by the holder that it was taken from", async () => {
      const { attempt } = await begun(now);
      const taken = { ...attempt, leaseUntil: now + 60_000 };
      await store.links.takeOver(key, attempt.intent.attemptId, taken.leaseUntil, now);
      await store.links.abandon(key, { ...attempt, known: { observed } });
      expect((await store.links.read(key))?.attempt).toEqual(taken);
    });

    it("keeps what is known of it when it is abandoned, and can be taken over at once", async () => {
      const { attempt } = await begun();
      await store.links.abandon(key, { intent: makeAttempt(now).intent, leaseUntil: now + 60_000 });
      expect((await store.links.read(key))?.attempt).toEqual(attempt);
      const left: OpenAttempt<UserObserved> = { ...attempt, remoteId: "r1", known: { observed } };
      await store.links.abandon(key, left);
      expect((await store.links.read(key))?.attempt).toEqual({ ...left, leaseUntil: 0 });
      expect(await store.links.takeOver(key, attempt.intent.attemptId, now + 60_000, now)).toBe(true);
    });
  });

  describe("the index of orphans", () => {
    it("has an attempt from the end of its lease until it is settled", async () => {
      const { attempt } = await begun(now);
      expect(await isOrphan(now)).toBe(false);
      expect(await store.attempts.orphans(now + 1)).toContainEqual({ kind: "user", key });
      await store.links.mark(key, { ...attempt, leaseUntil: now + 500 });
      expect(await isOrphan(now + 1)).toBe(false);
      await store.links.abandon(key, { ...attempt, leaseUntil: now + 500 });
      expect(await isOrphan(now)).toBe(true);
      await store.links.takeOver(key, attempt.intent.attemptId, now + 60_000, now);
      expect(await isOrphan(now + 60_000)).toBe(false);
      expect(await isOrphan(now + 60_001)).toBe(true);
      await store.links.settle(key, { ...attempt, leaseUntil: now + 60_000 }, observed);
      expect(await isOrphan(now + 99_999_999)).toBe(false);
    });
  });

  describe("note", () => {
    it("saves what is known of a free link at its rev", async () => {
      const { rev } = await saved();
      expect(await store.links.note(key, rev + 1, observed)).toBe(false);
      expect(await store.links.note(key, rev, observed)).toBe(true);
      expect(await store.links.read(key)).toMatchObject({ rev: rev + 1, observed });
      expect(await store.links.note({ ...key, id: "nobody" }, 0, observed)).toBe(false);
    });

    it("is refused while somebody holds the link", async () => {
      const { rev } = await begun(now - 1);
      expect(await store.links.note(key, rev, observed)).toBe(false);
    });
  });

  describe("lists", () => {
    it("shows an object's links in all integrations", async () => {
      for (const integrationId of ["a", "b", "c"])
        await store.links.assign({ ...key, integrationId }, 0, assigned);
      const links = await store.links.ofObject(key.id);
      expect(links.map(({ integrationId }) => integrationId)).toEqual(["a", "b", "c"]);
    });

    it("pages an integration's links by id, and ends exactly", async () => {
      const ids = Array.from({ length: 6 }, (_, at) => `u${at}`);
      for (const id of ids.toReversed()) await store.links.assign({ ...key, id }, 0, assigned);
      const first = await store.links.list(key.integrationId, { limit: 4 });
      expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 4));
      const rest = await store.links.list(key.integrationId, { limit: 2, cursor: first.nextCursor ?? "" });
      expect(rest.items.map(({ id }) => id)).toEqual(ids.slice(4));
      expect(rest.nextCursor).toBeUndefined();
    });

    it("refuses a cursor that is broken or of another list", async () => {
      for (const id of ["u1", "u2"]) await store.links.assign({ ...key, id }, 0, assigned);
      const { nextCursor = "" } = await store.links.list(key.integrationId, { limit: 1 });
      const forged = Buffer.from(JSON.stringify([`user@${key.integrationId}`, "\uffff#"])).toString(
        "base64url",
      );
      for (const [integrationId, cursor] of [
        ["other", nextCursor],
        [key.integrationId, "x"],
        [key.integrationId, forged],
      ] as const)
        await expect(store.links.list(integrationId, { limit: 1, cursor })).rejects.toMatchObject({
          code: "invalid-cursor",
        });
    });
  });
};
