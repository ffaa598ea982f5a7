import { expect, test } from "vitest";
import { saveUser } from "../../shared/directory/save-user.ts";
import type { Request } from "../../shared/memory/request.ts";
import { Failure } from "../../shared/model/failure.ts";
import { patchGroup } from "../../shared/scim-in/groups/change-group.ts";
import { createGroup } from "../../shared/scim-in/groups/create-group.ts";
import { deleteGroup } from "../../shared/scim-in/groups/delete-group.ts";
import { search } from "../../shared/scim-in/lists/search.ts";
import { searchedGroups } from "../../shared/scim-in/lists/searched-groups.ts";
import { searchedUsers } from "../../shared/scim-in/lists/searched-users.ts";
import { createUser } from "../../shared/scim-in/users/create-user.ts";
import { deleteUser } from "../../shared/scim-in/users/delete-user.ts";
import { ScimError } from "../../shared/scim-server/errors/scim-error.ts";
import { parseFilter } from "../../shared/scim-server/filter/parse-filter.ts";
import { groupType, userType } from "../../shared/scim-server/schemas/resource-types.ts";
import { dying, given as givenStores } from "../sources/given.ts";

const baseUrl = "https://usher.example.com/scim/v2";
const page = { startIndex: 1, count: 100 };

const given = async () => {
  const stores = givenStores();
  const { source } = await stores.makeSource();
  const as = (request?: Request) => ({
    ports: request ? stores.processOn(request) : stores.ports,
    call: stores.call,
    source,
    baseUrl,
  });
  return { ...stores, source, as, asking: as() };
};
type Given = Awaited<ReturnType<typeof given>>;

/** The request with a process that dies at each of its requests to the store in turn, and again after that as providers do. */
const atEveryRequest = async (
  prepare: () => Promise<Given>,
  act: (world: Given, asking: Given["asking"]) => Promise<unknown>,
  check: (world: Given) => Promise<void>,
) => {
  for (const moment of ["before", "after"] as const)
    for (let nth = 1; ; nth += 1) {
      const world = await prepare();
      const died = await act(world, world.as(dying(nth, moment))).then(
        () => false,
        () => true,
      );
      if (!died) break;
      expect(nth).toBeLessThan(100);
      world.pass(61_000);
      await act(world, world.asking).catch((error: unknown) => {
        const isTold = error instanceof ScimError && [404, 409].includes(error.status);
        if (!isTold && !(error instanceof Failure && error.code === "name-taken")) throw error;
      });
      await check(world);
    }
};

const usersOf = async ({ asking }: Given) =>
  (await search(asking, searchedUsers, { page, projection: {} })).Resources as {
    id: string;
    active: boolean;
  }[];
const groupsOf = async ({ asking }: Given) =>
  (await search(asking, searchedGroups, { page, projection: {} })).Resources as {
    id: string;
    members?: { value: string }[];
  }[];

test("a creation that dies anywhere and is sent again makes one user", async () => {
  await atEveryRequest(
    given,
    (_, asking) => createUser(asking, { userName: "ada@example.com", externalId: "e-1" }),
    async (world) => {
      expect(await usersOf(world)).toHaveLength(1);
      const all = await world.ports.users.list({ limit: 10, email: "ada@example.com" });
      expect(all.items).toHaveLength(1);
    },
  );
});

test("a user who is waited for is in the group, wherever the request that brings them dies", async () => {
  await atEveryRequest(
    async () => {
      const world = await given();
      await createGroup(world.asking, { displayName: "Readers", members: [{ value: "ada" }] });
      await saveUser(world.asking, "ada", { email: "ada@example.com", lastname: "Lovelace" });
      return world;
    },
    (_, asking) => createUser(asking, { userName: "ada@example.com" }),
    async (world) => expect((await groupsOf(world))[0]?.members).toMatchObject([{ value: "ada" }]),
  );
});

test("a deletion that dies anywhere and is sent again leaves nobody open and nobody in a group", async () => {
  await atEveryRequest(
    async () => {
      const world = await given();
      const { userId } = await createUser(world.asking, { userName: "ada@example.com" });
      await createGroup(world.asking, { displayName: "Readers", members: [{ value: userId }] });
      return world;
    },
    async (world, asking) => {
      const [saved] = (await world.ports.users.list({ limit: 1 })).items;
      await deleteUser(asking, String(saved?.userId));
    },
    async (world) => {
      expect(await usersOf(world)).toEqual([]);
      expect((await groupsOf(world))[0]?.members).toBeUndefined();
      expect((await world.ports.users.list({ limit: 1 })).items[0]?.user.suspended).toBe(true);
    },
  );
});

test("a group that dies on its way is whole once the provider has gone on as it does after a 409", async () => {
  await atEveryRequest(
    async () => {
      const world = await given();
      await createUser(world.asking, { userName: "ada@example.com" });
      return world;
    },
    async (world, asking) => {
      const [{ id } = { id: "" }] = await usersOf(world);
      const members = [{ value: id }];
      try {
        await createGroup(asking, { displayName: "Readers", members });
      } catch (error) {
        const [group] = await groupsOf(world);
        if (!(error instanceof ScimError) || !group) throw error;
        await patchGroup(asking, group.id, [{ op: "add", path: "members", value: members }]);
      }
    },
    async (world) => {
      const groups = await groupsOf(world);
      expect(groups).toHaveLength(1);
      expect(groups[0]?.members).toHaveLength(1);
      await deleteGroup(world.asking, String(groups[0]?.id));
      await createGroup(world.asking, { displayName: "readers" });
    },
  );
});

test("of more than 1,000 a page is read by its place or by a cursor, and a filter without a key is too many", async () => {
  const world = await given();
  const { asking } = world;
  for (let at = 0; at < 1_005; at += 1) {
    const userName = `user${at}@example.com`;
    await createUser(asking, { userName, emails: [{ value: userName }] });
  }
  const idsOf = (list: object) => (list as { Resources: { id: string }[] }).Resources.map(({ id }) => id);
  const list = (query: object) =>
    search(asking, searchedUsers, { projection: {}, page, ...query } as Parameters<typeof search>[2]);
  const first = await list({ page: { startIndex: 1, count: 1000 } });
  const second = await list({ page: { startIndex: 1001, count: 1000 } });
  expect(first).toMatchObject({ totalResults: 1_005, itemsPerPage: 1000 });
  expect(new Set([...idsOf(first), ...idsOf(second)]).size).toBe(1_005);
  const cursored = await list({ page: { cursor: "", count: 1000 } });
  expect(idsOf(cursored)).toEqual(idsOf(first));
  const rest = await list({ page: { cursor: String(cursored.nextCursor), count: 1000 } });
  expect(idsOf(rest)).toEqual(idsOf(second));
  expect(rest.nextCursor).toBeUndefined();
  expect(idsOf(await list({ page: { startIndex: 2000, count: 10 } }))).toEqual([]);
  const by = (text: string) => list({ filter: parseFilter(userType, text) });
  expect(idsOf(await by('userName eq "USER900@example.com"'))).toHaveLength(1);
  expect(idsOf(await by('emails.value eq "user900@example.com" and active eq true'))).toHaveLength(1);
  expect(idsOf(await by('emails.value eq "nobody@example.com"'))).toEqual([]);
  await expect(by('title eq "x"')).rejects.toMatchObject({ status: 400, scimType: "tooMany" });
  const groups = search(asking, searchedGroups, {
    projection: {},
    page,
    filter: parseFilter(groupType, "members pr"),
  });
  await expect(groups).rejects.toMatchObject({ scimType: "invalidFilter" });
});
