import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestProvider } from "../providers/provider.ts";
import { startStrongDm } from "../providers/strongdm.ts";
import { type Answer, activation, aPerson, eventsOf, givenIntegration, useUsher } from "../support/steps.ts";
import { learnNames } from "./check-world.ts";
import type { Names } from "./explain.ts";
import {
  type FaultScenario,
  type FaultWorld,
  wrongAfterCall,
  wrongAfterLeaving,
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

/** Fine, or the word that the store did not do its part. */
const wrongAnswer = ({ status, text, body }: Answer): string[] =>
  status < 300 || ["store-unavailable", "audit-unavailable"].includes(String(body.code))
    ? []
    : [`the call: ${status} ${text}`];

/** The same call until it comes through; recovery helps once. */
const again = async (call: () => Promise<Answer>): Promise<string[]> => {
  if ((await call()).status < 300) return [];
  await usher.run.recover();
  const { status, text } = await call();
  return status < 300 ? [] : [`the call again: ${status} ${text}`];
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
  if (came.status >= 300) problems.push(...(await again(() => scenario.call(world))));
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
    policies: { onUserUnassigned: "deprovision" },
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
  60_000,
);

type Lifecycle = {
  call(at: string, world: { provider: TestProvider; next: string }): Promise<Answer>;
  type: string;
  /** The integration is gone in the end. */
  ends?: true;
};
const exchanged = (clientSecret: string) => ({ credentials: { type: "bearer", clientSecret } });
const lifecycles: Record<string, Lifecycle> = {
  "an update with new credentials": {
    call: (at, { next }) => usher.call("PATCH", at, exchanged(next)),
    type: "idm_integration_update",
  },
  "a reauth": {
    call: (at, { next }) => usher.call("POST", `${at}/reauth`, exchanged(next)),
    type: "idm_integration_reauth",
  },
  "a deleted integration": {
    async call(at) {
      const answer = await usher.call("DELETE", at);
      // Recovery may have finished it.
      return answer.body.code === "integration-not-active" ? { ...answer, status: 204 } : answer;
    },
    type: "idm_integration_delete",
    ends: true,
  },
};

/** What is wrong with the integration and its events since `from`, once the call has come through. */
const wrongLifecycle = async (id: string, from: string, { type, ends }: Lifecycle): Promise<string[]> => {
  const at = `/integrations/${id}`;
  const problems: string[] = [];
  const events = await eventsOf(usher, `integrationId=${id}&eventType=${type}&from=${from}`);
  if (events.filter(({ success }) => success).length === 0) problems.push("no event of the success");
  const ids = events.map((event) => event.id);
  if (new Set(ids).size < ids.length) problems.push("two events of one attempt");
  const failures = events.filter(({ success }) => !success).map((event) => String(event.error_message));
  problems.push(...failures.filter((told) => !/cut off before/.test(told)));
  const { body } = await usher.call("GET", at);
  if (body.status !== (ends ? "deleted" : "active")) problems.push(`the integration is ${body.status}`);
  if (ends) return problems;
  const { userId, user } = aPerson();
  const used = await usher.call("PUT", `${at}/users/${userId}`, user);
  return used.status === 200 ? problems : [...problems, `its use: ${used.text}`];
};

test.each(Object.entries(lifecycles))(
  "%s comes through and is told, whichever request to a store fails",
  async (_, lifecycle) => {
    const problems: string[] = [];
    let faults = 0;
    for (const moment of moments) {
      for (let isMet = true, nth = 1; isMet; nth += 1) {
        const own = await startStrongDm();
        const { integrationId: id, path } = await givenIntegration(usher, own);
        const world = { provider: own, next: `the-next-token-${nth}` };
        if (!lifecycle.ends) own.setToken(world.next);
        const from = new Date().toISOString();
        const call = () => lifecycle.call(path, world);
        const { met, came } = await stores.failing(nth, moment, call);
        const found = [...wrongAnswer(came), ...(came.status >= 300 ? await again(call) : [])];
        found.push(...(await wrongLifecycle(id, from, lifecycle)));
        problems.push(...found.map((what) => `${moment} ${nth} (${met}): ${what}`));
        isMet = met !== undefined;
        if (isMet) faults += 1;
        await own.close();
      }
    }
    expect(problems).toEqual([]);
    expect(faults).toBeGreaterThan(3);
  },
  60_000,
);

test("an activation comes through or leaves nothing, and is told, whichever request to a store fails", async () => {
  const problems: string[] = [];
  for (const moment of moments) {
    for (let isMet = true, nth = 1; isMet; nth += 1) {
      const own = await startStrongDm();
      const call = () => usher.call("POST", "/integrations", activation(own));
      const { met, came } = await stores.failing(nth, moment, call);
      await usher.run.recover();
      const all = await usher.call("GET", "/integrations?limit=500");
      const found = all.body.items.filter(({ baseUrl }) => baseUrl === own.baseUrl);
      const events = (await eventsOf(usher, "eventType=idm_integration_activate")).filter((event) =>
        JSON.stringify(event.changes).includes(own.baseUrl),
      );
      const told = events.filter(({ success }) => success).map((event) => event.idm_client_id);
      const is = JSON.stringify(found.map(({ integrationId: id }) => id));
      if (is !== JSON.stringify(told)) problems.push(`${moment} ${nth} (${met}): ${is} and told ${told}`);
      if (events.length > 1) problems.push(`${moment} ${nth} (${met}): ${events.length} events`);
      problems.push(...wrongAnswer(came).map((what) => `${moment} ${nth} (${met}): ${what}`));
      for (const { integrationId: id } of found) {
        const { userId, user } = aPerson();
        const used = await usher.call("PUT", `/integrations/${id}/users/${userId}`, user);
        if (used.status !== 200) problems.push(`${moment} ${nth} (${met}): its use: ${used.text}`);
      }
      isMet = met !== undefined;
      await own.close();
    }
  }
  expect(problems).toEqual([]);
}, 60_000);
