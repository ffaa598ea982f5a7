import { expect, test } from "vitest";
import { defects } from "./defects.ts";
import { explain, firstFailure } from "./explore.ts";
import { makeAutomaticPlan } from "./make-automatic-plan.ts";
import { makePlan } from "./make-plan.ts";
import type { Plan } from "./plan.ts";
import { shrink } from "./shrink.ts";
import { simulate } from "./simulate.ts";
import { type TargetName, targets } from "./targets.ts";

const seeds = [1, 2, 3, 4, 5];

test.each(Object.keys(targets) as TargetName[])(
  "the same seed gives the same trace with %s",
  async (name) => {
    for (const seed of seeds) {
      const [one, other] = [await simulate(makePlan(name, seed)), await simulate(makePlan(name, seed))];
      expect(other).toEqual(one);
      expect(one.trace.length).toBeGreaterThan(10);
    }
  },
);

test("the same seed gives the same trace where the service works by itself", async () => {
  for (const seed of seeds) {
    const plan = makeAutomaticPlan("generic", seed);
    const [one, other] = [await simulate(plan), await simulate(plan)];
    expect(other).toEqual(one);
    expect(one.trace.some((line) => /w\d+-drain/.test(line))).toBe(true);
  }
});

test("worlds that are run at the same time do not touch each other", async () => {
  const alone = [];
  for (const seed of seeds) alone.push((await simulate(makePlan("generic", seed))).trace);
  const together = await Promise.all(seeds.map((seed) => simulate(makePlan("generic", seed))));
  expect(together.map(({ trace }) => trace)).toEqual(alone);
});

test("another seed gives another world", async () => {
  const traces = await Promise.all(seeds.map((seed) => simulate(makePlan("generic", seed))));
  expect(new Set(traces.map(({ trace }) => trace.join("\n"))).size).toBe(seeds.length);
});

test("the same calls under another seed of the call run in another order", async () => {
  const call = (user: number, chance: number) => ({
    what: { do: "assign" as const, user },
    process: user,
    chance,
  });
  const plan = (chance: number): Plan => ({
    target: "generic",
    policies: { onUserUnassigned: "deprovision", onUserDeleted: "delete" },
    chance: 1,
    rounds: [[call(0, 3 * chance), call(1, 3 * chance + 3)]],
  });
  const orders = await Promise.all([1, 2, 3, 4, 5, 6].map((chance) => simulate(plan(chance))));
  const order = (trace: string[]) => trace.map((line) => line.replace(/^\d+ /, "")).join("\n");
  expect(new Set(orders.map(({ trace }) => order(trace))).size).toBeGreaterThan(3);
  for (const { problems } of orders) expect(problems).toEqual([]);
});

test("a failing world is told by its smallest story, with a test that fails in the same way", async () => {
  const { defect } = defects["forgets a leaver when a group fails"];
  const found = await firstFailure("generic", { seed: 1, worlds: 2_000, defect });
  if (!found) throw new Error("the defect was not found");
  const told = await explain(found, { defect });
  const printed = /const plan: Plan = (.*);$/m.exec(told)?.[1] ?? "";
  const smallest = JSON.parse(printed) as Plan;
  const calls = ({ rounds }: Plan) => rounds.flat().length;
  expect(calls(smallest)).toBeLessThan(calls(found.plan));
  expect(calls(smallest)).toBeLessThanOrEqual(4);
  const { problems } = await simulate(smallest, { defect });
  expect(problems.length).toBeGreaterThan(0);
  expect(told).toContain(`WRONG: ${problems[0]}`);
});

test("a plan is made smaller as long as it fails: rounds, calls, faults and members", async () => {
  const plan = makePlan("generic", 8);
  const isEnough = ({ rounds }: Plan) => rounds.flat().some(({ what }) => what.do === "bind");
  expect(isEnough(plan)).toBe(true);
  const smallest = await shrink(plan, async (smaller) => isEnough(smaller));
  expect(smallest.rounds).toHaveLength(1);
  expect(smallest.rounds[0]).toEqual([
    {
      what: { do: "bind", group: expect.any(Number), variant: expect.any(String), members: [] },
      process: expect.any(Number),
      chance: expect.any(Number),
    },
  ]);
});
