import { makePlan } from "./make-plan.ts";
import type { Plan } from "./plan.ts";
import { shrink } from "./shrink.ts";
import { simulate } from "./simulate.ts";
import type { TargetName } from "./targets.ts";
import type { Options } from "./world.ts";

/** A world in which a promise was broken. */
export type Found = { seed: number; plan: Plan; problems: string[] };

type Search = Options & {
  seed: number;
  worlds: number;
  /** Of calls on demand alone where not given. */
  make?: typeof makePlan;
  /** Whether it is such a failure; any where not given. */
  isWanted?: (problems: string[]) => boolean;
};

/** Try the worlds of these seeds, one after the other, until one fails. */
export const firstFailure = async (
  target: TargetName,
  { seed, worlds, isWanted = () => true, make = makePlan, ...options }: Search,
): Promise<Found | undefined> => {
  for (let at = seed; at < seed + worlds; at += 1) {
    const plan = make(target, at);
    const { problems } = await simulate(plan, options);
    if (problems.length > 0 && isWanted(problems)) return { seed: at, plan, problems };
  }
  return undefined;
};

/** What kind of problem it is: its words without ids, names and numbers. */
const kindOf = (problem: string): string =>
  problem
    .replace(/"[^"]*"/g, "")
    .replace(/\b[\w-]*\d[\w-]*\b/g, "")
    .slice(0, 60);

/** The smallest plan that we find with a problem of the same kind, and all that is told of it, with a test to paste. */
export const explain = async ({ seed, plan, problems }: Found, options?: Options): Promise<string> => {
  const kinds = new Set(problems.map(kindOf));
  const smallest = await shrink(plan, async (smaller) =>
    (await simulate(smaller, options)).problems.some((problem) => kinds.has(kindOf(problem))),
  );
  const result = await simulate(smallest, options);
  return [
    ...result.problems.map((problem) => `WRONG: ${problem}`),
    `${plan.target}, seed ${seed}. The story, as small as it became:`,
    ...result.story,
    `faults met: ${result.met.length === 0 ? "none" : result.met.join("; ")}`,
    "As a test:",
    asTest(smallest, result.problems[0] ?? ""),
  ].join("\n");
};

const asTest = (plan: Plan, problem: string): string =>
  [
    `test(${JSON.stringify(problem.slice(0, 80))}, async () => {`,
    `  const plan: Plan = ${JSON.stringify(plan)};`,
    "  expect((await simulate(plan)).problems).toEqual([]);",
    "});",
  ].join("\n");
