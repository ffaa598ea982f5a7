import { describe, expect, test } from "vitest";
import type { DirectoryUser, SavedUser } from "../../shared/model/directory.ts";
import type { Source, SourceInput } from "../../shared/model/source.ts";
import type { Ports } from "../../shared/provisioning/ports/ports.ts";
import { getGroup } from "../../shared/provisioning/status/get-group.ts";
import { getUser, listUsers } from "../../shared/provisioning/status/get-user.ts";
import { adoptObjects } from "../../shared/sources/adopt-objects.ts";
import { changeOwnedUser } from "../../shared/sources/change-owned-user.ts";
import { deleteSource } from "../../shared/sources/delete-source.ts";
import { userOfName } from "../../shared/sources/find-named.ts";
import { findPerson, requireSameOwner } from "../../shared/sources/find-person.ts";
import { listConflicts } from "../../shared/sources/list-conflicts.ts";
import { listOwnedGroups, listOwnedUsers } from "../../shared/sources/list-owned.ts";
import { makeUser } from "../stores/samples.ts";
import { given } from "./given.ts";

type World = ReturnType<typeof given>;

const withSource = async (input: Partial<SourceInput> = {}) => {
  const world = given();
  const { source } = await world.makeSource(input);
  return { ...world, world, source, sourceId: source.sourceId };
};

const save = (ports: Ports, userId: string, user: Partial<DirectoryUser> = {}) =>
  ports.users.save(userId, 0, makeUser({ email: `${userId}@example.com`, ...user }));

/** As the requests of a source do: the one who is there, else somebody new. */
const name = async ({ ports, call }: World, source: Source, userName: string, addresses: string[] = []) => {
  const found = await findPerson(ports, source, { userName, addresses });
  const owner = { sourceId: source.sourceId, name: userName };
  const email = addresses[0] ?? (userName.includes("@") ? userName : `${userName}@example.com`);
  return changeOwnedUser({ ports, call }, found?.userId ?? `new-${userName}`, (before) => {
    if (found) requireSameOwner(found, before);
    return { user: before?.user ?? makeUser({ email }), source: owner };
  });
};
const idOf = (saved: SavedUser | undefined) => saved?.userId;

describe("a user without an owner passes to the source that names", () => {
  test.each<[string, Partial<DirectoryUser>, string, string[]]>([
    ["their address as userName", {}, "ADA@example.com", []],
    ["one of their addresses", {}, "ada.king", ["else@example.com", "Ada@Example.com"]],
    ["their username", { username: "ada.l" }, "ADA.L", []],
  ])("%s", async (_, user, userName, addresses) => {
    const { world, ports, source, sourceId } = await withSource();
    if (user.username) await ports.users.noteUsername("ada", user.username);
    await save(ports, "ada", user);
    expect(idOf(await name(world, source, userName, addresses))).toBe("ada");
    expect(idOf(await userOfName(ports, sourceId, userName))).toBe("ada");
  });

  test("and to nobody where the source is to link none, which is told", async () => {
    const { world, ports, source, sourceId } = await withSource({ linkByEmail: "never" });
    await save(ports, "ada");
    await expect(name(world, source, "ada@example.com")).rejects.toMatchObject({ code: "name-taken" });
    expect((await listConflicts(ports, sourceId, { limit: 9 })).items).toMatchObject([
      { name: "ada@example.com", reason: "not-linked", userIds: ["ada"] },
    ]);
    expect((await ports.users.read("ada"))?.source).toBeUndefined();
  });

  test("but not where it cannot be told which of several", async () => {
    const { world, ports, source, sourceId } = await withSource();
    await save(ports, "ada-1", { email: "ada@example.com" });
    await save(ports, "ada-2", { email: "ada@example.com" });
    await expect(name(world, source, "a", ["ada@example.com"])).rejects.toMatchObject({
      code: "name-taken",
    });
    expect((await listConflicts(ports, sourceId, { limit: 9 })).items).toMatchObject([
      { reason: "several", userIds: ["ada-1", "ada-2"] },
    ]);
  });
});

test("a user of another source is a conflict, which is over once that source is gone", async () => {
  const { world, asking, ports, source, sourceId, makeSource } = await withSource();
  const { source: other } = await makeSource({ name: "Entra", kind: "entra" });
  await name(world, other, "ada@example.com", ["ada@example.com"]);
  const wanted = () => name(world, source, "ada", ["ada@example.com"]);
  await expect(wanted()).rejects.toMatchObject({ code: "name-taken" });
  expect((await listConflicts(ports, sourceId, { limit: 9 })).items).toMatchObject([
    { reason: "other-source", ownerId: other.sourceId },
  ]);
  await deleteSource(asking, other.sourceId);
  expect(idOf(await wanted())).toBe("new-ada@example.com");
  expect((await listConflicts(ports, sourceId, { limit: 9 })).items).toEqual([]);
});

test("a source that links any takes the user of another over, which has them no longer", async () => {
  const { world, ports, source, sourceId, makeSource, pass } = await withSource({ linkByEmail: "any" });
  const { source: other } = await makeSource();
  await save(ports, "ada");
  await name(world, other, "ada@example.com");
  expect(idOf(await name(world, source, "ada", ["ada@example.com"]))).toBe("ada");
  expect(await userOfName(ports, other.sourceId, "ada@example.com")).toBeUndefined();
  pass(60_000);
  const owned = async (id: string) => (await listOwnedUsers(ports, id, { limit: 9 })).items.map(idOf);
  expect([await owned(sourceId), await owned(other.sourceId)]).toEqual([["ada"], []]);
});

test("who has the address of one whom the source named already is somebody else to it", async () => {
  const { world, ports, source } = await withSource();
  await save(ports, "ada");
  await name(world, source, "ada", ["ada@example.com"]);
  expect(
    await findPerson(ports, source, { userName: "ada2", addresses: ["ada@example.com"] }),
  ).toBeUndefined();
});

test("of two sources that name a user without an owner at once one has them", async () => {
  const { world, ports, source, makeSource } = await withSource();
  const { source: other } = await makeSource();
  await save(ports, "ada");
  const named = await Promise.allSettled([
    name(world, source, "ada@example.com"),
    name(world, other, "ada@example.com"),
  ]);
  expect(named.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

describe("adopt", () => {
  test("gives what has no owner to the source, which may then name it as it likes", async () => {
    const { world, asking, ports, source, sourceId, events } = await withSource({ linkByEmail: "never" });
    await save(ports, "ada", { username: "ada.l" });
    const given = await adoptObjects(asking, sourceId, { userIds: ["ada", "nobody", "ada"] });
    expect(given).toEqual({
      state: "done",
      users: 1,
      groups: 0,
      skipped: [{ userId: "nobody", reason: "not-found" }],
      skippedTotal: 1,
    });
    expect(events().at(-1)).toMatchObject({ event_type: "user_update", resource: { id: "ada" } });
    expect(idOf(await userOfName(ports, sourceId, "ada.l"))).toBe("ada");
    expect(idOf(await name(world, source, "ada.king", ["ada@example.com"]))).toBe("ada");
    expect((await ports.users.read("ada"))?.source).toEqual({ sourceId, name: "ada.king" });
  });

  test("leaves what another source owns, and takes what one that is gone has left", async () => {
    const { world, asking, ports, sourceId, makeSource } = await withSource();
    const { source: other } = await makeSource();
    await name(world, other, "ada");
    const ask = () => adoptObjects(asking, sourceId, { userIds: ["new-ada"] });
    expect((await ask()).skipped).toEqual([{ userId: "new-ada", reason: "owned" }]);
    await deleteSource(asking, other.sourceId);
    expect(await ask()).toMatchObject({ users: 1, skipped: [] });
    expect(await ask()).toMatchObject({ users: 0, skipped: [] });
    expect((await ports.users.read("new-ada"))?.source).toMatchObject({ sourceId });
  });

  test("of all gives users and groups, as many as there is time for, and goes on with the next call", async () => {
    const { world, ports, call, sourceId, makeSource, pass } = await withSource();
    const { source: other } = await makeSource();
    await name(world, other, "theirs");
    for (let at = 0; at < 250; at += 1) await save(ports, `u${at}`);
    await ports.groups.change("g1", undefined, { name: "Eng", add: ["u1"], remove: [] });
    const slow: Ports = {
      ...ports,
      users: {
        ...ports.users,
        async read(userId) {
          pass(10);
          return ports.users.read(userId);
        },
      },
    };
    const first = await adoptObjects(
      { ports: slow, call: { ...call, sendUntil: ports.clock.now() + 500 } },
      sourceId,
      { all: true },
    );
    expect(first.state).toBe("pending");
    expect(first.users).toBeGreaterThan(0);
    const rest = await adoptObjects({ ports, call }, sourceId, { all: true });
    expect(rest).toMatchObject({ state: "done", users: 250 - first.users, groups: 1, skipped: [] });
    expect((await listOwnedGroups(ports, sourceId, { limit: 9 })).items).toMatchObject([
      { groupId: "g1", memberCount: 1 },
    ]);
    expect(await ports.owned.count(sourceId, "user")).toBe(250);
  });

  test("tells of those whose name another one of the source has", async () => {
    const { asking, ports, sourceId } = await withSource();
    await save(ports, "ada-1", { email: "ada@example.com" });
    await save(ports, "ada-2", { email: "Ada@example.com" });
    const given = await adoptObjects(asking, sourceId, { all: true });
    expect(given).toMatchObject({ users: 1, skippedTotal: 1, skipped: [{ reason: "name-taken" }] });
  });
});

test("users and groups show the source that owns them, and none that is gone", async () => {
  const { world, asking, ports, source, sourceId } = await withSource();
  await name(world, source, "ada");
  await ports.groups.change("g1", undefined, { name: "Eng", add: [], remove: [] });
  await adoptObjects(asking, sourceId, { groupIds: ["g1"] });
  const shown = async () => [
    (await getUser(ports, "new-ada")).source,
    (await listUsers(ports, { limit: 9 })).items[0]?.source,
    (await getGroup(ports, "g1")).source,
  ];
  const owned = { sourceId, userName: "ada" };
  expect(await shown()).toEqual([owned, owned, { sourceId, displayName: "Eng" }]);
  await deleteSource(asking, sourceId);
  expect(await shown()).toEqual([undefined, undefined, undefined]);
});
