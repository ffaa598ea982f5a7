import { changeDirectoryGroup, requireGroups, requireKnown } from "../../directory/change-directory-group.ts";
import type { SavedGroup } from "../../model/directory.ts";
import { Failure } from "../../model/failure.ts";
import type { ChangeMembersInput } from "../../model/inputs.ts";
import type { GroupReceipt } from "../../model/receipt.ts";
import { activeIntegration } from "../attempts/require-integration.ts";
import { reconcileGroup } from "../groups/reconcile-group.ts";
import { guardDeprovisions } from "../guard/guard-deprovisions.ts";
import { goneFrom, readGroupDifference } from "../memberships/group-difference.ts";
import type { Call, Ports } from "../ports/ports.ts";

/** Add and remove members and provision the difference; what it costs does not depend on the size of the group. */
export const changeGroupMembers = async (
  ports: Ports,
  call: Call,
  { integrationId, groupId }: { integrationId: string; groupId: string },
  { add = [], remove = [], confirm }: ChangeMembersInput & { confirm?: number | undefined },
): Promise<GroupReceipt> => {
  const { row, saved, link } = await ports.reads.group(integrationId, groupId);
  const integration = activeIntegration(row, integrationId);
  requireGroups(ports, integration);
  if (!link?.assignment.bound)
    throw new Failure("not-found", `Group ${groupId} is not bound to integration ${integrationId}.`);
  await requireKnown(ports, add);
  const computed = async (base: SavedGroup | undefined) => {
    if (!base) throw new Failure("not-found", `The directory has no group ${groupId}.`);
    const members = await ports.groups.membersAmong(groupId, base.version, [...add, ...remove]);
    const change = {
      name: base.name,
      add: add.filter((userId) => !members.has(userId)),
      remove: remove.filter((userId) => members.has(userId)),
    };
    const gone = goneFrom(await readGroupDifference(ports, link, base));
    await guardDeprovisions(
      { ports, integration },
      groupId,
      [...new Set([...change.remove, ...gone])],
      confirm,
    );
    return change.add.length > 0 || change.remove.length > 0 ? change : undefined;
  };
  const changed = await changeDirectoryGroup({ ports, call }, groupId, computed, { saved });
  // Written after the link was read; where nothing was written, the group is read again.
  const known = changed === saved ? undefined : { saved: changed, link };
  return reconcileGroup({ ports, call, integration }, groupId, { known });
};
