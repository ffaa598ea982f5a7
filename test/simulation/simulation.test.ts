import { afterAll, beforeAll, expect, test } from "vitest";
import type { ServiceProvider } from "../../shared/provisioning/ports/service-provider.ts";
import { type Ground, startGround } from "./ground.ts";
import { simulate } from "./simulate.ts";
import { type TargetName, targets } from "./targets.ts";

let ground: Ground;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(() => ground?.close());

const short = { seed: 1, runs: 4, commands: 30 };
const names: TargetName[] = [
  "generic",
  "strongdm",
  "aws-identity-center",
  "slack",
  "github-emu",
  "gitlab",
  "late-writer",
  "flaky",
  "no-patch",
];

test.each(names)(
  "random calls, faults on the way and two at a time leave %s as the directory says, once the faults stop",
  { timeout: 180_000 },
  async (name) => {
    const count = { operations: 0 };
    await simulate(ground, targets[name], short, count);
    expect(count.operations).toBeGreaterThan(20);
  },
);

/** A product with a defect: what the simulation is for. */
const broken = (defect: Partial<ServiceProvider>): Ground => ({
  ...ground,
  ports: {
    ...ground.ports,
    openProvider: (...target) => ({ ...ground.ports.openProvider(...target), ...defect }),
  },
});
const defects: [string, Partial<ServiceProvider>][] = [
  ["creates without a look-up", { findUsers: async () => [] }],
  ["loses changes of members", { changeMembers: async () => undefined }],
  ["leaves accounts open", { patchUser: async () => ({ unconfirmed: [] }) }],
];

test.each(defects)("a product that %s is found out", { timeout: 180_000 }, async (_, defect) => {
  const long = { seed: 1, runs: 20, commands: 25, endOnFailure: true };
  await expect(simulate(broken(defect), targets.generic, long)).rejects.toMatchObject({
    cause: { message: expect.stringContaining("WRONG: ") },
  });
});
