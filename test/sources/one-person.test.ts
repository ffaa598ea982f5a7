import { describe, expect, test } from "vitest";
import type { DirectoryUser } from "../../shared/model/directory.ts";
import type { Ports } from "../../shared/provisioning/ports/ports.ts";
import { changeOwnedUser } from "../../shared/sources/change-owned-user.ts";
import { deleteSource } from "../../shared/sources/delete-source.ts";
import { listConflicts } from "../../shared/sources/list-conflicts.ts";
import { makeUser } from "../stores/samples.ts";
import { dying, given } from "./given.ts";

type World = Awaited<ReturnType<typeof withSources>>;

const withSources = async () => {
  const world = given();
  const [a, b] = [(await world.makeSource()).source.sourceId, (await world.makeSource()).source.sourceId];
  return { ...world, a, b };
};

/** As a source makes a user, or changes one, without a look at the index of addresses, as if it had not come so far. */
const put = (
  { call, ports }: World,
  sourceId: string,
  userId: string,
  { name, ...user }: Partial<DirectoryUser> & { name: string },
  on: Ports = ports,
) =>
  changeOwnedUser({ ports: on, call }, userId, () => ({
    user: makeUser({ email: name, ...user }),
    source: { sourceId, name },
  }));
const conflictsOf = async ({ ports }: World, sourceId: string) =>
  (await listConflicts(ports, sourceId, { limit: 9 })).items;

/** Of no address there are users of two sources. */
const checkPersons = async ({ ports }: World) => {
  const { items } = await ports.users.list({ limit: 500 });
  const owners = new Map<string, Set<string | undefined>>();
  for (const { user, source } of items)
    if (user.email && source && !source.left)
      owners.set(user.email, (owners.get(user.email) ?? new Set()).add(source.sourceId));
  for (const [email, of] of owners) expect([email, of.size]).toEqual([email, 1]);
};

describe.each<[string, string, Partial<DirectoryUser>, Partial<DirectoryUser>]>([
  ["one userName", "Ada@example.com", { email: "a@example.com" }, { email: "b@example.com" }],
  ["one address", "ada.b", { email: "ada@example.com" }, { email: "ADA@example.com" }],
  [
    "one username",
    "ada.c",
    { username: "ada", email: "a@example.com" },
    { username: "ADA", email: "b@example.com" },
  ],
])("of two sources that make a person of %s at once", (_, name, first, second) => {
  test("one has the person, and the other is told", async () => {
    const world = await withSources();
    const { a, b, ports } = world;
    const nameOfA = name.startsWith("A") ? "ada@example.com" : "ada.a";
    const made = await Promise.allSettled([
      put(world, a, "u1", { name: nameOfA, ...first }),
      put(world, b, "u2", { name, ...second }),
    ]);
    const [won, lost] = made[0]?.status === "fulfilled" ? [0, 1] : [1, 0];
    expect(made[won]).toMatchObject({ status: "fulfilled" });
    expect(made[lost]).toMatchObject({ status: "rejected", reason: { code: "name-taken" } });
    const holder = ["u1", "u2"][won];
    expect((await ports.users.list({ limit: 9 })).items.map(({ userId }) => userId)).toEqual([holder]);
    expect(await conflictsOf(world, [a, b][lost] ?? "")).toMatchObject([
      { kind: "user", reason: "other-source", userIds: [holder], ownerId: [a, b][won] },
    ]);
    expect(await conflictsOf(world, [a, b][won] ?? "")).toEqual([]);
  });
});

test("of many sources that make a person at once one has the person", async () => {
  const world = await withSources();
  const sources = await Promise.all(Array.from({ length: 8 }, () => world.makeSource()));
  const made = await Promise.allSettled(
    sources.map(({ source }, at) => put(world, source.sourceId, `u${at}`, { name: "ada@example.com" })),
  );
  expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  await checkPersons(world);
});

describe("a source that gives its user what another source's has", () => {
  test.each<[string, Partial<DirectoryUser> & { name: string }, string]>([
    ["as userName", { name: "ADA@example.com", email: "bob@example.com" }, "ADA@example.com"],
    ["as address", { name: "bob@example.com", email: "ada@example.com" }, "ada@example.com"],
  ])("%s is refused, and it shows until the source has it", async (_, wanted, text) => {
    const world = await withSources();
    const { a, b, ports, call, pass } = world;
    await put(world, a, "u1", { name: "ada@example.com" });
    await put(world, b, "u2", { name: "bob@example.com" });
    await expect(put(world, b, "u2", wanted)).rejects.toMatchObject({ code: "name-taken" });
    expect(await ports.users.read("u2")).toMatchObject({
      user: { email: "bob@example.com" },
      source: { name: "bob@example.com" },
    });
    expect(await conflictsOf(world, b)).toMatchObject([{ name: text, reason: "other-source", ownerId: a }]);
    // Once the other has let go of it, it is free at once.
    await put(world, a, "u1", { name: "ada.king@example.com" });
    await put(world, b, "u2", wanted);
    expect(await conflictsOf(world, b)).toEqual([]);
    await checkPersons(world);
    // A source that is gone has nobody.
    await put(world, a, "u1", { name: "ada.king@example.com" });
    await deleteSource({ ports, call }, a);
    pass(60_000);
    await put(world, b, "u2", { name: "ada.king@example.com" });
  });

  test("and two users of one source may have one address", async () => {
    const world = await withSources();
    await put(world, world.a, "u1", { name: "ada", email: "team@example.com" });
    await put(world, world.a, "u2", { name: "bob", email: "team@example.com" });
    await expect(put(world, world.b, "u3", { name: "eve", email: "team@example.com" })).rejects.toMatchObject(
      {
        code: "name-taken",
      },
    );
  });
});

test("a user who passes from a source that is gone is had by one of two that name them at once", async () => {
  const world = await withSources();
  const { ports, call, a, b } = world;
  const { source: gone } = await world.makeSource();
  await put(world, gone.sourceId, "u1", { name: "ada@example.com" });
  world.pass(61_000);
  await deleteSource({ ports, call }, gone.sourceId);
  await Promise.allSettled([
    put(world, a, "u1", { name: "ada@example.com" }),
    put(world, b, "u2", { name: "ada@example.com" }),
  ]);
  await checkPersons(world);
});

test.each(["before", "after"] as const)(
  "wherever a process dies, %s a request is carried out, a person is one source's, and free in a minute where nobody's",
  async (moment) => {
    let isDone = false;
    for (let nth = 1; !isDone; nth += 1) {
      const world = await withSources();
      const dead = world.processOn(dying(nth, moment));
      isDone = await put(world, world.a, "u1", { name: "ada@example.com" }, dead).then(
        () => true,
        () => false,
      );
      const isMade = (await world.ports.users.read("u1")) !== undefined;
      await put(world, world.b, "u2", { name: "ada@example.com" }).catch(() => undefined);
      await checkPersons(world);
      world.pass(60_000);
      const again = put(world, world.b, "u2", { name: "ada@example.com" });
      if (isMade) await expect(again).rejects.toMatchObject({ code: "name-taken" });
      else await again;
      await checkPersons(world);
      expect(nth).toBeLessThan(100);
    }
  },
);
