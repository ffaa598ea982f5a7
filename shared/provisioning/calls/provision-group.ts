import { omit } from "../../common/objects.ts";
import { changeDirectoryGroup, requireGroups, requireKnown } from "../../directory/change-directory-group.ts";
import { changeTo, existingGroup, isChange } from "../../directory/save-group.ts";
import { askedBy, isAskedBy } from "../../model/asked.ts";
import type { GroupInput } from "../../model/inputs.ts";
import type { GroupReceipt } from "../../model/receipt.ts";
import { updateGroupAssignment } from "../assignments/update-assignment.ts";
import { requireActive } from "../attempts/require-integration.ts";
import { type Existing, type FirstBind, planFirstBind } from "../groups/plan-first-bind.ts";
import { guardLeaving } from "../guard/guard-losses.ts";
import { leavingOf, noteConfirmed, openLeavers } from "../guard/open-leavers.ts";
import { readGroupDifference } from "../memberships/group-difference.ts";
import { readGroupState, withEnd } from "../memberships/group-state.ts";
import type { LinkKey } from "../ports/link-store.ts";
import type { Call, Ports } from "../ports/ports.ts";
import { provisionSavedGroup } from "./saved-receipt.ts";

/** `existing`, `confirm`: see `planFirstBind`; `confirm` is also that of the guard. Without `name` the saved one is bound. */
type Wish = Partial<GroupInput> & { existing?: Existing | undefined; confirm?: number | undefined };

/**
 * Save the group for all integrations, or take the saved one, bind it to this one, and provision it now. Nothing is changed
 * at the provider before it is saved.
 * @throws Failure `not-found` where there is neither
 */
export const provisionGroup = async (
  ports: Ports,
  call: Call,
  { integrationId, groupId }: { integrationId: string; groupId: string },
  { existing, confirm, ...group }: Wish,
): Promise<GroupReceipt> => {
  const integration = await requireActive(ports, integrationId);
  requireGroups(ports, integration);
  const context = { ports, call, integration };
  let isConfirmed = false;
  let isChanged = false;
  let first: Omit<FirstBind, "change"> = {};
  const looked = {};
  const carriedOut = { integrationId, until: call.answerUntil };
  const saved = await changeDirectoryGroup({ ports, call, carriedOut }, groupId, async (base) => {
    const name = group.name ?? existingGroup(base, groupId).name;
    const wanted = await changeTo(ports, groupId, base, { ...group, name });
    await requireKnown(ports, wanted.add);
    const { link } = await readGroupState(ports, integrationId, groupId);
    const planned = await planFirstBind(
      context,
      { link, base, change: wanted },
      { existing, confirm },
      looked,
    );
    const { change, ...rest } = planned;
    first = rest;
    const pending =
      base && link.rev > 0
        ? await openLeavers(ports, link, base, await readGroupDifference(ports, link, base))
        : [];
    const leaving = leavingOf(groupId, change.remove, pending);
    isConfirmed = await guardLeaving({ ports, integration }, leaving, confirm, { group: link });
    isChanged = isChange(base, change);
    return isChanged ? change : undefined;
  });
  // A change that another call began to save is still the act of that one, and so is what it is saved for.
  const begun = isChanged && !isAskedBy(saved?.asked, call.actor) ? saved?.asked : undefined;
  const asked = begun ?? askedBy(call.actor, ports.clock.now());
  const key = { integrationId, id: groupId };
  await endUnbinding(ports, key);
  const { assignment } = await updateGroupAssignment(ports, key, (now) =>
    now.bound ? now : { ...omit(now, "removal"), bound: true, asked },
  );
  if (isConfirmed && saved) await noteConfirmed(ports, key, saved);
  const isOwnAct = isAskedBy(saved?.asked, call.actor) || isAskedBy(assignment.asked, call.actor);
  return provisionSavedGroup(context, groupId, { isOwnAct, ...first });
};

/** An unbinding that did not come to its end may have let go of members: all are looked at anew, as after its end. */
const endUnbinding = async (ports: Ports, key: LinkKey): Promise<void> => {
  const link = await ports.groupLinks.read(key);
  if (!link || link.assignment.bound || link.observed.ended) return;
  await ports.groupLinks.note(key, link.rev, withEnd(link.observed, "unbound"));
};
