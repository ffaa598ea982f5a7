import { expect, test } from "vitest";
import { call as callProvider, USER } from "../providers/call.ts";
import { killEverywhere } from "./kill-harness.ts";
import { activate, type Scenario, type World } from "./world.ts";

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
