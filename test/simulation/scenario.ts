import { checkEvents } from "./check-events.ts";
import { checkGroups } from "./check-groups.ts";
import { checkUsers } from "./check-provider.ts";
import type { Model, Step } from "./model.ts";
import { differencesOf, observe, outcomesOf, type Taken, takenOf } from "./observe.ts";
import { type Came, perform } from "./perform.ts";
import type { World } from "./world.ts";

/** What has to be true is not. The message tells the whole story, so that a report can be read by itself. */
export const fail = (world: World, problems: string[]): never => {
  const met = world.way.met.length === 0 ? "none" : world.way.met.join("; ");
  throw new Error(
    [
      ...problems.map((problem) => `WRONG: ${problem}`),
      "the story:",
      ...world.log,
      `faults met: ${met}`,
    ].join("\n"),
  );
};

/** Make these calls at the same time; the model as it is then. Throws where the service broke a promise. */
export const take = async (world: World, model: Model, steps: Step[]): Promise<Model> => {
  const came = await Promise.all(steps.map((step) => perform(world, step)));
  for (const [at, step] of steps.entries()) world.log.push(`${JSON.stringify(step)} -> ${came[at]?.told}`);

  const problems: string[] = [];
  const taken = came.map((one): Taken => {
    const is = takenOf(one);
    if (typeof is === "string") return is;
    problems.push(`unexpected ${is.unexpected.code}: ${is.unexpected.detail}`);
    return "maybe";
  });
  const seen = await observe(world, model);
  const outcomes = outcomesOf(
    model,
    steps.map((step, at) => ({ step, taken: taken[at] ?? "maybe" })),
  ).map((wanted) => differencesOf(wanted, seen));
  if (!outcomes.some((differences) => differences.length === 0)) problems.push(...(outcomes[0] ?? []));
  problems.push(...world.watch.problems.splice(0));
  if (problems.length > 0) fail(world, problems);
  return seen;
};

/** The faults stop, a stopped integration gets its token, and each object is reconciled once more. Then all is checked. */
export const end = async (world: World, model: Model): Promise<void> => {
  world.way.fault = undefined;
  world.log.push("the faults stop");
  world.ground.clock.skip(120_000);
  const row = await world.ground.ports.integrations.read(world.integrationId);
  const needsToken = row?.integration?.status === "needs_reauth" || world.secrets.size > 1;
  if (needsToken) await mustCome(world, { do: "reauth", isRight: true });
  let now = model;
  for (const step of lastSteps(now)) now = await take(world, now, [step]);
  const problems = [
    ...(await checkUsers(world, now)),
    ...(world.target.groupsEnabled ? await checkGroups(world, now) : []),
    ...(await checkEvents(world)),
  ];
  if (problems.length > 0) fail(world, problems);
};

const mustCome = async (world: World, step: Step): Promise<void> => {
  const came: Came = await perform(world, step);
  world.log.push(`${JSON.stringify(step)} -> ${came.told}`);
  if (came.failure) fail(world, [`${step.do} failed without a fault: ${came.told}`]);
};

/** The call that a person would repeat for each object: users, groups, then users again for whom a manager came later. */
const lastSteps = ({ users, groups }: Model): Step[] => {
  const ofUsers = users.flatMap(({ body, direct, excluded, removal, isLinked }, user): Step[] => {
    if (!isLinked) return [];
    if (!body) return excluded ? [{ do: "leave", user }] : [];
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
  const managed = ofUsers.filter(
    (step) => (step.do === "assign" || step.do === "reconcile") && users[step.user]?.body?.manager,
  );
  return [...ofUsers, ...ofGroups, ...managed];
};
