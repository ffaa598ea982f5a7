import type { HeldObject } from "../../shared/provisioning/ports/hold-store.ts";
import { isKept } from "./check-holds.ts";
import type { Entry, Snapshot } from "./ledger.ts";
import type { World } from "./world.ts";

/** What a call takes away that names the very user: the guard keeps nothing of it. */
const namesOne = /-(unassign|assign|lock|unlock)$/;

/** What a call was free to take away before somebody else's act was held, it may take away until it ends. */
const callMs = 30_000;

/** What waits in an open hold, as a request begins, since before any call under way. */
export const heldNow = ({ memory: { holds }, scheduler }: World): HeldObject[] =>
  [...holds.items].flatMap(([name, { state, userId, groupId, at }]) => {
    if (Date.parse(at) > scheduler.now() - callMs) return [];
    const isOpen = holds.holds.get(name.slice(0, name.lastIndexOf(" ")))?.state === "open";
    return state === "held" && isOpen ? [{ userId, ...(groupId !== undefined && { groupId }) }] : [];
  });

/**
 * Nobody whom the guard keeps loses anything: of what was held as the request began, and is when it was carried out, nothing
 * is gone by it.
 */
export const checkKept = async (
  world: World,
  { caller, method, path, after }: Entry,
  kept: HeldObject[],
): Promise<void> => {
  if (namesOne.test(caller)) return;
  const { memory, integrationId, watch, ledger, first } = world;
  const before = ledger.at(-2)?.after ?? first;
  for (const object of kept) {
    const { userId, groupId } = object;
    const account = memory.userLinks.get(`${userId}#${integrationId}`)?.observed.remoteId;
    if (account === undefined || !(await isKept(world, object))) continue;
    const isOpen = ({ users }: Snapshot) => users.get(account)?.active === true;
    const group = memory.groupLinks.get(`${groupId}#${integrationId}`)?.observed.remoteId ?? "";
    const isThere = (state: Snapshot) =>
      groupId === undefined
        ? isOpen(state)
        : !isOpen(after) || membersOf(state, group, before).includes(account);
    if (isThere(before) && !isThere(after))
      watch.problems.push(`${caller}: ${method} ${path} takes from ${userId} what the guard keeps`);
  }
};

/** Where ids follow names, a rename has given the group another one. */
const membersOf = ({ groups }: Snapshot, id: string, before: Snapshot): string[] =>
  (groups.get(id) ?? [...groups].find(([other]) => !before.groups.has(other))?.[1])?.members ?? [];
