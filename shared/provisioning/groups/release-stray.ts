import type { GroupRun } from "../memberships/group-run.ts";
import { readGroupState } from "../memberships/group-state.ts";
import type { Context } from "../ports/ports.ts";
import { releaseMembers } from "./provision-members.ts";

/**
 * Let go of those whom this call has held for the group, and whom another change has taken out of it meanwhile: the call
 * that carried that change out may have come to them before they were held, and nothing else looks at them again.
 */
export const releaseStray = async (context: Context, groupId: string, run: GroupRun): Promise<void> => {
  if (run.held.size === 0) return;
  const { ports, integration } = context;
  const { saved } = await readGroupState(ports, integration.integrationId, groupId);
  if (!saved || saved.version === run.heldAt) return;
  const members = await ports.groups.membersAmong(groupId, saved.version, [...run.held]);
  const stray = [...run.held].filter((userId) => !members.has(userId));
  run.held = new Set(members);
  run.heldAt = saved.version;
  await releaseMembers(context, groupId, stray, run);
};
