import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { call, GROUP } from "../providers/call.ts";
import { startStrongDm } from "../providers/strongdm/strongdm.ts";
import { bind, bound, group, holds, path, saved, user } from "./group-world.ts";
import { providerState } from "./inspect.ts";
import { killEverywhere } from "./kill-harness.ts";
import { startRun } from "./run-process.ts";
import { activate, makeWorld, type Scenario } from "./world.ts";

const scenarios: Record<string, Scenario> = {
  "add one member": {
    async prepare(world) {
      await saved("ada", "bob")(world);
      await bind("ada")(world);
      await world.ok("PUT", world.at(`/users/${user(world, "bob")}`));
    },
    call: (world) => world.send("POST", `${path(world)}/members`, { add: [user(world, "bob")] }),
    expected: holds({ ada: true, bob: true }, ["ada", "bob"]),
  },
  "remove one member, who is deprovisioned": {
    async prepare(world) {
      await bound("ada", "bob")(world);
      // What a killed call has left is carried out by itself, where the account would be kept for a grace.
      await world.ok("PATCH", world.at(""), { policies: { unassignedGrace: "0" } });
    },
    call: (world) => world.send("POST", `${path(world)}/members`, { remove: [user(world, "bob")] }),
    expected: holds({ ada: true, bob: false }, ["ada"]),
  },
  "take a group over": {
    async prepare(world) {
      await bound("ada", "bob")(world);
      // The provider keeps the group, and the integration starts anew.
      await world.ok("DELETE", `/integrations/${world.integrationId}`);
      world.provider.requests.length = 0;
      await activate(world);
      for (const name of ["ada", "bob"]) await world.ok("PUT", world.at(`/users/${user(world, name)}`));
    },
    call: (world) =>
      world.send("PUT", `${path(world)}?existing=replace&confirm=1`, {
        name: group(world),
        members: [user(world, "ada")],
      }),
    expected: holds({ ada: true, bob: true }, ["ada"]),
  },
  rename: {
    prepare: bound("ada"),
    call: (world) => world.send("PUT", path(world), { name: `${group(world)} renamed` }),
    expected: (world) => ({
      ...holds({ ada: true })(world),
      groups: [{ group: `${group(world)} renamed`, members: [user(world, "ada")] }],
    }),
  },
  "unbind and delete": {
    prepare: bound("ada", "bob"),
    call: (world) => world.send("DELETE", `${path(world)}?action=delete`),
    expected: holds({ ada: false, bob: false }),
    async check(world, when) {
      if (when === "recovered") return [];
      const again = await bind("ada", "bob")(world);
      const now = JSON.stringify(await providerState(world.provider));
      const wanted = JSON.stringify(holds({ ada: true, bob: true }, ["ada", "bob"])(world));
      return now === wanted ? [] : [`bound again: ${again.status}, the provider holds ${now}`];
    },
  },
};

for (const [name, scenario] of Object.entries(scenarios)) {
  test(`${name}: what the kill cut off is told once, and completed by the call again`, async () => {
    const { afterSteps, beforeAnswers, problems } = await killEverywhere(scenario);
    expect(problems).toEqual([]);
    expect(afterSteps).toBeGreaterThanOrEqual(5);
    expect(beforeAnswers).toBeGreaterThanOrEqual(1);
  }, 180_000);
}

test("a group that comes of a creation cut off by the kill goes with the one that is deleted", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "usher-kill-"));
  const provider = await startStrongDm();
  const first = await startRun(dataDir);
  const world = makeWorld(first, provider, 1);
  onTestFinished(async () => {
    world.run.kill();
    await world.run.ended;
    await provider.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  await saved("ada")(world);
  provider.intercept = (request) => {
    if (request.method !== "POST" || request.path !== "/Groups") return undefined;
    first.kill();
    return "hang";
  };
  await expect(bind("ada")(world)).rejects.toThrow();
  await first.ended;
  provider.intercept = undefined;
  world.run = await startRun(dataDir);
  await call(provider, "POST", "/Groups", { schemas: [GROUP], displayName: group(world), members: [] });
  expect((await world.ok("DELETE", `${path(world)}?action=delete`)).body.state).toBe("deleted");
  expect(await provider.groups()).toEqual([]);
}, 60_000);
