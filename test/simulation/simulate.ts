import { traceOfChange } from "../../shared/directory/record-change.ts";
import { createChance, seededUuid } from "./chance.ts";
import { aBody } from "./drafts.ts";
import { applyStep, emptyModel, type Model, type Step, userCount } from "./model.ts";
import type { Plan } from "./plan.ts";
import { comeToRest } from "./rest.ts";
import { end, takeRound, Wrong } from "./scenario.ts";
import { type Options, openWorld, type World } from "./world.ts";

/** What a world came to. `problems` is empty where every promise was kept. */
type Result = { problems: string[]; story: string[]; met: string[]; trace: string[] };

/** One world from its beginning to its end. The same plan gives the same result, to the letter. */
export const simulate = async (plan: Plan, options?: Options): Promise<Result> => {
  const world = await openWorld(plan, options);
  const result = (problems: string[]): Result => ({
    problems,
    story: world.log,
    met: world.met,
    trace: world.traced,
  });
  try {
    let model = await saveEverybody(world, plan);
    for (const round of plan.rounds) model = await takeRound(world, model, round);
    await (plan.automatic ? comeToRest : end)(world, model);
    return result([]);
  } catch (error) {
    if (error instanceof Wrong) return result(error.problems);
    return result([`thrown: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`]);
  }
};

/** The directory knows everybody from the start, the integration nobody. The events of that are still to be written. */
const saveEverybody = async (world: World, plan: Plan): Promise<Model> => {
  const steps = Array.from({ length: userCount }, (_, user): Step & { do: "save" } => ({
    do: "save",
    user,
    body: aBody(world, user),
  }));
  // Chance of its own: what happens later is to stay what it was for the same seed.
  const chance = createChance(plan.chance ^ 0x5eed);
  const ports = { ...world.look, newId: (nowMs: number) => seededUuid(chance, nowMs) };
  for (const { user, body } of steps) {
    const { actor } = world.begin("seed", plan).call;
    const trace = traceOfChange(ports, undefined, { type: "user_create", actor });
    await ports.users.save(world.userId(user), 0, body, trace);
  }
  return steps.reduce<Model>(applyStep, emptyModel(plan.policies, [world.email("shared")]));
};
