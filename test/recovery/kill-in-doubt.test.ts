import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startQuirky } from "../providers/quirky/quirky.ts";
import type { Switches } from "../providers/quirky/switches.ts";
import { scimError } from "../support/steps.ts";
import { group, path, user } from "./group-world.ts";
import { startRun } from "./run-process.ts";
import { activation, makeWorld, type World } from "./world.ts";

/** Of the test that runs. */
let dataDir = "";

const given = async (
  overrides: object,
  switches: Switches = { membersHiddenOnRead: "readsMembers" in overrides },
) => {
  const provider = await startQuirky({ switches: { ...switches } });
  dataDir = mkdtempSync(join(tmpdir(), "usher-kill-"));
  const world = makeWorld(await startRun(dataDir), provider, 1);
  onTestFinished(async () => {
    world.run.kill();
    await world.run.ended;
    await provider.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const integration = activation(provider, { profile: "generic", overrides });
  world.integrationId = (await world.ok("POST", "/integrations", integration)).body.integrationId;
  for (const name of ["ada", "bob", "cyd"]) {
    const person = { email: `${user(world, name)}@example.com`, firstname: name, lastname: "Lovelace" };
    await world.ok("PUT", world.at(`/users/${user(world, name)}`), person);
  }
  const bind = (...names: string[]) =>
    world.ok("PUT", path(world), { name: group(world), members: names.map((name) => user(world, name)) });
  const held = async () => {
    const names = new Map((await provider.users()).map(({ id, userName }) => [id, userName.split("-")[0]]));
    return (await provider.groups())[0]?.members.map((id) => names.get(id)).toSorted();
  };
  return { provider, world, bind, held };
};

/**
 * The process dies when the provider has got the change of members, and carries it out, or not; then it is started
 * again.
 */
const killed = async (
  { provider, world }: Awaited<ReturnType<typeof given>>,
  call: Promise<unknown>,
  isCarriedOut = true,
) => {
  provider.intercept = ({ method, path: to }) => {
    if (method === "PATCH" && to.startsWith("/Groups")) world.run.kill();
    return isCarriedOut ? undefined : scimError(503, "Not now.");
  };
  await expect(call).rejects.toThrow();
  await world.run.ended;
  provider.intercept = undefined;
};
/** The run has recovered what was left, and no worker has come yet: what is in doubt is the call's to find. */
const recovered = () => startRun(dataDir, "without workers");

const changed = (world: World, add: string, remove: string) =>
  world.send("POST", `${path(world)}/members`, { add: [user(world, add)], remove: [user(world, remove)] });

const hidden = { readsMembers: false, replaceMembers: false };

test.each([
  ["as the profile says", hidden],
  ["and an empty list is shown", {}],
])(
  "of whom a killed change may have sent, each ends as wanted by then, where members are hidden, %s",
  async (_, overrides) => {
    const one = await given(overrides);
    const { provider, world, bind, held } = one;
    await bind("ada", "bob");
    Object.assign(provider.switches, { membersHiddenOnRead: true });
    await killed(one, changed(world, "cyd", "bob"));
    expect(await held()).toEqual(["ada", "cyd"]);
    world.run = await recovered();
    expect((await changed(world, "bob", "cyd")).body).toMatchObject({ state: "pending" });
    expect(await held()).toEqual(["ada", "bob"]);
  },
);

test("one whom a killed first binding may have added is taken out, where members are hidden", async () => {
  const one = await given(hidden);
  const { world, bind, held } = one;
  await killed(one, bind("ada", "bob"));
  world.run = await recovered();
  expect((await bind("ada")).body).toMatchObject({ state: "pending" });
  expect(await held()).toEqual(["ada"]);
});

test.each<[string, boolean, object]>([
  ["a change", true, {}],
  ["a first binding", false, hidden],
])(
  "whom %s that was killed may have sent stays in doubt, where the provider does not answer to recovery",
  async (_, isBound, overrides) => {
    const one = await given(overrides);
    const { provider, world, bind, held } = one;
    if (isBound) await bind("ada");
    await killed(one, bind("ada", "bob"));
    expect(await held()).toEqual(["ada", "bob"]);
    provider.intercept = () => scimError(503, "Not now.");
    world.run = await recovered();
    provider.intercept = undefined;
    expect((await bind("ada")).body).toMatchObject({ state: "pending" });
    expect(await held()).toEqual(["ada"]);
  },
);

test("an account that a killed rename has given another id is taken out of its group under that one", async () => {
  const { provider, world, bind } = await given({}, { idFollowsName: true });
  await bind("ada", "bob");
  provider.intercept = ({ method, path: to }) => {
    if (method === "PATCH" && to.startsWith("/Users")) world.run.kill();
    return undefined;
  };
  const email = `${user(world, "ada")}-new@example.com`;
  const person = { email, firstname: "ada", lastname: "Lovelace" };
  await expect(world.send("PUT", world.at(`/users/${user(world, "ada")}`), person)).rejects.toThrow();
  await world.run.ended;
  provider.intercept = undefined;
  world.run = await recovered();
  expect((await provider.groups())[0]?.members).toContain(email);
  await bind("bob");
  expect((await provider.groups())[0]?.members).toEqual([`${user(world, "bob")}@example.com`]);
});

test("a name that a killed change may have given is changed back, where the provider does not answer to recovery", async () => {
  const one = await given({});
  const { provider, world, bind } = one;
  await bind("ada");
  await killed(one, world.send("PUT", path(world), { name: "Renamed" }));
  expect(await provider.groups()).toMatchObject([{ displayName: "Renamed" }]);
  provider.intercept = () => scimError(503, "Not now.");
  world.run = await recovered();
  provider.intercept = undefined;
  expect((await bind("ada")).body).toMatchObject({ state: "in_sync" });
  expect(await provider.groups()).toMatchObject([{ displayName: group(world) }]);
});

test("who was put into a group that a killed call had taken over is taken out, where the provider does not answer to recovery", async () => {
  const one = await given({});
  const { provider, world, bind, held } = one;
  await fetch(`${provider.baseUrl}/Groups`, {
    method: "POST",
    headers: { authorization: `Bearer ${provider.token}`, "content-type": "application/scim+json" },
    body: JSON.stringify({
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
      displayName: group(world),
    }),
  });
  await killed(one, bind("ada", "bob"));
  expect(await held()).toEqual(["ada", "bob"]);
  provider.intercept = () => scimError(503, "Not now.");
  world.run = await recovered();
  provider.intercept = undefined;
  await world.ok("PUT", path(world), { name: "Renamed", members: [] });
  expect(await provider.groups()).toMatchObject([{ displayName: "Renamed", members: [] }]);
});

test("who is to leave by a killed change is taken out, where the group shows some of its members alone", async () => {
  const one = await given({});
  const { provider, world, bind, held } = one;
  await bind("ada", "bob", "cyd");
  provider.switches.membersShownUpTo = 1;
  await killed(one, bind("ada", "cyd"), false);
  world.run = await recovered();
  expect((await bind("ada", "cyd")).body).toMatchObject({ state: "in_sync" });
  expect(await held()).toEqual(["ada", "cyd"]);
});

test("an account that a killed creation brought back is out of the group that it left", async () => {
  const one = await given({});
  const { provider, world, bind, held } = one;
  Object.assign(provider.switches, {
    deleteDeactivates: "then404",
    deleteKeepsGroups: true,
    returnIs201: true,
  });
  await bind("ada", "bob");
  await world.ok("DELETE", `/users/${user(world, "bob")}`);
  expect(await held()).toEqual(["ada", "bob"]);
  provider.intercept = ({ method, path: to }) => {
    if (method === "POST" && to === "/Users") world.run.kill();
    return undefined;
  };
  const person = { email: `${user(world, "bob")}@example.com`, firstname: "bob", lastname: "Lovelace" };
  await expect(world.send("PUT", world.at(`/users/${user(world, "bob")}`), person)).rejects.toThrow();
  await world.run.ended;
  provider.intercept = undefined;
  world.run = await recovered();
  expect((await world.send("PUT", world.at(`/users/${user(world, "bob")}`), person)).body).toMatchObject({
    state: "in_sync",
    active: true,
  });
  expect(await held()).toEqual(["ada"]);
});

test("an account whose creation was killed is in sync once recovery has found it as it is wanted", async () => {
  const { provider, world } = await given({});
  provider.intercept = ({ method, path: to }) => {
    if (method === "POST" && to === "/Users") world.run.kill();
    return undefined;
  };
  const at = world.at(`/users/${user(world, "dan")}`);
  const person = { email: `${user(world, "dan")}@example.com`, firstname: "dan", lastname: "Lovelace" };
  await expect(world.send("PUT", at, person)).rejects.toThrow();
  await world.run.ended;
  provider.intercept = undefined;
  world.run = await recovered();
  expect((await world.ok("GET", at)).body).toMatchObject({ state: "in_sync", active: true });
});

test("a member whom a killed change may yet add is taken out although the group does not show them", async () => {
  const one = await given({});
  const { provider, world, bind } = one;
  await bind("ada");
  const members = `${path(world)}/members`;
  const cyd = [user(world, "cyd")];
  await killed(one, world.send("POST", members, { add: cyd }), false);
  world.run = await recovered();
  provider.requests.length = 0;
  expect((await world.send("POST", members, { remove: cyd })).body).toMatchObject({ state: "pending" });
  const patches = provider.requests.filter(({ method }) => method === "PATCH");
  expect(patches.map(({ body }) => JSON.stringify(body))).toEqual([expect.stringContaining("remove")]);
});

test("an account that a killed change may yet open is closed at once although a read shows it as closed, and pending until that is over", async () => {
  const { provider, world } = await given({});
  const at = world.at(`/users/${user(world, "ada")}`);
  const person = { email: `${user(world, "ada")}@example.com`, firstname: "ada", lastname: "Lovelace" };
  await world.ok("PUT", at, { ...person, suspended: true });
  provider.intercept = ({ method }) => {
    if (method === "PATCH") world.run.kill();
    return scimError(503, "Not now.");
  };
  await expect(world.send("PUT", at, person)).rejects.toThrow();
  await world.run.ended;
  provider.intercept = undefined;
  world.run = await recovered();
  provider.requests.length = 0;
  const { status, body } = await world.ok("PUT", at, { ...person, suspended: true });
  expect([status, body.state, body.active]).toEqual([202, "pending", false]);
  expect(body.reason).toContain("to look whether the account is still shut out");
  expect((await world.ok("GET", at)).body).toMatchObject({ state: "pending", active: false });
  const patches = provider.requests.filter(({ method }) => method === "PATCH");
  expect(patches.map(({ body }) => JSON.stringify(body))).toEqual([
    expect.stringMatching(/"path":"active","value":false/),
  ]);
});
