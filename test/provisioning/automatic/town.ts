import { changeDirectoryGroup } from "../../../shared/directory/change-directory-group.ts";
import { changeDirectoryUser } from "../../../shared/directory/change-directory-user.ts";
import { patchUser, saveUser } from "../../../shared/directory/save-user.ts";
import { isActive } from "../../../shared/model/directory.ts";
import { provisionGroup } from "../../../shared/provisioning/calls/provision-group.ts";
import { type Chance, createChance } from "../../simulation/chance.ts";
import { aUser, openService, type Service } from "./service.ts";
import { startWorkers } from "./town-workers.ts";

const names = ["north", "west", "south"];
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

type Town = Service & { chance: Chance; userIds: string[]; groupIds: string[] };

/**
 * Three integrations of one directory in virtual time: its users and groups change all day while providers are away, records
 * and wake-ups are lost and workers die; then a calm day, without a call. Answers what is not as the directory says then.
 */
export const liveInTown = async (size: { users: number; groups: number; changes: number; seed: number }) => {
  const service = await openService(names);
  const chance = createChance(size.seed);
  const userIds = Array.from({ length: size.users }, (_, at) => `user-${at}`);
  const groupIds = Array.from({ length: size.groups }, (_, at) => `group-${at}`);
  const town: Town = { ...service, chance, userIds, groupIds };
  const { run, ports, aCall, idOf } = service;
  const { stopTrouble } = startWorkers(service, chance);

  await run(async () => {
    for (const userId of userIds) await saveUser({ ports, call: aCall() }, userId, aUser(userId));
  });
  for (const [at, groupId] of groupIds.entries()) {
    const members = userIds.filter((_, nth) => nth % groupIds.length === at);
    // The first call of each group may meet trouble: what it has saved goes on by itself.
    for (const name of names)
      await run(() =>
        provisionGroup(
          ports,
          aCall(),
          { integrationId: idOf(name), groupId },
          { name: groupId, members },
        ).catch(() => undefined),
      );
  }
  for (let nth = 0; nth < size.changes; nth += 1) {
    await run(() => change(town).catch(() => undefined));
    if (chance.isTrue(0.1)) await service.pass(chance.upTo(4) * minuteMs);
  }
  stopTrouble();
  for (let hour = 0; hour < 26 && waitingIn(town).length > 0; hour += 1) await service.pass(hourMs);
  return [...waitingIn(town), ...(await differences(town)), ...withoutEvent(town)];
};

/** One change of the directory, which no call carries out. */
const change = async ({ ports, aCall, chance, userIds, groupIds }: Town): Promise<unknown> => {
  const asking = { ports, call: aCall() };
  const userId = chance.pick(userIds);
  const groupId = chance.pick(groupIds);
  const what = chance.upTo(10);
  if (what < 4)
    return patchUser(asking, userId, (user) => ({ ...user, jobTitle: `Title ${chance.upTo(9)}` }));
  if (what === 4) return patchUser(asking, userId, (user) => ({ ...user, suspended: !user.suspended }));
  if (what === 5 && chance.isTrue(0.3))
    return changeDirectoryUser(asking, userId, (before) =>
      before && !before.deleted ? { user: before.user, deleted: true } : undefined,
    );
  if (what === 5) return saveUser(asking, userId, aUser(userId));
  if (what === 6)
    return changeDirectoryGroup(
      asking,
      groupId,
      async (base) => base && { name: `${groupId} ${chance.upTo(9)}`, add: [], remove: [] },
    );
  const some = [userId, chance.pick(userIds)];
  const isJoining = what < 9;
  const saved = await ports.users.readMany(some);
  const [add, remove] = isJoining ? [[...saved.keys()], []] : [[], some];
  return changeDirectoryGroup(asking, groupId, async (base) => base && { name: base.name, add, remove });
};

const waitingIn = ({ memory }: Town): string[] => [
  ...[...memory.users.values()].flatMap(({ userId, changed }) =>
    changed ? [`${userId} is not dispatched`] : [],
  ),
  ...[...memory.groups].flatMap(([groupId, { saved }]) =>
    saved.changed ? [`${groupId} is not dispatched`] : [],
  ),
  ...[...memory.userLinks.values(), ...memory.groupLinks.values()].flatMap(({ id, work, attempt }) =>
    work || attempt ? [`${id} is ${work?.state ?? "under way"}: ${work?.at}`] : [],
  ),
];

/** Where a provider is not what the directory says. */
const differences = async (town: Town): Promise<string[]> => {
  const { memory, ports, userIds, groupIds } = town;
  const problems: string[] = [];
  for (const name of names) {
    const accounts = await town.accounts(name);
    const idsOf = new Map(accounts.map(({ id, userName }) => [userName.split("@")[0] ?? "", id]));
    if (idsOf.size < accounts.length) problems.push(`${name}: two accounts of one name`);
    const open = new Set(accounts.flatMap(({ id, active }) => (active ? [id] : [])));
    const isIn = new Set<string>();
    for (const groupId of groupIds) {
      const saved = memory.groups.get(groupId)?.saved;
      if (!saved) continue;
      const members =
        (await town.run(() => ports.groups.membersAmong(groupId, saved.version, userIds))) ?? new Set();
      for (const userId of members) isIn.add(userId);
      const wanted = [...members].flatMap((userId) => idsOf.get(userId) ?? []).filter((id) => open.has(id));
      const found = (await town.groups(name)).filter(({ displayName }) => displayName === saved.name);
      const there = found.flatMap((group) => group.members).filter((id) => open.has(id));
      if (found.length !== 1) problems.push(`${name}: ${found.length} groups named ${saved.name}`);
      if (wanted.toSorted().join() !== there.toSorted().join())
        problems.push(`${name}: members of ${groupId} differ`);
    }
    for (const userId of userIds) {
      const saved = memory.users.get(userId);
      const account = accounts.find(({ userName }) => userName === `${userId}@example.com`);
      const isWanted = saved !== undefined && !saved.deleted && isActive(saved.user) && isIn.has(userId);
      const isTaken = memory.userLinks.get(`${userId}#${town.idOf(name)}`)?.assignment.excluded === true;
      if ((account?.active ?? false) !== (isWanted && !isTaken))
        problems.push(`${name}: ${userId} is ${account?.active ? "open" : "shut"}`);
      if (isWanted && !isTaken && account && account.resource.title !== saved.user.jobTitle)
        problems.push(`${name}: the title of ${userId} is ${account.resource.title}`);
    }
  }
  return problems;
};

/** Each attempt has its event. */
const withoutEvent = ({ memory }: Town): string[] => {
  const ids = new Set(memory.attempts.map(({ attemptId }) => attemptId).filter(Boolean));
  const told = [...memory.events.values()].filter(({ event }) => ids.has(event.id));
  const sent = [...ids].filter((id) => !memory.events.has(id));
  return told.length + sent.length === ids.size ? [] : ["events are doubled"];
};
