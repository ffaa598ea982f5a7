import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestProvider } from "../providers/provider.ts";
import { startStrongDm } from "../providers/strongdm/strongdm.ts";
import { givenIntegration, useUsher } from "../support/steps.ts";
import { learnNames } from "./check-world.ts";
import type { Names } from "./explain.ts";
import {
  again,
  type FaultScenario,
  type FaultWorld,
  wrongAfterCall,
  wrongAfterLeaving,
  wrongAnswer,
} from "./store-fault-world.ts";
import { type Moment, useStoreFaults } from "./store-faults.ts";

const usher = useUsher();
const stores = useStoreFaults();
const moments: Moment[] = ["before", "after"];

let made = 0;
const idsOf = (number: number) => (name: string) => `${name}-${number}`;

const userPath = (world: FaultWorld, name: string) => world.at(`/users/${world.id(name)}`);
const groupPath = (world: FaultWorld) => world.at(`/groups/${world.id("Admins")}`);
const put = (world: FaultWorld, name: string, fields: object = {}) =>
  world.call("PUT", userPath(world, name), {
    email: `${world.id(name)}@example.com`,
    firstname: name,
    lastname: "Lovelace",
    ...fields,
  });
const bind = (world: FaultWorld, name: string, ...members: string[]) =>
  world.call("PUT", groupPath(world), { name: name + world.id(""), members: members.map(world.id) });
const saved =
  (...names: string[]) =>
  async (world: FaultWorld) => {
    for (const name of names)
      await world.call("PUT", `/users/${world.id(name)}`, {
        email: `${world.id(name)}@example.com`,
        firstname: name,
        lastname: "Lovelace",
      });
  };
const provisioned = async (world: FaultWorld) => void (await put(world, "ada"));
const bound =
  (...members: string[]) =>
  async (world: FaultWorld) => {
    await saved("ada", "bob")(world);
    await bind(world, "Admins", ...members);
  };
const change = (difference: object) => (world: FaultWorld) =>
  world.call("POST", `${groupPath(world)}/members`, difference);

const open = { users: { ada: true }, leavers: ["ada"] };
const both = { ada: true, bob: true };
const scenarios: Record<string, FaultScenario> = {
  "a new user": { call: (world) => put(world, "ada"), holds: { users: open.users }, leavers: ["ada"] },
  "a changed user": {
    prepare: provisioned,
    call: (world) => put(world, "ada", { jobTitle: "Analyst" }),
    holds: { users: open.users },
    leavers: ["ada"],
  },
  "an unchanged user": {
    prepare: provisioned,
    call: (world) => put(world, "ada"),
    holds: { users: open.users },
    leavers: ["ada"],
  },
  "a user who is deprovisioned": {
    prepare: provisioned,
    call: (world) => world.call("DELETE", `${userPath(world, "ada")}?action=deprovision`),
    holds: { users: { ada: false } },
    leavers: ["ada"],
  },
  "a user who is deleted": {
    prepare: provisioned,
    call: (world) => world.call("DELETE", `${userPath(world, "ada")}?action=delete`),
    holds: { users: {} },
    leavers: [],
  },
  "a user who leaves": {
    prepare: provisioned,
    call: (world) => world.call("DELETE", `/users/${world.id("ada")}`),
    holds: { users: {} },
    leavers: [],
  },
  "a new group with a new member": {
    prepare: saved("ada"),
    call: (world) => bind(world, "Admins", "ada"),
    holds: { users: { ada: true }, group: { name: "Admins", members: ["ada"] } },
    leavers: ["ada"],
  },
  "a renamed group": {
    prepare: bound("ada"),
    call: (world) => bind(world, "Owners", "ada"),
    holds: { users: { ada: true }, group: { name: "Owners", members: ["ada"] } },
    leavers: ["ada"],
  },
  "a member more": {
    prepare: bound("ada"),
    call: (world) => change({ add: [world.id("bob")] })(world),
    holds: { users: both, group: { name: "Admins", members: ["ada", "bob"] } },
    leavers: ["ada", "bob"],
  },
  "a member less": {
    prepare: bound("ada", "bob"),
    call: (world) => change({ remove: [world.id("bob")] })(world),
    holds: { users: { ada: true, bob: false }, group: { name: "Admins", members: ["ada"] } },
    leavers: ["ada", "bob"],
  },
  "an unbound group": {
    prepare: bound("ada"),
    call: (world) => world.call("DELETE", groupPath(world)),
    holds: { users: { ada: false }, group: { name: "Admins", members: ["ada"] } },
    leavers: ["ada"],
  },
  "a deleted group": {
    prepare: bound("ada"),
    call: (world) => world.call("DELETE", `${groupPath(world)}?action=delete`),
    holds: { users: { ada: false } },
    leavers: ["ada"],
  },
};

/** One call whose nth request to a store fails. Undefined where it came through without meeting the fault. */
const failOnce = async (
  world: FaultWorld,
  scenario: FaultScenario,
  [nth, moment]: [number, Moment],
): Promise<string[] | undefined> => {
  const { provider } = world;
  await scenario.prepare?.(world);
  const names: Names = new Map();
  await learnNames(names, provider);
  provider.requests.length = 0;
  const from = new Date().toISOString();

  const { met, came } = await stores.failing(nth, moment, () => scenario.call(world));
  const problems = wrongAnswer(came);
  if (came.status >= 300) problems.push(...(await again(usher, () => scenario.call(world))));
  problems.push(...(await wrongAfterCall(world, scenario, from, names)));
  problems.push(...(await wrongAfterLeaving(world, scenario)));
  if (met === undefined) return problems.length > 0 ? problems.map((what) => `no fault: ${what}`) : undefined;
  return problems.map((what) => `${moment} ${nth} (${met}): ${what}`);
};

let provider: TestProvider;
let integrationId = "";
beforeAll(async () => {
  provider = await startStrongDm();
  ({ integrationId } = await givenIntegration(usher, provider, {
    // The guard counts what all these calls take away from the one integration that they share.
    policies: { onUserUnassigned: "deprovision", guard: { users: 10_000, percent: 100, most: 10_000 } },
  }));
});
afterAll(() => provider.close());

test.each(Object.entries(scenarios))(
  "%s ends as the directory says and is told once, whichever request to a store fails",
  async (_, scenario) => {
    const problems: string[] = [];
    let faults = 0;
    for (const moment of moments) {
      for (let nth = 1; ; nth += 1) {
        made += 1;
        const id = idsOf(made);
        const at = (path: string) => `/integrations/${integrationId}${path}`;
        const world = { usher, provider, integrationId, id, at, call: usher.call };
        const found = await failOnce(world, scenario, [nth, moment]);
        if (!found) break;
        faults += 1;
        problems.push(...found);
        if (nth > 100 || found.some((what) => what.startsWith("no fault"))) break;
      }
    }
    expect(problems).toEqual([]);
    expect(faults).toBeGreaterThan(0);
  },
  120_000,
);
