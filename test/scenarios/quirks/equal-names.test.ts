import { expect, test } from "vitest";
import { call, GROUP } from "../../providers/call.ts";
import { givenQuirky, groupWrites } from "../../support/quirks.ts";
import {
  eventTypesOf,
  expectOk,
  forget,
  givenSaved,
  newId,
  requestLines,
  useUsher,
} from "../../support/steps.ts";

const usher = useUsher();

const spelled = (userId: string) => `Ann.${userId}@Example.com`;

test.each([false, true])(
  "an account under the directory's own spelling is found by a filter that minds case (%s: names may repeat)",
  async (allowsDuplicates) => {
    const { provider, userId, user, path } = await givenQuirky(usher, {
      filterMindsCase: true,
      allowsDuplicates,
    });
    const there = provider.addUser({ userName: spelled(userId) });
    const { body } = expectOk(await usher.call("PUT", path, { ...user, email: spelled(userId) }));
    expect(body).toMatchObject({ action: "adopted", state: "in_sync", remoteId: there });
    expect(await provider.users()).toHaveLength(1);
    expect(requestLines(provider).filter((line) => line === "GET /Users")).toHaveLength(2);
  },
);

test("the directory's own spelling of an externalId is found as well", async () => {
  const { provider, userId, user, path } = await givenQuirky(
    usher,
    { uniqueExternalId: true },
    {
      profile: "aws-identity-center",
      overrides: { userFilter: "externalId" },
      attributeMappings: [{ target: "externalId", source: "email" }],
    },
  );
  const there = provider.addUser({ userName: "before@example.com", externalId: spelled(userId) });
  const { body } = expectOk(await usher.call("PUT", path, { ...user, email: spelled(userId) }));
  expect(body).toMatchObject({ action: "adopted", remoteId: there });
});

test("a new user whose address is in lower case costs one look-up", async () => {
  const { provider, user, path } = await givenQuirky(usher, { filterMindsCase: true });
  expectOk(await usher.call("PUT", path, user));
  expect(requestLines(provider)).toEqual(["GET /Users", "POST /Users"]);
});

test("an account that the filters do not find is found by the list behind a 409", async () => {
  const { provider, userId, user, path } = await givenQuirky(usher, { filterMindsCase: true });
  for (let at = 0; at < 150; at += 1) provider.addUser({ userName: `somebody-${at}@example.com` });
  const there = provider.addUser({ userName: user.email.toUpperCase() });
  const { body } = expectOk(await usher.call("PUT", path, user));
  expect(body).toMatchObject({ action: "adopted", state: "in_sync", remoteId: there });
  expect(await eventTypesOf(usher, `userId=${userId}`)).toEqual(["user_update_provision"]);
});

/** A group that is there, and a call that binds a directory group of another name. */
const givenThere = async (names: string[], switches: Parameters<typeof givenQuirky>[1]) => {
  const { provider, integration } = await givenQuirky(usher, { ...switches, allowsDuplicates: true });
  const there: unknown[] = [];
  for (const displayName of names) {
    const { json } = await call(provider, "POST", "/Groups", { schemas: [GROUP], displayName, members: [] });
    there.push(json.id);
  }
  provider.switches.allowsDuplicates = switches.allowsDuplicates ?? false;
  const [member = "", second = ""] = await givenSaved(usher, 2);
  const bind = (name: string, groupId = newId("group"), members = [member]) =>
    usher.call("PUT", `${integration.path}/groups/${groupId}`, { name, members });
  forget(provider);
  return { provider, there, bind, second };
};

test.each(["everywhere", "unfiltered"] as const)(
  "a group of another case is taken, and named as the directory names it, where names are alike %s",
  async (groupNamesAlike) => {
    const { provider, there, bind } = await givenThere(["engineering"], { groupNamesAlike });
    const groupId = newId("group");
    expect((await bind("Engineering", groupId)).body).toMatchObject({
      action: "adopted",
      state: "in_sync",
      remoteId: there[0],
      members: { added: 1 },
    });
    expect(await provider.groups()).toMatchObject([
      { displayName: "Engineering", members: [expect.any(String)] },
    ]);
    forget(provider);
    expect((await bind("Engineering", groupId)).body).toMatchObject({
      action: "unchanged",
      state: "in_sync",
    });
    expect(requestLines(provider)).toEqual([]);
  },
);

test.each([
  ["another normal form", "Équipe Ventes".normalize("NFD")],
  ["blanks around it", " Équipe Ventes "],
])("a group that has its name in %s is taken, and not renamed", async (_, theirs) => {
  const { provider, there, bind } = await givenThere([theirs], { groupNamesAlike: "everywhere" });
  expect((await bind("Équipe Ventes")).body).toMatchObject({
    action: "adopted",
    state: "in_sync",
    remoteId: there[0],
  });
  expect(groupWrites(provider)).toHaveLength(1);
  expect(await provider.groups()).toMatchObject([{ displayName: theirs }]);
});

test("of several groups of an equal name the one of exactly that name is taken", async () => {
  const names = ["OPS", "ops", "Ops"];
  const { there, bind } = await givenThere(names, { groupNamesAlike: "everywhere" });
  expect((await bind("Ops")).body).toMatchObject({ action: "adopted", remoteId: there[2] });
});

test("the exact one is found also where the filter is ignored and others come before it", async () => {
  const names = ["OPS", "ops", ...Array.from({ length: 30 }, (_, at) => `Team ${at}`), "Ops"];
  const { there, bind } = await givenThere(names, { filterIgnored: "everything" });
  expect((await bind("Ops")).body).toMatchObject({ action: "adopted", remoteId: there.at(-1) });
});

test("several groups of an equal name and none of exactly that name are a failure that names them", async () => {
  const { provider, there, bind } = await givenThere(["OPS", "ops"], { groupNamesAlike: "everywhere" });
  const { status, body } = await bind("Ops");
  expect([status, body.code]).toEqual([502, "provider-rejected"]);
  for (const id of there) expect(body.detail).toContain(id);
  expect(groupWrites(provider)).toEqual([]);
});

test("two directory groups whose names are equal for the provider never share a group", async () => {
  const { provider, bind, second } = await givenThere([], { groupNamesAlike: "everywhere" });
  const first = expectOk(await bind("Ops")).body.remoteId;
  const { status, body } = await bind("OPS", newId("group"), [second]);
  expect([status, body.code]).toEqual([409, "account-claimed"]);
  const groups = await provider.groups();
  expect(groups).toMatchObject([{ id: first, members: [expect.any(String)] }]);
});

test("two directory groups of equal names have a group each where the provider lets both be", async () => {
  const { provider, bind, second } = await givenThere([], {
    groupNamesAlike: "everywhere",
    allowsDuplicates: true,
  });
  const first = expectOk(await bind("Ops")).body.remoteId;
  const other = expectOk(await bind("OPS", newId("group"), [second])).body.remoteId;
  expect(other).not.toBe(first);
  expect((await provider.groups()).map(({ displayName }) => displayName)).toEqual(["Ops", "OPS"]);
});
