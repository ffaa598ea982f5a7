import { beforeEach, expect, it } from "vitest";
import type { SavedGroup } from "../../shared/model/directory.ts";
import { changeMarkDays, type GroupStore } from "../../shared/provisioning/ports/directory-store.ts";
import { all, newId } from "./samples.ts";

type GroupStoreUnderTest = { groups: GroupStore; passTime(ms: number): void };

const day = 86_400_000;
const numbered = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => `u${String(at).padStart(5, "0")}`);

/** What every GroupStore owes its callers. */
export const groupStoreContract = (makeStore: () => Promise<GroupStoreUnderTest>): void => {
  let groups: GroupStore;
  let passTime: GroupStoreUnderTest["passTime"];
  let id: string;
  beforeEach(async () => {
    ({ groups, passTime } = await makeStore());
    id = newId("group");
  });

  const make = (add: string[]): Promise<SavedGroup> =>
    groups.change(id, undefined, { name: "Engineering", add, remove: [] });
  const membersOf = (group: SavedGroup): Promise<string[]> => all(groups.members(id, group.version));

  it("knows nothing of a group that was never saved", async () => {
    expect(await groups.read(id)).toBeUndefined();
    expect(await all(groups.members(id, 1))).toEqual([]);
    expect(await groups.membersAmong(id, 1, ["u1"])).toEqual(new Set());
  });

  it("makes a group with its members", async () => {
    const group = await make(["b", "a"]);
    expect(group).toMatchObject({ groupId: id, name: "Engineering", version: 1 });
    expect(await groups.read(id)).toEqual(group);
    expect(await membersOf(group)).toEqual(["a", "b"]);
    expect(await groups.membersAmong(id, 1, ["a", "x"])).toEqual(new Set(["a"]));
  });

  it.each([
    ["a change of its own", { add: [], remove: [] }],
    ["a change of members", { add: ["b"], remove: ["a"] }],
  ])("keeps its owner until %s says otherwise", async (_, members) => {
    const source = { sourceId: "s1", name: "Engineering", externalId: "e1" };
    const made = await groups.change(id, undefined, { name: "A", add: ["a"], remove: [], source });
    expect([made.source, (await groups.read(id))?.source]).toEqual([source, source]);
    const kept = await groups.change(id, made, { name: "B", add: ["c"], remove: [] });
    expect(await groups.read(id)).toMatchObject({ name: "B", source });
    const other = { sourceId: "s2", name: "Eng" };
    const given = await groups.change(id, kept, { name: "B", ...members, source: other });
    expect(await groups.read(id)).toMatchObject({ source: other });
    const freed = await groups.change(id, given, { name: "C", add: [], remove: [], source: null });
    expect(freed).not.toHaveProperty("source");
    expect(await groups.read(id)).not.toHaveProperty("source");
    const owned = await groups.change(id, freed, { name: "C", add: [], remove: [], source });
    await groups.change(id, owned, { name: "C", add: [], remove: [], ends: true });
    expect(await groups.read(id)).not.toHaveProperty("source");
  });

  it("knows the groups that a user is a member of", async () => {
    const userId = newId("user");
    expect(await groups.ofUser(userId)).toEqual([]);
    const made = await make([userId]);
    const other = newId("group");
    const empty = await groups.change(other, undefined, { name: "Other", add: ["a"], remove: [] });
    await groups.change(other, empty, { name: "Other", add: [userId], remove: [] });
    expect((await groups.ofUser(userId)).toSorted()).toEqual([id, other].toSorted());
    const left = await groups.change(id, made, { name: "Engineering", add: [], remove: [userId] });
    await groups.change(id, left, { name: "Engineering", add: [userId], remove: [] });
    expect(await groups.ofUser(userId)).toContain(id);
  });

  it("keeps who asked for the latest change", async () => {
    const askedBy = (who: string) => ({
      by: { type: "admin", id: who },
      at: "2026-11-05T09:12:40.000Z",
      correlation: { id: `call of ${who}`, type: "request" },
      reason: "TICKET-7",
    });
    const made = await groups.change(id, undefined, {
      name: "A",
      add: ["a"],
      remove: [],
      asked: askedBy("ada"),
    });
    expect([made.asked, (await groups.read(id))?.asked]).toEqual([askedBy("ada"), askedBy("ada")]);
    const renamed = await groups.change(id, made, { name: "B", add: [], remove: [], asked: askedBy("bob") });
    expect([renamed.asked, (await groups.read(id))?.asked]).toEqual([askedBy("bob"), askedBy("bob")]);
  });

  it("tells who joined and left with a change, and keeps what is to be recorded without them", async () => {
    const mark = (eventId: string) => ({
      unrecorded: {
        eventId,
        type: "group_update" as const,
        changes: [],
        authMethod: "iam",
        clientIp: "203.0.113.7",
        userAgent: "",
      },
      recent: [{ after: 0, at: 1_793_869_964_123 }],
    });
    const made = await groups.change(id, undefined, {
      name: "A",
      add: ["a", "b"],
      remove: [],
      ...mark("e1"),
    });
    expect(made.unrecorded?.members).toEqual({ added: ["a", "b"], removed: [] });
    const change = { name: "A", add: ["b", "c"], remove: ["a", "x"], ...mark("e2") };
    const changed = await groups.change(id, made, change);
    expect(changed.unrecorded).toEqual({
      ...mark("e2").unrecorded,
      members: { added: ["c"], removed: ["a"] },
    });
    expect(await groups.read(id)).toMatchObject(mark("e2"));
    expect((await groups.read(id))?.unrecorded).not.toHaveProperty("members");
    await groups.endUnrecorded(id, "e1");
    expect((await groups.read(id))?.unrecorded?.eventId).toBe("e2");
    await groups.endUnrecorded(id, "e2");
    expect(await groups.read(id)).not.toHaveProperty("unrecorded");
    const renamed = await groups.change(id, changed, { name: "B", add: [], remove: [], ...mark("e3") });
    expect(renamed.unrecorded?.members).toEqual({ added: [], removed: [] });
  });

  it("makes an empty group, and renames it", async () => {
    const group = await make([]);
    const renamed = await groups.change(id, group, { name: "Research", add: [], remove: [] });
    expect(renamed).toMatchObject({ name: "Research", version: group.version + 1 });
    expect(await groups.read(id)).toEqual(renamed);
  });

  it("adds and removes in one change, across many batches", async () => {
    const users = numbered(700);
    const group = await make(users.slice(0, 600));
    const changed = await groups.change(id, group, {
      name: "Eng",
      add: users.slice(600),
      remove: users.slice(0, 550),
    });
    expect(await membersOf(changed)).toEqual(users.slice(550));
    expect(await groups.membersAmong(id, changed.version, users)).toEqual(new Set(users.slice(550)));
    expect(new Set(await groups.changedBetween(id, group.version, changed.version))).toEqual(
      new Set([...users.slice(600), ...users.slice(0, 550)]),
    );
  });

  it("still shows a reader of the version before who was a member then", async () => {
    const group = await make(["a", "b"]);
    await groups.change(id, group, { name: "Eng", add: ["c"], remove: ["a"] });
    expect(await membersOf(group)).toEqual(["a", "b"]);
    expect(await groups.membersAmong(id, group.version, ["a", "b", "c"])).toEqual(new Set(["a", "b"]));
  });

  it("leaves a member alone who is there already, and does not make a leaver of a stranger", async () => {
    const group = await make(["a"]);
    passTime(day);
    const changed = await groups.change(id, group, { name: "Eng", add: ["a", "b"], remove: ["x"] });
    expect((await groups.page(changed, { limit: 9 })).items).toEqual([
      { userId: "a", member: true, since: group.updatedAt },
      { userId: "b", member: true, since: changed.updatedAt },
    ]);
  });

  it("counts its members", async () => {
    const group = await make(["a", "b"]);
    expect(group).toMatchObject({ memberCount: 2 });
    const changed = await groups.change(id, group, { name: "Eng", add: ["b", "c"], remove: ["a", "x"] });
    expect(changed).toMatchObject({ memberCount: 2 });
    const renamed = await groups.change(id, changed, { name: "Research", add: [], remove: [] });
    expect(renamed).toMatchObject({ memberCount: 2 });
    expect(await groups.read(id)).toEqual(renamed);
  });

  it("ends in one change, tells who lost it, and can be made anew", async () => {
    const group = await make(["a", "b"]);
    passTime(day);
    const ended = await groups.change(id, group, { name: "Engineering", add: [], remove: [], ends: true });
    expect(ended).toMatchObject({ deleted: true, memberCount: 0 });
    expect(await groups.read(id)).toEqual(ended);
    expect(await membersOf(ended)).toEqual([]);
    expect(await groups.membersAmong(id, ended.version, ["a", "b"])).toEqual(new Set());
    expect((await groups.changedBetween(id, group.version, ended.version)).toSorted()).toEqual(["a", "b"]);
    for await (const page of groups.membersAndLeavers(id, ended.version))
      expect(page).toEqual({ members: [], left: ["a", "b"] });
    expect((await groups.page(ended, { limit: 9 })).items).toEqual([
      { userId: "a", member: false, since: ended.updatedAt },
      { userId: "b", member: false, since: ended.updatedAt },
    ]);
    expect(await membersOf(group)).toEqual(["a", "b"]);
    const anew = await groups.change(id, ended, { name: "Eng", add: ["b", "c"], remove: [] });
    expect(anew).toMatchObject({ memberCount: 2, version: ended.version + 1 });
    expect(anew).not.toHaveProperty("deleted");
    expect(await membersOf(anew)).toEqual(["b", "c"]);
    const changed = await groups.changedBetween(id, group.version, anew.version);
    expect(changed.toSorted()).toEqual(["a", "b", "c"]);
    expect((await groups.changedBetween(id, ended.version, anew.version)).toSorted()).toEqual(["b", "c"]);
  });

  it("lists groups by id, page by page, without those that ended", async () => {
    const names = ["x", "y", "z"].map((name) => `${id}-${name}`);
    const change = { name: "Listed", add: ["a"], remove: [] };
    for (const name of names) await groups.change(name, undefined, change);
    const [, second = "", third = ""] = names;
    const ended = await groups.read(second);
    await groups.change(second, ended, { name: "Listed", add: [], remove: [], ends: true });
    const listed: SavedGroup[] = [];
    let cursor: string | undefined;
    do {
      const page = await groups.list({ limit: 1, ...(cursor && { cursor }) });
      listed.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor);
    const ours = listed.filter(({ groupId }) => names.includes(groupId));
    expect(ours.map(({ groupId }) => groupId)).toEqual([names[0], third]);
    expect(ours.at(-1)).toEqual(await groups.read(third));
    await expect(groups.list({ limit: 1, cursor: "x" })).rejects.toMatchObject({ code: "invalid-cursor" });
  });

  it("refuses a change from another version than the group's", async () => {
    const group = await make(["a"]);
    await groups.change(id, group, { name: "Eng", add: ["b"], remove: [] });
    for (const base of [undefined, group])
      for (const add of [["c"], []])
        await expect(groups.change(id, base, { name: "Lost", add, remove: [] })).rejects.toMatchObject({
          code: "attempt-in-progress",
          extras: { retryAfterSeconds: expect.any(Number) },
        });
    expect(await groups.read(id)).toMatchObject({ name: "Eng" });
  });

  it("lets exactly one of many changes at once through", async () => {
    const group = await make(["a"]);
    const users = numbered(8);
    const changes = users.map((user) => groups.change(id, group, { name: user, add: [user], remove: [] }));
    const results = await Promise.allSettled(changes);
    const done = results.filter((result) => result.status === "fulfilled");
    expect(done).toHaveLength(1);
    for (const result of results)
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "attempt-in-progress" });
    const saved = await groups.read(id);
    expect(saved).toEqual(done[0]?.value);
    expect(await membersOf(done[0]!.value)).toEqual(["a", saved?.name]);
  });

  it("tells who changed between two versions: everybody who did, nobody of other versions", async () => {
    const first = await make(["a", "b"]);
    const second = await groups.change(id, first, { name: "Eng", add: ["c"], remove: ["a"] });
    const third = await groups.change(id, second, { name: "Eng", add: ["a"], remove: ["b"] });
    expect((await groups.changedBetween(id, first.version, second.version)).toSorted()).toEqual(["a", "c"]);
    expect((await groups.changedBetween(id, second.version, third.version)).toSorted()).toEqual(["a", "b"]);
    expect((await groups.changedBetween(id, first.version, third.version)).toSorted()).toEqual([
      "a",
      "b",
      "c",
    ]);
    expect((await groups.changedBetween(id, 0, third.version)).toSorted()).toEqual(["a", "b", "c"]);
    expect(await groups.changedBetween(id, third.version, third.version)).toEqual([]);
  });

  it("pages members and those that left lately", async () => {
    const group = await make(["a", "b", "c", "d"]);
    passTime(day);
    const changed = await groups.change(id, group, { name: "Eng", add: ["e"], remove: ["b"] });
    const first = await groups.page(changed, { limit: 3 });
    expect(first.items).toEqual([
      { userId: "a", member: true, since: group.updatedAt },
      { userId: "b", member: false, since: changed.updatedAt },
      { userId: "c", member: true, since: group.updatedAt },
    ]);
    const rest = await groups.page(changed, { limit: 3, cursor: first.nextCursor ?? "" });
    expect(rest.items.map(({ userId }) => userId)).toEqual(["d", "e"]);
    expect(rest.nextCursor).toBeUndefined();
    await expect(
      groups.page({ ...changed, groupId: "other" }, { limit: 3, cursor: first.nextCursor ?? "" }),
    ).rejects.toMatchObject({ code: "invalid-cursor" });
    passTime((changeMarkDays + 1) * day);
    expect((await groups.page(changed, { limit: 9 })).items.map(({ userId }) => userId)).toEqual([
      "a",
      "c",
      "d",
      "e",
    ]);
  });
};
