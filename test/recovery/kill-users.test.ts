import { expect, test } from "vitest";
import { call as callProvider, USER } from "../providers/call.ts";
import { killEverywhere } from "./kill-harness.ts";
import { activate, activation, type Scenario, type World } from "./world.ts";

const ada = (world: World) => world.id("ada");
const path = (world: World) => world.at(`/users/${ada(world)}`);
const person = (world: World, fields: object = {}) => ({
  email: `${ada(world)}@example.com`,
  firstname: "Ada",
  lastname: "Lovelace",
  ...fields,
});

const provisioned =
  (fields: object = {}) =>
  async (world: World) => {
    await activate(world);
    await world.ok("PUT", path(world), person(world, fields));
  };
const put =
  (fields: object = {}) =>
  (world: World) =>
    world.send("PUT", path(world), person(world, fields));
const take = (action: string) => (world: World) => world.send("DELETE", `${path(world)}?action=${action}`);
const holds =
  (...accounts: { active: boolean; title?: string }[]) =>
  (world: World) => ({
    users: accounts.map((account) => ({ user: ada(world), ...account })),
    groups: [],
  });

const scenarios = {
  create: {
    prepare: activate,
    call: put({ jobTitle: "Analyst" }),
    expected: holds({ active: true, title: "Analyst" }),
  },
  "adopt and change": {
    async prepare(world) {
      await activate(world);
      const account = {
        schemas: [USER],
        userName: `${ada(world)}@example.com`,
        name: { givenName: "Ada", familyName: "Byron" },
        emails: [{ value: `${ada(world)}@example.com`, type: "work", primary: true }],
        active: true,
      };
      await callProvider(world.provider, "POST", "/Users", account);
      world.provider.requests.length = 0;
    },
    call: put({ jobTitle: "Analyst" }),
    expected: holds({ active: true, title: "Analyst" }),
  },
  update: {
    prepare: provisioned({ jobTitle: "Analyst" }),
    call: put({ jobTitle: "Countess", lastname: "King" }),
    expected: holds({ active: true, title: "Countess" }),
  },
  "clear an attribute": {
    prepare: provisioned({ jobTitle: "Analyst" }),
    call: put(),
    expected: holds({ active: true }),
  },
  deprovision: { prepare: provisioned(), call: take("deprovision"), expected: holds({ active: false }) },
  reactivate: {
    async prepare(world) {
      await provisioned()(world);
      await world.ok("DELETE", `${path(world)}?action=deprovision`);
    },
    call: put({ jobTitle: "Countess" }),
    expected: holds({ active: true, title: "Countess" }),
  },
  delete: { prepare: provisioned(), call: take("delete"), expected: holds() },
  "delete after deprovision": {
    async prepare(world) {
      await provisioned()(world);
      await world.ok("DELETE", `${path(world)}?action=deprovision`);
    },
    call: take("delete"),
    expected: holds(),
  },
  leave: {
    prepare: provisioned(),
    call: (world) => world.send("DELETE", `/users/${ada(world)}`),
    expected: holds(),
  },
} satisfies Record<string, Scenario>;

for (const [name, scenario] of Object.entries(scenarios)) {
  test(`${name}: what the kill cut off is told once, and completed by the call again`, async () => {
    const { afterSteps, beforeAnswers, problems } = await killEverywhere(scenario);
    expect(problems).toEqual([]);
    // Intent, request, event, link.
    expect(afterSteps).toBeGreaterThanOrEqual(4);
    expect(beforeAnswers).toBeGreaterThanOrEqual(1);
  }, 120_000);
}

/** Somebody leaves, and the account, which stays shut out, is wanted by another userId of the same address. */
const rehired: Scenario = {
  async prepare(world) {
    const policies = { onUserDeleted: "deprovision" };
    const { body } = await world.ok("POST", "/integrations", activation(world.provider, { policies }));
    world.integrationId = body.integrationId;
    const before = world.id("before");
    await world.ok("PUT", world.at(`/users/${before}`), person(world, { jobTitle: "Analyst" }));
    await world.ok("DELETE", `/users/${before}`);
  },
  call: put({ jobTitle: "Countess" }),
  expected: holds({ active: true, title: "Countess" }),
  async check(world) {
    const { body } = await world.send("GET", world.at(`/users/${world.id("before")}`));
    const other = await world.send("GET", path(world));
    return body.remoteId !== undefined && body.remoteId === other.body.remoteId
      ? ["two have the account"]
      : [];
  },
};
/** What was sent of the leaver before the call is told by the leaver's name, and not by that of the account. */
const isOfLeaver = (problem: string) =>
  /no (event tells|request made): (create|deactivate) user (ada|before)-/.test(problem);

test.each(["start", "call"] as const)(
  "an account that goes to another user has one owner wherever the call is killed, found by the %s",
  async (finder) => {
    const { afterSteps, problems } = await killEverywhere(rehired, finder);
    expect(problems.filter((problem) => !isOfLeaver(problem))).toEqual([]);
    // Also the link of the leaver, which forgets the account, and the claim, which moves.
    expect(afterSteps).toBeGreaterThanOrEqual(7);
  },
  120_000,
);

test.each([
  ["create", "sweep"],
  ["update", "call"],
] as const)(
  "%s on AWS, where no lease is voided: the %s settles what the kill cut off",
  async (name, finder) => {
    const { afterSteps, problems } = await killEverywhere(scenarios[name], finder);
    expect(problems).toEqual([]);
    expect(afterSteps).toBeGreaterThanOrEqual(5);
  },
  120_000,
);
