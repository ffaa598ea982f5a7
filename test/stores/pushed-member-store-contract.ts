import { beforeEach, expect, it } from "vitest";
import type { PushedMember } from "../../shared/model/link.ts";
import type { PushedMemberStore } from "../../shared/provisioning/ports/directory-store.ts";
import { all, newId } from "./samples.ts";

export const trace = { since: "2026-03-01T00:00:00.000Z", by: "admin-1", eventId: "e1" };
export const member = (userId: string, presence: PushedMember["presence"]): PushedMember => ({
  userId,
  remoteId: `r-${userId}`,
  presence,
  ...trace,
});

/** What every PushedMemberStore owes its callers. */
export const pushedMemberStoreContract = (makeStore: () => Promise<PushedMemberStore>): void => {
  let store: PushedMemberStore;
  let group: [integrationId: string, groupId: string];
  beforeEach(async () => {
    store = await makeStore();
    group = [newId("int"), newId("group")];
  });

  it("keeps who is in and out, of this group in this integration alone", async () => {
    const members = [member("a", "in"), member("b", "out")];
    await store.save(...group, members);
    await store.save(newId("int"), group[1], [member("c", "in")]);
    await store.save(group[0], newId("group"), [member("d", "in")]);
    expect(await all(store.all(...group))).toEqual(members);
    expect(await store.among(...group, ["a", "b", "c", "d"])).toEqual(
      new Map(members.map((one) => [one.userId, one])),
    );
    expect(await store.waiting(...group)).toEqual([]);
  });

  it("notes who waits, without hiding what was pushed before", async () => {
    await store.save(...group, [member("a", "in")]);
    await store.noteWaiting(...group, { begin: ["a", "b"] });
    expect(await store.waiting(...group)).toEqual(["a", "b"]);
    expect(await store.among(...group, ["a", "b"])).toEqual(new Map([["a", member("a", "in")]]));
    expect(await all(store.all(...group))).toEqual([member("a", "in")]);
  });

  it("lets those wait of whom it is unknown whether they are in, until it is known", async () => {
    const unknown: PushedMember = {
      ...member("a", "unknown"),
      isUntold: true,
      shutOutAt: "2026-01-01T00:00:00.000Z",
      addedAt: "2026-01-01T00:00:00.000Z",
    };
    await store.save(...group, [unknown, member("b", "in")]);
    expect(await store.waiting(...group)).toEqual(["a"]);
    expect(await store.among(...group, ["a"])).toEqual(new Map([["a", unknown]]));
    await store.save(...group, [member("a", "in")]);
    expect(await store.waiting(...group)).toEqual([]);
  });

  it("keeps of a member when an addition of them had no answer, until they are out", async () => {
    const lateAt = "2026-01-01T00:00:00.000Z";
    await store.save(...group, [
      { ...member("a", "in"), lateAt },
      { ...member("b", "unknown"), lateAt },
    ]);
    const kept = await store.among(...group, ["a", "b"]);
    expect([...kept.values()].map((one) => one.lateAt)).toEqual([lateAt, lateAt]);
  });

  it("ends the waiting of those who are told, and of no others", async () => {
    await store.save(...group, [member("a", "in")]);
    await store.noteWaiting(...group, { begin: ["a", "b", "c"] });
    await store.noteWaiting(...group, { end: ["a", "b", "d"] });
    expect(await store.waiting(...group)).toEqual(["c"]);
    expect(await all(store.all(...group))).toEqual([member("a", "in")]);
  });

  it("ends the waiting of those that are in, and not of those that are out, who are to be let go of yet", async () => {
    await store.noteWaiting(...group, { begin: ["a", "b", "c"] });
    await store.save(...group, [member("a", "in"), member("b", "out"), member("d", "in")]);
    expect(await store.waiting(...group)).toEqual(["b", "c"]);
    expect((await all(store.all(...group))).map(({ userId, presence }) => [userId, presence])).toEqual([
      ["a", "in"],
      ["b", "out"],
      ["d", "in"],
    ]);
  });

  it("may be told the same again, and twice at once; the last word counts", async () => {
    const twice = [member("a", "in"), member("a", "out")];
    await store.save(...group, twice);
    await store.save(...group, twice);
    await store.save(...group, []);
    expect(await all(store.all(...group))).toEqual([member("a", "out")]);
  });

  it("takes and yields more than one batch", async () => {
    const users = Array.from({ length: 230 }, (_, at) => `u${String(at).padStart(3, "0")}`);
    await store.noteWaiting(...group, { begin: users });
    expect(await store.waiting(...group)).toEqual(users);
    await store.save(
      ...group,
      users.map((userId) => member(userId, "in")),
    );
    expect(await store.waiting(...group)).toEqual([]);
    expect([...(await store.among(...group, users)).keys()]).toEqual(users);
  });
};
