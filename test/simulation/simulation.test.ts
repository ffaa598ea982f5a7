import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ports } from "../../shared/provisioning/ports/ports.ts";
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
  "aws-idc",
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
const broken = (provider: (from: ReturnType<Ports["openProvider"]>) => object): Ground => ({
  ...ground,
  ports: {
    ...ground.ports,
    openProvider: (...target) => {
      const from = ground.ports.openProvider(...target);
      return { ...from, ...provider(from) };
    },
  },
});
const defects: [string, string, Parameters<typeof broken>[0]][] = [
  ["creates without a look-up", "generic", () => ({ findUsers: async () => [] })],
  ["loses who left a group", "generic", () => ({ changeMembers: async () => undefined })],
  ["leaves accounts open", "generic", () => ({ patchUser: async () => undefined })],
];

test.each(defects)("a product that %s is found out", { timeout: 180_000 }, async (_, name, provider) => {
  const target = targets[name as TargetName];
  const long = { seed: 1, runs: 20, commands: 25, endOnFailure: true };
  await expect(simulate(broken(provider), target, long)).rejects.toMatchObject({
    cause: { message: expect.stringContaining("WRONG: ") },
  });
});
