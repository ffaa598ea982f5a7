import { describe, expect, test } from "vitest";
import type { Owner } from "../../shared/model/owner.ts";
import type { Ports } from "../../shared/provisioning/ports/ports.ts";
import { changeOwnedGroup } from "../../shared/sources/change-owned-group.ts";
import { changeOwnedUser } from "../../shared/sources/change-owned-user.ts";
import {
  groupOfExternalId,
  groupOfName,
  userOfExternalId,
  userOfName,
} from "../../shared/sources/find-named.ts";
import { listConflicts } from "../../shared/sources/list-conflicts.ts";
import { listOwnedGroups, listOwnedUsers } from "../../shared/sources/list-owned.ts";
import { makeUser } from "../stores/samples.ts";
import { dying, given } from "./given.ts";

type World = ReturnType<typeof given>;
const owned = (sourceId: string, name: string, externalId?: string): Owner => ({
  sourceId,
  name,
  ...(externalId !== undefined && { externalId }),
});

/** As a source makes a user, or names one otherwise. */
const put = ({ call }: World, ports: Ports, userId: string, source: Owner) =>
  changeOwnedUser({ ports, call }, userId, (before) => ({ user: before?.user ?? makeUser(), source }));
const idOf = (saved: { userId: string } | undefined) => saved?.userId;

const withSource = async () => {
  const world = given();
  const { source } = await world.makeSource();
  return { ...world, world, sourceId: source.sourceId };
};

describe("a user of a source", () => {
  test("is found at once by userName in any case, and by externalId to the letter", async () => {
    const { world, ports, sourceId } = await withSource();
    await put(world, ports, "u1", owned(sourceId, "Ada@example.com", "E-1"));
    expect(idOf(await userOfName(ports, sourceId, "ADA@example.COM"))).toBe("u1");
    expect(idOf(await userOfExternalId(ports, sourceId, "E-1"))).toBe("u1");
    expect(await userOfExternalId(ports, sourceId, "e-1")).toBeUndefined();
    expect(await userOfName(ports, "another", "ada@example.com")).toBeUndefined();
  });

  test("keeps another from its userName and externalId, which is told as a conflict", async () => {
    const { world, ports, sourceId, memory } = await withSource();
    await put(world, ports, "u1", owned(sourceId, "ada", "E-1"));
    await expect(put(world, ports, "u2", owned(sourceId, "ADA", "E-2"))).rejects.toMatchObject({
      code: "name-taken",
      extras: { facts: { objectId: "u1" } },
    });
    await expect(put(world, ports, "u3", owned(sourceId, "bob", "E-1"))).rejects.toMatchObject({
      code: "name-taken",
    });
    expect([...memory.users.keys()]).toEqual(["u1"]);
    const { items } = await listConflicts(ports, sourceId, { limit: 9 });
    expect(items).toHaveLength(2);
    expect(items).toContainEqual(
      expect.objectContaining({ kind: "user", name: "bob", reason: "name-taken", userIds: ["u1"] }),
    );
    // The userName that was taken in vain is free at once.
    await put(world, ports, "u3", owned(sourceId, "bob", "E-3"));
    const left = await listConflicts(ports, sourceId, { limit: 9 });
    expect(left.items.map(({ name }) => name)).toEqual(["ADA"]);
  });

  test("gives its former names away once it has new ones", async () => {
    const { world, ports, sourceId } = await withSource();
    await put(world, ports, "u1", owned(sourceId, "ada", "E-1"));
    await put(world, ports, "u1", owned(sourceId, "ada.king", "E-2"));
    expect(await userOfName(ports, sourceId, "ada")).toBeUndefined();
    await put(world, ports, "u2", owned(sourceId, "ada", "E-1"));
    expect(idOf(await userOfName(ports, sourceId, "ada"))).toBe("u2");
    expect(idOf(await userOfName(ports, sourceId, "ada.king"))).toBe("u1");
  });

  test("keeps its name where only the case changes", async () => {
    const { world, ports, sourceId } = await withSource();
    await put(world, ports, "u1", owned(sourceId, "ada"));
    await put(world, ports, "u1", owned(sourceId, "Ada"));
    expect(await userOfName(ports, sourceId, "ada")).toMatchObject({ source: { name: "Ada" } });
    await expect(put(world, ports, "u2", owned(sourceId, "ADA"))).rejects.toMatchObject({
      code: "name-taken",
    });
  });

  test("who left gives the names away within a minute, whoever ended them", async () => {
    const { world, ports, call, pass, sourceId } = await withSource();
    await put(world, ports, "u1", owned(sourceId, "ada", "E-1"));
    await changeOwnedUser({ ports, call }, "u1", (before) =>
      before ? { user: before.user, deleted: true } : undefined,
    );
    expect(await userOfName(ports, sourceId, "ada")).toBeUndefined();
    pass(60_000);
    await put(world, ports, "u2", owned(sourceId, "ada", "E-1"));
    const { items } = await listOwnedUsers(ports, sourceId, { limit: 9 });
    expect(items.map(({ userId }) => userId)).toEqual(["u2"]);
    expect(await ports.owned.count(sourceId, "user")).toBe(1);
  });

  test("keeps a lock that was put here", async () => {
    const { world, ports, sourceId } = await withSource();
    const lock = { since: "2026-11-05T08:00:00.000Z", by: "admin-1", reason: "stolen laptop" };
    await ports.users.save("u1", 0, makeUser(), { lock });
    await put(world, ports, "u1", owned(sourceId, "ada"));
    expect(await ports.users.read("u1")).toMatchObject({ lock, source: { name: "ada" } });
  });

  test("leaves one event for each change, with its owner", async () => {
    const { world, ports, sourceId, events } = await withSource();
    await put(world, ports, "u1", owned(sourceId, "ada"));
    await put(world, ports, "u1", owned(sourceId, "ada.king"));
    const [, created, updated] = events();
    expect(created?.changes).toContainEqual({ field: "source", to: { sourceId, name: "ada" } });
    expect(updated).toMatchObject({
      event_type: "user_update",
      changes: [{ field: "source", from: { name: "ada" }, to: { name: "ada.king" } }],
    });
  });
});

/** No two of one name, each found by what it bears. */
const checkNames = async (ports: Ports, sourceId: string) => {
  const { items } = await ports.users.list({ limit: 500 });
  const theirs = items.filter(({ source }) => source?.sourceId === sourceId);
  const names = theirs.map(({ source }) => source?.name.toLowerCase());
  expect(new Set(names).size).toBe(names.length);
  for (const { userId, source } of theirs) {
    expect(idOf(await userOfName(ports, sourceId, source?.name ?? ""))).toBe(userId);
    if (source?.externalId !== undefined)
      expect(idOf(await userOfExternalId(ports, sourceId, source.externalId))).toBe(userId);
  }
  const listed = await listOwnedUsers(ports, sourceId, { limit: 500 });
  expect(listed.items.map(({ userId }) => userId)).toEqual(theirs.map(({ userId }) => userId).toSorted());
};

describe.each(["before", "after"] as const)(
  "wherever a process dies, %s a request is carried out,",
  (moment) => {
    const most = 18;

    test("a user is made once, and the name is free again within a minute", async () => {
      for (let nth = 1; nth <= most; nth += 1) {
        const { world, ports, processOn, pass, sourceId } = await withSource();
        const dead = processOn(dying(nth, moment));
        await put(world, dead, "u1", owned(sourceId, "ada", "E-1")).catch(() => undefined);
        await checkNames(ports, sourceId);
        const isMade = (await ports.users.read("u1")) !== undefined;
        pass(60_000);
        const again = put(world, ports, "u2", owned(sourceId, "ada", "E-1"));
        if (isMade) await expect(again).rejects.toMatchObject({ code: "name-taken" });
        else await again;
        await checkNames(ports, sourceId);
      }
    });

    test("a user has the former names or the new ones, and nobody else can have those", async () => {
      for (let nth = 1; nth <= most; nth += 1) {
        const { world, ports, processOn, pass, sourceId } = await withSource();
        await put(world, ports, "u1", owned(sourceId, "ada", "E-1"));
        const dead = processOn(dying(nth, moment));
        await put(world, dead, "u1", owned(sourceId, "king", "E-2")).catch(() => undefined);
        await checkNames(ports, sourceId);
        pass(60_000);
        const now = (await ports.users.read("u1"))?.source?.name;
        const free = now === "ada" ? owned(sourceId, "king", "E-2") : owned(sourceId, "ada", "E-1");
        await put(world, ports, "u2", free);
        await checkNames(ports, sourceId);
      }
    });
  },
);

test("of many who make the same at once one is made, and the others are told who", async () => {
  const { world, ports, sourceId, memory } = await withSource();
  const made = await Promise.allSettled(
    Array.from({ length: 4 }, (_, at) => put(world, ports, `u${at}`, owned(sourceId, "ada", `E-${at}`))),
  );
  expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const one of made)
    if (one.status === "rejected") expect(one.reason).toMatchObject({ code: "name-taken" });
  expect(memory.users.size).toBe(1);
});

test("of renames of one user back and forth at once every name that is borne is held", async () => {
  for (let round = 0; round < 20; round += 1) {
    const { world, ports, sourceId } = await withSource();
    await put(world, ports, "u1", owned(sourceId, "a"));
    const names = ["b", "a", "c", "a", "b", "c"].slice(round % 4);
    await Promise.allSettled(names.map((name) => put(world, ports, "u1", owned(sourceId, name))));
    await checkNames(ports, sourceId);
  }
});

test("one who is about to be saved is waited for, and then the call is to be repeated", async () => {
  const { world, ports, sourceId } = await withSource();
  const claim = { objectId: "u1", claimId: "c1", at: ports.clock.now() };
  await ports.names.claim({ sourceId, kind: "userName", value: "ada" }, claim);
  const before = ports.clock.now();
  await expect(put(world, ports, "u2", owned(sourceId, "ada"))).rejects.toMatchObject({
    code: "attempt-in-progress",
  });
  expect(ports.clock.now() - before).toBeGreaterThanOrEqual(2_000);
});

describe("a group of a source", () => {
  const putGroup = ({ call }: World, ports: Ports, groupId: string, source: Owner) =>
    changeOwnedGroup({ ports, call }, groupId, () => ({ name: source.name, source }));

  test("is found by displayName and externalId, and keeps another from them", async () => {
    const { world, ports, sourceId, memory } = await withSource();
    await putGroup(world, ports, "g1", owned(sourceId, "Engineering", "G-1"));
    expect((await groupOfName(ports, sourceId, "engineering"))?.groupId).toBe("g1");
    expect((await groupOfExternalId(ports, sourceId, "G-1"))?.groupId).toBe("g1");
    await expect(putGroup(world, ports, "g2", owned(sourceId, "ENGINEERING"))).rejects.toMatchObject({
      code: "name-taken",
    });
    expect([...memory.groups.keys()]).toEqual(["g1"]);
    expect((await listConflicts(ports, sourceId, { limit: 9 })).items).toMatchObject([
      { kind: "group", name: "ENGINEERING", groupIds: ["g1"] },
    ]);
    await putGroup(world, ports, "g1", owned(sourceId, "Research", "G-1"));
    await putGroup(world, ports, "g2", owned(sourceId, "Engineering"));
    const { items } = await listOwnedGroups(ports, sourceId, { limit: 9 });
    expect(items.map(({ groupId, name }) => [groupId, name])).toEqual([
      ["g1", "Research"],
      ["g2", "Engineering"],
    ]);
  });

  test("keeps its members when it is named otherwise", async () => {
    const { world, ports, sourceId } = await withSource();
    const made = await ports.groups.change("g1", undefined, { name: "Eng", add: ["a", "b"], remove: [] });
    await putGroup(world, ports, "g1", owned(sourceId, "Engineering"));
    const now = await ports.groups.read("g1");
    expect(now).toMatchObject({ name: "Engineering", memberCount: made.memberCount });
  });
});
