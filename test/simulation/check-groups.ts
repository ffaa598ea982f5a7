import { getGroupStatus } from "../../shared/provisioning/status/group-status.ts";
import type { RemoteGroup } from "../providers/provider.ts";
import { isKept } from "./check-holds.ts";
import { duplicatesOf } from "./check-provider.ts";
import { isHeld, isLetIn, type Model } from "./model.ts";
import type { World } from "./world.ts";

/** What is wrong with the groups at the provider, once all is reconciled. */
export const checkGroups = async (world: World, model: Model): Promise<string[]> => {
  const groups = await world.provider.inner.groups();
  const names = groups.map(({ id, displayName }) => ({
    id,
    name: displayName.toLowerCase(),
    isFound: world.foundIds.has(id),
  }));
  const problems = duplicatesOf(world, "Groups", names);
  for (const at of model.groups.keys()) {
    const found = await checkGroup(world, model, groups, at);
    problems.push(...found.map((problem) => `group ${at}: ${problem}`));
  }
  return problems;
};

const checkGroup = async (
  world: World,
  model: Model,
  groups: RemoteGroup[],
  at: number,
): Promise<string[]> => {
  const { look, integrationId, groupId } = world;
  const wanted = model.groups[at];
  const link = await look.groupLinks.read({ integrationId, id: groupId(at) });
  if (!wanted || !link) return [];
  if (link.attempt) return [`an attempt is left open: ${JSON.stringify(link.attempt.intent)}`];
  const group = groups.find(({ id }) => id === link.observed.remoteId);
  const status = await getGroupStatus(look, integrationId, groupId(at));
  if (!wanted.bound) return wanted.isDeleted && group ? [`was to be deleted, and is still there`] : [];

  const { must, may, isBlocked } = await membersOf(world, model, wanted.members);
  const told = status.lastError ? ` (${status.lastError.code}: ${status.lastError.detail})` : "";
  // Somebody else's group has the name: a conflict that only a person can solve.
  const isTaken = groups.some(({ id, displayName }) => displayName === wanted.name && id !== group?.id);
  // Some providers tell that by a 500, after which the name is tried again and again.
  if (isTaken && /^(failed|retrying)$/.test(status.state)) return [];
  if (status.state === "failed") return [`failed${told}`];
  if (!group) return must.length > 0 ? [`is not there (${status.state})`] : [];
  const { concessions } = world.target;
  const open = new Set(
    (await world.provider.inner.users()).flatMap(({ id, active }) => (active ? [id] : [])),
  );
  const mayStay = (id: string) =>
    world.foreignIds.has(id) || (concessions.deletedStayMembers === true && !open.has(id));
  const doubled = concessions.membersMayRepeat
    ? []
    : group.members.filter((id, index) => group.members.indexOf(id) !== index);
  const missing = must.filter((id) => !group.members.includes(id));
  const extra = concessions.leaversMayStay
    ? []
    : group.members.filter((id) => !may.includes(id) && !mayStay(id));
  const kept = await keptAmong(world, groupId(at), extra);
  const isExcused =
    isBlocked ||
    // Whether anybody of it is in a hold, the check of holds tells.
    status.state === "held" ||
    (concessions.groupsMayStayUnconfirmed === true && /^(pending|unconfirmed)$/.test(status.state));
  return [
    ...(group.displayName === wanted.name ? [] : [`is named ${group.displayName} and not ${wanted.name}`]),
    ...missing.map((id) => `lacks ${id} (${status.state})`),
    ...extra.filter((id) => !kept.has(id)).map((id) => `still has ${id} (${status.state})`),
    ...doubled.map((id) => `has ${id} twice`),
    ...(status.state === "in_sync" || isExcused || must.length === 0 ? [] : [`is ${status.state}${told}`]),
  ];
};

/** Accounts of those whom the guard keeps in the group. */
const keptAmong = async (world: World, groupId: string, accounts: string[]): Promise<Set<string>> => {
  const kept = new Set<string>();
  for (const { id, observed } of world.memory.userLinks.values())
    if (accounts.includes(String(observed.remoteId)) && (await isKept(world, { userId: id, groupId })))
      kept.add(String(observed.remoteId));
  return kept;
};

/**
 * Accounts that have to be in the group, and those that may: an account that was shut out stays where it was.
 * `isBlocked`: somebody has no open account, for a conflict that only a person can solve.
 */
const membersOf = async ({ look, integrationId, userId }: World, model: Model, members: number[]) => {
  const must: string[] = [];
  const may: string[] = [];
  let isBlocked = false;
  for (const at of members) {
    const link = await look.userLinks.read({ integrationId, id: userId(at) });
    const { remoteId, pushed, lastError } = link?.observed ?? {};
    if (remoteId !== undefined) may.push(remoteId);
    const user = model.users[at];
    if (!isHeld(model, at) || !user || !isLetIn(user)) continue;
    const isOpen = !lastError || pushed?.active === true;
    if (remoteId !== undefined && isOpen) must.push(remoteId);
    else isBlocked ||= lastError !== undefined;
  }
  return { must, may, isBlocked };
};
