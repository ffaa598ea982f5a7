import { chunksOf } from "../../common/chunks.ts";
import { concurrently } from "../../common/concurrently.ts";
import { holdByGroup, isInScope } from "../assignments/assignment.ts";
import type { Context, IntegrationContext } from "../ports/ports.ts";
import { openAccountOf, readUserStates, type UserState, userState } from "../users/user-state.ts";

/** Members to provision. `known`: states of some as read just before, which saves reading them. */
export type Joining = { userIds: string[]; known?: ReadonlyMap<string, UserState> | undefined };

const readAtOnce = 100;
/** No provider is asked, so more may be under way than at the provider. */
const writesAtOnce = 32;

/**
 * Hold in scope those members whose account is known to be as it should be: batch reads, and one conditional write each,
 * none where the group holds them already. Their accounts by user id. Who is not among them takes the whole way.
 */
export const holdCurrent = async (
  context: Context,
  groupId: string,
  { userIds, known }: Joining,
): Promise<Map<string, string>> => {
  const { ports, call } = context;
  const held = new Map<string, string>();
  for (const chunk of chunksOf(userIds, readAtOnce)) {
    if (ports.clock.now() >= call.sendUntil) break;
    const states = await readStates(context, { userIds: chunk, known });
    await concurrently(states, writesAtOnce, async (state) => {
      if (ports.clock.now() >= call.sendUntil || !isCurrent(context, state)) return;
      const account = await hold(context, groupId, state);
      if (account !== undefined) held.set(state.link.id, account);
    });
  }
  return held;
};

/** The account; none where others have written to the link meanwhile, so that it is no longer what was looked at. */
const hold = async (
  { ports, integration }: IntegrationContext,
  groupId: string,
  { saved, link }: UserState,
): Promise<string | undefined> => {
  if (link.assignment.groups.includes(groupId)) return openAccountOf(integration, { saved, link });
  const held = await ports.userLinks.assign(link, link.rev, holdByGroup(link.assignment, groupId));
  return held && openAccountOf(integration, { saved, link: held });
};

/** Whether the user is in scope and, as the link tells, has an open account to which nothing is to be sent. */
const isCurrent = ({ ports, integration }: IntegrationContext, { saved, link }: UserState): boolean =>
  isInScope(link.assignment) &&
  userState(integration, ports.profileOf(integration), link, saved) === "in_sync" &&
  openAccountOf(integration, { saved, link }) !== undefined;

const readStates = async (
  { ports, integration }: IntegrationContext,
  { userIds, known }: Joining,
): Promise<UserState[]> => {
  const unread = userIds.filter((userId) => !known?.has(userId));
  const read = await readUserStates(ports, integration.integrationId, unread);
  return userIds.flatMap((userId) => known?.get(userId) ?? read.get(userId) ?? []);
};

/** The states of these users, unless the account of one of them has to be made or changed before it is pushed. */
export const readCurrent = async (
  context: IntegrationContext,
  { userIds, known }: Joining,
): Promise<ReadonlyMap<string, UserState> | undefined> => {
  const current = new Map<string, UserState>();
  for (const chunk of chunksOf(userIds, readAtOnce)) {
    const states = await readStates(context, { userIds: chunk, known });
    if (!states.every((state) => isCurrent(context, state))) return undefined;
    for (const state of states) current.set(state.link.id, state);
  }
  return current;
};
