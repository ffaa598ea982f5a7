import { type GroupDifference, goneFrom } from "../memberships/group-difference.ts";
import type { GroupRun } from "../memberships/group-run.ts";
import { noteDue, readGroupState } from "../memberships/group-state.ts";
import type { Context, Ports } from "../ports/ports.ts";
import type { BoundGroup } from "./attempt-group.ts";
import { limitDifference } from "./limit-difference.ts";
import { releaseMembers } from "./provision-members.ts";

/**
 * Those whom this call has held for the group, and whom another change has taken out of it meanwhile: the call that carried
 * that change out may have come to them before they were held, and nothing else looks at them again. So they wait from now
 * on, and the group is due. Those of them who are not among `known` already.
 */
export const noteStray = async (
  ports: Ports,
  { saved, link }: BoundGroup,
  run: GroupRun,
  known: readonly string[] = [],
): Promise<string[]> => {
  if (run.held.size === 0 || saved.version === run.heldAt) return [];
  const members = await ports.groups.membersAmong(saved.groupId, saved.version, [...run.held]);
  const isKnown = new Set(known);
  const stray = [...run.held].filter((userId) => !members.has(userId) && !isKnown.has(userId));
  run.held = new Set(members);
  run.heldAt = saved.version;
  if (stray.length === 0 || !link.assignment.bound) return stray;
  await ports.pushedMembers.noteWaiting(link.integrationId, link.id, { begin: stray });
  await noteDue(ports, link.integrationId, link.id);
  return stray;
};

/** After a failure: let go of those at once whom the guard lets go. */
export const releaseStray = async (
  context: Context,
  groupId: string,
  run: GroupRun,
  forUser: string | undefined,
): Promise<void> => {
  if (run.held.size === 0) return;
  const { ports, integration } = context;
  const { saved, link } = await readGroupState(ports, integration.integrationId, groupId);
  if (!saved) return;
  const stray = await noteStray(ports, { saved, link }, run);
  if (stray.length === 0) return;
  const candidates = stray.map((userId) => ({ userId, isMember: false, isWaiting: true }));
  const whole: GroupDifference = { candidates };
  const { difference, letGo } = await limitDifference(context, { saved, link }, whole, forUser);
  run.letGo = letGo;
  await releaseMembers(context, groupId, goneFrom(difference), run);
};
