import { afterEach, describe, expect, test } from "vitest";
import type { Attributes } from "../../shared/model/attributes.ts";
import type { ProfileName } from "../../shared/model/profile.ts";
import type { ServiceProvider } from "../../shared/provisioning/ports/service-provider.ts";
import { createScimClient } from "../../shared/scim/client.ts";
import { startBetterAuth } from "../providers/better-auth.ts";
import type { TestProvider } from "../providers/provider.ts";
import { startQuirky } from "../providers/quirky/quirky.ts";
import { startScimmy } from "../providers/scimmy.ts";
import { startStrongDm } from "../providers/strongdm/strongdm.ts";
import { failureOf } from "./loopback.ts";

const running: TestProvider[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((provider) => provider.close()));
});

const start = async (
  server: Promise<TestProvider>,
  profile: ProfileName,
): Promise<[TestProvider, () => ServiceProvider]> => {
  const remote = await server;
  running.push(remote);
  const client = createScimClient({ allowLoopback: true });
  const open = (): ServiceProvider =>
    client(
      { baseUrl: remote.baseUrl, profile, credentials: { type: "bearer", clientSecret: remote.token } },
      { sendUntil: Date.now() + 20_000, answerUntil: Date.now() + 25_000 },
    );
  return [remote, open];
};

const person = (given: string): Attributes => ({
  userName: `${given.toLowerCase()}@example.com`,
  externalId: `u-${given}`,
  "name.givenName": given,
  "name.familyName": "Example",
  displayName: `${given} Example`,
  emails: [{ value: `${given.toLowerCase()}@example.com`, type: "work", primary: true }],
  active: true,
});

const servers: [string, () => Promise<TestProvider>, ProfileName][] = [
  ["strongDM", startStrongDm, "strongdm"],
  ["strongDM with its library of 2026", () => startStrongDm({ mode: "2026" }), "strongdm"],
  ["the quirky provider without a quirk", startQuirky, "generic"],
  ["SCIMMY, as the demo serves it", startScimmy, "generic"],
  ["better-auth", startBetterAuth, "generic"],
];

describe.each(servers)("%s", (_, startServer, profile) => {
  test("a user is looked up, created, found again, changed, deactivated and deleted", async () => {
    const [remote, open] = await start(startServer(), profile);
    const provider = open();
    expect(await provider.findUsers("ada@example.com")).toEqual([]);
    const { id } = await provider.createUser(person("Ada"));
    expect((await provider.findUsers("ada@example.com")).map((user) => user.id)).toEqual([id]);

    await provider.patchUser(id, [{ path: "name.familyName", from: "Example", to: "Lovelace" }]);
    await provider.patchUser(id, [{ path: "active", from: true, to: false }]);
    const [user] = await remote.users();
    expect(user).toMatchObject({
      id,
      active: false,
      resource: { name: { givenName: "Ada", familyName: "Lovelace" } },
    });

    await provider.deleteUser(id);
    await provider.deleteUser(id);
    expect(await provider.readUser(id)).toBeUndefined();
  });

  test("a user that is there already is a conflict, with the provider's words", async () => {
    const [, open] = await start(startServer(), profile);
    await open().createUser(person("Ada"));
    const failure = await failureOf(open().createUser(person("Ada")));
    expect(failure).toMatchObject({ kind: "conflict", status: 409, maybeApplied: false });
    expect(failure.details).not.toEqual([]);
  });

  test("a wrong token is unauthorized", async () => {
    const [remote, open] = await start(startServer(), profile);
    const provider = open();
    remote.setToken("another-token-altogether");
    expect((await failureOf(provider.findUsers("ada@example.com"))).kind).toBe("unauthorized");
  });

  test("what it can do is told", async () => {
    const [, open] = await start(startServer(), profile);
    expect(await open().capabilities()).toMatchObject({ groups: true, patch: true });
  });
});

describe.each(servers)("%s", (_, startServer, profile) => {
  test("a group is created, filled, changed, renamed, read and deleted", async () => {
    const [remote, open] = await start(startServer(), profile);
    const provider = open();
    const members: string[] = [];
    for (const name of ["Ada", "Bob", "Cyd"]) members.push((await provider.createUser(person(name))).id);
    const [ada = "", bob = "", cyd = ""] = members;

    expect(await provider.findGroups("Ops")).toEqual([]);
    const { id } = await provider.createGroup("Ops");
    await provider.changeMembers(id, { add: [ada, bob], remove: [] }, async () => {});
    await provider.changeMembers(id, { add: [cyd], remove: [ada] }, async () => {});
    await provider.renameGroup(id, "Operations");
    expect(
      (await remote.groups()).map((group) => ({ ...group, members: [...group.members].sort() })),
    ).toEqual([{ id, displayName: "Operations", members: [bob, cyd].sort() }]);
    expect((await provider.findGroups("Operations")).map((group) => group.id)).toEqual([id]);
    const shown = await provider.readGroup(id);
    expect(shown?.members?.sort()).toEqual([bob, cyd].sort());

    await provider.deleteGroup(id);
    expect(await provider.readGroup(id)).toBeUndefined();
  });
});
