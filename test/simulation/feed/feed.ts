import { sweepWork } from "../../../shared/provisioning/automatic/sweep.ts";
import { createSource } from "../../../shared/sources/create-source.ts";
import { answerScim, scimEvent } from "../../providers/usher.ts";
import { callers } from "../caller.ts";
import { type Chance, createChance } from "../chance.ts";
import { checkDirectory } from "../check-directory.ts";
import { checkSecrets } from "../check-secrets.ts";
import { storeFaultKinds } from "../faults.ts";
import { someFaults } from "../make-plan.ts";
import { processCount } from "../plan.ts";
import type { Owner } from "../scheduler.ts";
import { openWorld, type World } from "../world.ts";
import { checkAtEnd, checkTold, type Fedness } from "./check-feed.ts";
import { type DialectName, dialects, type Person } from "./dialects.ts";
import { type Ask, type Got, pushGroup, pushUser } from "./identity-provider.ts";

const personCount = 6;
const groupCount = 3;
const rounds = 14;
const token = "the-token-of-an-identity-provider-0001";
const longestMs = 29_000;
const restMs = 35_000;
const nobody: Owner = { name: "nobody", isAlive: true };

/**
 * A world in which an identity provider feeds the directory while processes die and stores fail: what it was told is checked
 * after each round, and all of it once the faults have stopped. The same seed gives the same world.
 */
export const feedWorld = async (
  name: DialectName,
  seed: number,
): Promise<{ problems: string[]; story: string[]; met: string[] }> => {
  const chance = createChance(seed);
  const trouble = chance.pick([0, 0.2, 0.4, 0.6]);
  const world = await openWorld({
    target: "generic",
    policies: { onUserUnassigned: "deprovision", onUserDeleted: "delete" },
    chance: chance.seed(),
    rounds: [],
  });
  const { scheduler, look, log } = world;
  const dialect = dialects[name];
  const { source } = await createSource(
    { ports: look, call: world.begin("seed", { chance: seed }).call },
    { name, kind: "generic", onDelete: chance.pick(["suspend", "delete"]), linkByEmail: "ownerless", token },
  );
  world.secrets.add(token);
  const none = () => ({ wanted: undefined, isDirty: false, unanswered: new Set<string>() });
  const fed: Fedness = {
    users: Array.from({ length: personCount }, none),
    groups: Array.from({ length: groupCount }, none),
  };
  const ask: Ask = (asked) => sendTo(world, chance, trouble, asked);

  /** Two lanes, as a provider with several workers: users first, and a group after them. */
  const push = async (): Promise<void> => {
    const all = fed.users.filter(({ isDirty }) => isDirty);
    const lanes = [0, 1].map(async (lane) => {
      for (const user of all.filter((_, at) => at % 2 === lane)) await pushUser(ask, dialect, user);
    });
    await scheduler.run(Promise.all(lanes));
    for (const group of fed.groups.filter(({ isDirty }) => isDirty))
      await scheduler.run(pushGroup(ask, dialect, group, fed.users));
    await scheduler.run(scheduler.sleep(scheduler.leftByTheDead(), nobody));
    // What a request has begun goes on by itself, once its time is over and the indexes show it.
    await scheduler.run(scheduler.sleep(restMs, nobody));
    await scheduler.run(sweepWork(world.processAt(0).ports, { until: scheduler.now() + 60_000 }));
  };
  const check = async (): Promise<string[]> => [
    ...(await checkTold(world, source.sourceId, fed)),
    ...checkDirectory(world),
  ];

  for (let nth = 0; nth < rounds; nth += 1) {
    const changes = 1 + chance.upTo(3);
    for (let change = 0; change < changes; change += 1) log.push(changeOne(fed, chance, dialect.deletes));
    await push();
    const problems = await check();
    if (problems.length > 0) return { problems, story: log, met: world.met };
    if (chance.isTrue(0.2)) await scheduler.run(scheduler.sleep(90_000, nobody));
  }
  log.push("the faults stop");
  world.isCalm = true;
  await scheduler.run(scheduler.sleep(120_000, nobody));
  for (const one of [...fed.users, ...fed.groups])
    one.isDirty = one.wanted !== undefined || one.id !== undefined;
  await push();
  await push();
  const left = [...fed.users, ...fed.groups].filter(({ isDirty }) => isDirty).length;
  const problems = [
    ...(left > 0 ? [`${left} are refused without a fault`] : []),
    ...(await check()),
    ...checkAtEnd(world, source.sourceId, fed),
    ...checkSecrets(world),
  ];
  return { problems, story: log, met: world.met };
};

/** What an identity provider changes at its own place. */
const changeOne = ({ users, groups }: Fedness, chance: Chance, deletes: boolean): string => {
  const at = chance.upTo(users.length);
  const user = users[at] as Fedness["users"][number];
  const place = chance.upTo(groups.length);
  const group = groups[place] as Fedness["groups"][number];
  if (chance.isTrue(0.4)) {
    if (group.wanted && chance.isTrue(0.15)) group.wanted = undefined;
    else {
      const members = users.flatMap(({ wanted }, nth) => (wanted && chance.isTrue(0.5) ? [nth] : []));
      group.wanted = { displayName: `Group ${place}`, members };
    }
    group.isDirty = true;
    return `group ${place}: ${JSON.stringify(group.wanted)}`;
  }
  const before: Person = user.wanted ?? {
    userName: `u${at}@example.com`,
    externalId: `e-${at}`,
    title: "Analyst",
    active: true,
  };
  const changes: (() => Person | undefined)[] = [
    () => ({ ...before, title: `Title ${chance.upTo(10)}` }),
    () => ({ ...before, active: !before.active }),
    () => ({ ...before, userName: `u${at}.${chance.upTo(3)}@example.com` }),
    () => (deletes ? undefined : { ...before, active: false }),
  ];
  user.wanted = chance.pick(changes)();
  user.isDirty = true;
  // Who goes is in no group any more.
  if (!user.wanted)
    for (const one of groups)
      if (one.wanted?.members.includes(at)) {
        one.wanted = { ...one.wanted, members: one.wanted.members.filter((member) => member !== at) };
        one.isDirty = true;
      }
  return `user ${at}: ${JSON.stringify(user.wanted)}`;
};

/** One request, by one of the processes, which may die of it. */
const sendTo = async (
  world: World,
  chance: Chance,
  trouble: number,
  { method, path, body }: Parameters<Ask>[0],
): Promise<Got> => {
  const { scheduler, log } = world;
  const store = someFaults(chance, trouble, { kinds: storeFaultKinds, most: 20 });
  const { caller } = world.begin("scim", { chance: chance.seed(), store });
  world.told.set(caller.id, { eventIds: [], isWhole: false });
  const process = world.processAt(chance.upTo(processCount));
  let isOver = false;
  scheduler.after(longestMs, process, () => {
    if (!isOver) process.die();
  });
  const headers = {
    authorization: `Bearer ${token}`,
    "content-type": "application/scim+json",
    "x-correlation-id": caller.id,
  };
  const event = scimEvent({
    method,
    url: `/scim/v2${path}`,
    headers,
    body: body ? JSON.stringify(body) : "",
  });
  const { ports } = process;
  const work = callers.run(caller, () => answerScim({ ports, now: ports.clock.now }, event));
  const answer = await Promise.race([work, process.death]);
  isOver = true;
  const told = answer === "died" ? "no answer" : answer.status;
  log.push(
    `  ${caller.id} ${process.name}: ${method} ${path} ${body ? JSON.stringify(body) : ""} -> ${told}`,
  );
  if (answer === "died") return undefined;
  return { status: answer.status, body: answer.body === "" ? {} : JSON.parse(answer.body) };
};
