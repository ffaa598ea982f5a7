import { expect, it } from "vitest";
import type { UserStore } from "../../shared/provisioning/ports/directory-store.ts";
import { makeUser, newId } from "./samples.ts";

/** What every UserStore owes its callers. A store of its own, empty, for each test that lists all. */
export const userStoreContract = (makeStore: () => Promise<UserStore>): void => {
  const ids = (saved: { userId: string }[]): string[] => saved.map(({ userId }) => userId);

  it("saves at the version alone, and counts versions up", async () => {
    const users = await makeStore();
    const userId = newId("user");
    expect(await users.read(userId)).toBeUndefined();
    const first = await users.save(userId, 0, makeUser());
    expect(first).toMatchObject({ userId, version: 1, deleted: false, user: makeUser() });
    expect(await users.read(userId)).toEqual(first);
    expect(await users.save(userId, 0, makeUser({ firstname: "Eve" }))).toBeUndefined();
    const second = await users.save(userId, 1, makeUser({ firstname: "Augusta" }));
    expect(second).toMatchObject({ version: 2 });
    expect(await users.save(userId, 1, makeUser({ firstname: "Eve" }))).toBeUndefined();
    expect(await users.read(userId)).toEqual(second);
  });

  it("keeps who asked for the latest change", async () => {
    const users = await makeStore();
    const userId = newId("user");
    const actor = { initiatedBy: { type: "admin", id: "a" }, correlation: { id: "c", type: "request" } };
    const asked = { by: actor.initiatedBy, at: "2026-11-05T08:00:00.000Z", correlation: actor.correlation };
    expect(await users.save(userId, 0, makeUser(), { asked })).toMatchObject({ asked, deleted: false });
    expect(await users.read(userId)).toMatchObject({ asked });
    expect((await users.readMany([userId])).get(userId)).toMatchObject({ asked });
    const others = { ...asked, reason: "TICKET-1" };
    await users.save(userId, 1, makeUser(), { deleted: true, asked: others });
    expect(await users.read(userId)).toMatchObject({ asked: others, deleted: true });
  });

  it("keeps what is to be recorded of the latest change, and when the latest came", async () => {
    const users = await makeStore();
    const userId = newId("user");
    const unrecorded = {
      eventId: "e1",
      type: "user_update" as const,
      changes: [{ field: "jobTitle", from: "A", to: "B" }],
      authMethod: "iam",
      clientIp: "203.0.113.7",
      userAgent: "",
    };
    const recent = [{ after: 0, at: 1_793_869_964_123 }];
    expect(await users.save(userId, 0, makeUser(), { unrecorded, recent })).toMatchObject({
      unrecorded,
      recent,
    });
    expect(await users.read(userId)).toMatchObject({ unrecorded, recent });
    await users.save(userId, 1, makeUser());
    expect(await users.read(userId)).not.toHaveProperty("unrecorded");
  });

  it("keeps a lock for as long as it is given", async () => {
    const users = await makeStore();
    const userId = newId("user");
    const lock = { since: "2026-11-05T08:00:00.000Z", by: "a", reason: "stolen laptop" };
    await users.save(userId, 0, makeUser());
    expect(await users.save(userId, 1, makeUser(), { lock })).toMatchObject({ lock, version: 2 });
    expect(await users.read(userId)).toMatchObject({ lock });
    expect((await users.readMany([userId])).get(userId)).toMatchObject({ lock });
    expect(await users.save(userId, 2, makeUser())).not.toHaveProperty("lock");
    expect(await users.read(userId)).not.toHaveProperty("lock");
  });

  it("keeps an owner for as long as it is given", async () => {
    const users = await makeStore();
    const userId = newId("user");
    const source = { sourceId: "s1", name: "ada@example.com", externalId: "e1" };
    expect(await users.save(userId, 0, makeUser(), { source })).toMatchObject({ source });
    expect(await users.read(userId)).toMatchObject({ source });
    expect((await users.readMany([userId])).get(userId)).toMatchObject({ source });
    await users.save(userId, 1, makeUser());
    expect(await users.read(userId)).not.toHaveProperty("source");
  });

  it("finds users by username in any case, and by the present one alone", async () => {
    const users = await makeStore();
    const username = newId("Ada");
    const [first, second] = [newId("user-a"), newId("user-b")];
    for (const userId of [first, second]) {
      await users.noteUsername(userId, username);
      await users.save(userId, 0, makeUser({ username }));
    }
    expect(ids(await users.ofUsername(username.toUpperCase(), 9)).toSorted()).toEqual([first, second]);
    expect(await users.ofUsername(username, 1)).toHaveLength(1);
    await users.save(first, 1, makeUser({ username: newId("other") }));
    await users.save(second, 1, makeUser({ username }), { deleted: true });
    expect(await users.ofUsername(username, 9)).toEqual([]);
  });

  it("saves one of many at once", async () => {
    const users = await makeStore();
    const userId = newId("user");
    const saves = Array.from({ length: 8 }, (_, at) =>
      users.save(userId, 0, makeUser({ firstname: `n${at}` })),
    );
    expect((await Promise.all(saves)).filter((saved) => saved !== undefined)).toHaveLength(1);
  });

  it("keeps a deleted user's version, out of lists and readMany, and takes the user back", async () => {
    const users = await makeStore();
    const email = `${newId("mail")}@example.com`;
    const userId = newId("user");
    await users.save(userId, 0, makeUser({ email }));
    await users.save(userId, 1, makeUser({ email }), { deleted: true });
    expect(await users.read(userId)).toMatchObject({ version: 2, deleted: true });
    expect(await users.readMany([userId])).toEqual(new Map());
    expect((await users.list({ limit: 10, email })).items).toEqual([]);
    expect(ids((await users.list({ limit: 500 })).items)).not.toContain(userId);
    await users.save(userId, 2, makeUser({ email }));
    expect(ids((await users.list({ limit: 10, email })).items)).toEqual([userId]);
  });

  it("finds users by e-mail address in any case, and by the present one alone", async () => {
    const users = await makeStore();
    const name = newId("Ada");
    const [first, second] = [newId("user-a"), newId("user-b")];
    await users.save(first, 0, makeUser({ email: `${name}@Example.com` }));
    await users.save(second, 0, makeUser({ email: `${name.toUpperCase()}@example.COM` }));
    const page = await users.list({ limit: 1, email: `${name}@EXAMPLE.com` });
    expect(ids(page.items)).toEqual([first]);
    const rest = await users.list({ limit: 1, email: `${name}@example.com`, cursor: page.nextCursor ?? "" });
    expect(ids(rest.items)).toEqual([second]);
    expect(rest.nextCursor).toBeUndefined();
    await users.save(first, 1, makeUser({ email: "other@example.com" }));
    expect(ids((await users.list({ limit: 9, email: `${name}@example.com` })).items)).toEqual([second]);
  });

  it("reads many at once, in more than one batch", async () => {
    const users = await makeStore();
    const wanted = Array.from({ length: 120 }, (_, at) => newId(`many-${at}`));
    for (const userId of wanted) await users.save(userId, 0, makeUser());
    const found = await users.readMany([...wanted, "unknown", wanted[0] ?? ""]);
    expect([...found.keys()].toSorted()).toEqual(wanted.toSorted());
  });
};
