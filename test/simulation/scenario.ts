import { checkBooks } from "./check-books.ts";
import { checkDirectory } from "./check-directory.ts";
import { checkEvents } from "./check-events.ts";
import { checkGroups } from "./check-groups.ts";
import { checkUsers } from "./check-provider.ts";
import { checkSecrets } from "./check-secrets.ts";
import { checkTruth } from "./check-truth.ts";
import { checkNothingLost } from "./check-work.ts";
import { bindDraft } from "./drafts.ts";
import { withoutKnown } from "./known.ts";
import { applyStep, type Model, type Step } from "./model.ts";
import { differencesOf, observe, outcomesOf, type Taken, takenOf } from "./observe.ts";
import { type Came, type How, perform } from "./perform.ts";
import type { PlannedCall } from "./plan.ts";
import type { Owner } from "./scheduler.ts";
import type { World } from "./world.ts";

/** What has to be true and is not. */
export class Wrong extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(problems.map((problem) => `WRONG: ${problem}`).join("\n"));
    this.problems = problems;
  }
}

export const fail = (world: World, found: string[]): void => {
  const problems = world.tellsKnown ? found : withoutKnown(found);
  if (problems.length > 0) throw new Wrong(problems);
};

const nobody: Owner = { name: "nobody", isAlive: true };

/** Calls of a round do not all begin at the same moment. */
const apartMs = 600;

/** Make the calls of a round; the model as it is then. @throws Wrong where the service broke a promise */
export const takeRound = async (world: World, model: Model, round: PlannedCall[]): Promise<Model> => {
  const steps = round.map(({ what }) => bindDraft(world, model, what));
  const began = world.scheduler.now();
  // One of the same round may bring them back.
  for (const step of steps)
    if (step.do === "gone" || step.do === "leave") world.returned.set(step.user, began + behindMs);
  const begun = steps.map(async (step, at): Promise<Came> => {
    const how = round[at] as How;
    if (at > 0) await world.scheduler.sleep((how.chance % 3) * (how.chance % apartMs) * 0.5, nobody);
    return perform(world, step, how);
  });
  const came = await world.scheduler.run(Promise.all(begun));
  const { scheduler } = world;
  await scheduler.run(scheduler.sleep(scheduler.leftByTheDead(), nobody));
  for (const [at, step] of steps.entries()) world.log.push(`${JSON.stringify(step)} -> ${came[at]?.told}`);

  const problems: string[] = [];
  const taken = came.map((one): Taken => {
    const is = takenOf(one);
    if (typeof is === "string") return is;
    problems.push(`unexpected ${is.unexpected.code}: ${is.unexpected.detail}`);
    return "maybe";
  });
  const seen = await observe(world, model);
  const made = steps.map((step, at) => ({ step, taken: taken[at] ?? "maybe" }));
  const outcomes = carriedOn(world, model, began)
    .flatMap((begun) => outcomesOf(begun, made))
    .flatMap((ended) => carriedOn(world, ended, began))
    .map((wanted) => differencesOf(wanted, seen));
  const nearest = outcomes.reduce((least, one) => (one.length < least.length ? one : least));
  problems.push(...nearest);
  problems.push(...world.watch.problems.splice(0));
  if (world.workers) problems.push(...checkNothingLost(world));
  fail(world, problems);
  noteReturned(world, { before: model, after: seen }, steps);
  return seen;
};

/** What a leaver call has left may have been carried out by the service, before the calls of the round or after. */
const carriedOn = ({ workers, returned }: World, model: Model, began: number): Model[] => {
  let models = [model];
  for (const [user, { body, isLinked }] of model.users.entries()) {
    if (workers && !body && isLinked)
      models = models.flatMap((one) => [one, applyStep(one, { do: "leave", user })]);
    if (body && (returned.get(user) ?? 0) >= began)
      models = models.flatMap((one) => [one, withoutDirect(one, user)]);
  }
  return models;
};

const withoutDirect = (model: Model, at: number): Model => ({
  ...model,
  users: model.users.map((user, index) => (index === at ? { ...user, direct: false } : user)),
});

/** A worker that carries a deletion out may be so far behind. */
const behindMs = 30_000;

/**
 * Who is back, and was assigned by no call since, may lose the assignment of before all the same, as if the deletion had been
 * carried out before the return.
 */
const noteReturned = (
  { returned, scheduler }: World,
  { before, after }: { before: Model; after: Model },
  steps: Step[],
): void => {
  for (const [at, { body, isLinked }] of after.users.entries())
    if (body && isLinked && !before.users[at]?.body) returned.set(at, scheduler.now() + behindMs);
  for (const step of steps) if (step.do === "assign") returned.delete(step.user);
};

/**
 * The faults stop, a stopped integration gets its token, and each object is reconciled once more. Then all is checked.
 */
export const end = async (world: World, model: Model): Promise<void> => {
  world.isCalm = true;
  world.log.push("the faults stop");
  // Leases end, and what calls had left under way comes to rest.
  await world.scheduler.run(world.scheduler.sleep(120_000, nobody));
  await mustCome(world, { do: "recover" });
  const row = await world.look.integrations.read(world.integrationId);
  const needsToken = row?.integration?.status === "needs_reauth" || world.secrets.size > 1;
  if (needsToken) await mustCome(world, { do: "reauth", isRight: true });
  // What is still left by an attempt that waited for the token.
  await mustCome(world, { do: "recover" });
  let now = model;
  for (const stepsOf of [lastSteps, managedSteps])
    for (const step of stepsOf(now))
      now = await takeRound(world, now, [{ what: asDraft(step), ...calmly(world) }]);
  fail(world, await checkAll(world, now));
};

/** What is wrong with the provider, the stores and the events, once all is done. */
export const checkAll = async (world: World, model: Model): Promise<string[]> => [
  ...(await checkUsers(world, model)),
  ...(world.target.groupsEnabled ? await checkGroups(world, model) : []),
  ...(await checkBooks(world, model)),
  ...checkEvents(world),
  ...checkDirectory(world),
  ...checkTruth(world),
  ...checkSecrets(world),
];

const calmly = (world: World): How => ({ process: 0, chance: world.log.length });

/** A step that changes nothing is its own draft. */
const asDraft = (step: Step): PlannedCall["what"] => {
  if (step.do === "assign") return { do: "assign", user: step.user };
  if (step.do === "bind")
    return {
      do: "bind",
      group: step.group,
      variant: step.name.endsWith("a") ? "a" : "b",
      ...(step.members && { members: step.members }),
    };
  if (step.do === "save" || step.do === "patch" || step.do === "rename")
    throw new Error("Nothing is saved at the end.");
  return step;
};

export const mustCome = async (world: World, step: Step): Promise<void> => {
  const came = await world.scheduler.run(perform(world, step, calmly(world)));
  world.log.push(`${JSON.stringify(step)} -> ${came.told}`);
  if (came.failure || came.died) fail(world, [`${step.do} failed without a fault: ${came.told}`]);
};

/** The call that a person would repeat for each object: users, then groups. */
const lastSteps = ({ users, groups }: Model): Step[] => {
  const ofUsers = users.flatMap(({ body, direct, excluded, removal, isLinked }, user): Step[] => {
    if (!isLinked) return [];
    if (!body) return [{ do: "leave", user }];
    if (direct) return [{ do: "assign", user }];
    const action = removal === "none" ? undefined : removal;
    return [excluded ? { do: "unassign", user, ...(action && { action }) } : { do: "reconcile", user }];
  });
  const ofGroups = groups.flatMap(({ name, members, bound, isLinked, isDeleted }, group): Step[] => {
    if (!isLinked || name === undefined) return [];
    const present = members.filter((user) => users[user]?.body);
    if (bound) return [{ do: "bind", group, name, members: present }];
    return [{ do: "unbind", group, ...(isDeleted && { action: "delete" as const }) }];
  });
  return [...ofUsers, ...ofGroups];
};

/** Users again whose manager may have come later. */
const managedSteps = ({ users }: Model): Step[] =>
  users.flatMap(({ body, direct, excluded, isLinked }, user): Step[] => {
    if (!body?.manager || excluded || !isLinked) return [];
    return [direct ? { do: "assign", user } : { do: "reconcile", user }];
  });
