import { changeDirectoryGroup, requireGroups, requireKnown } from "../../directory/change-directory-group.ts";
import { changeTo, existingGroup, isChange } from "../../directory/save-group.ts";
import { askedBy, isAskedBy } from "../../model/asked.ts";
import type { SavedGroup } from "../../model/directory.ts";
import type { GroupInput } from "../../model/inputs.ts";
import type { GroupLink } from "../../model/link.ts";
import type { GroupReceipt } from "../../model/receipt.ts";
import type { ExistingWish } from "../../model/work.ts";
import { requireActive } from "../attempts/require-integration.ts";
import { bindGroup } from "../groups/bind-group.ts";
import { type Existing, type FirstBind, planFirstBind } from "../groups/plan-first-bind.ts";
import { guardLeaving } from "../guard/guard-losses.ts";
import { leavingOf, noteConfirmed, openLeavers } from "../guard/open-leavers.ts";
import { membersIn, readGroupDifference } from "../memberships/group-difference.ts";
import { readGroupState } from "../memberships/group-state.ts";
import type { GroupChange } from "../ports/directory-store.ts";
import type { Call, Ports } from "../ports/ports.ts";
import { askedBefore } from "./bind-as-asked.ts";
import { provisionSavedGroup, savingReceipt } from "./saved-receipt.ts";

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
  let counted: GroupLink | undefined;
  let isChanged = false;
  let first: Omit<FirstBind, "change"> = {};
  const looked = {};
  const carriedOut = { integrationId, until: call.answerUntil };
  const at = new Date(ports.clock.now()).toISOString();
  const asksFor = wishOf(existing, confirm, at);
  let version: number | undefined;
  let isAlone = true;
  const wish = async (base: SavedGroup | undefined): Promise<GroupChange | undefined> => {
    // Another call may take somebody out before this one is through.
    version ??= base?.version ?? 0;
    isAlone = version === (base?.version ?? 0);
    const name = group.name ?? existingGroup(base, groupId).name;
    const wanted = await changeTo(ports, groupId, base, { ...group, name });
    await requireKnown(ports, wanted.add);
    const { link } = await readGroupState(ports, integrationId, groupId);
    const planned = await planFirstBind(
      context,
      { link, base, change: wanted },
      existing ? { existing, confirm, asked: { at, version } } : askedBefore(ports, link),
      looked,
    );
    const { change, ...rest } = planned;
    first = rest;
    const leaving = leavingOf(groupId, change, await changedBefore(ports, link, base));
    counted = link;
    isConfirmed = await guardLeaving({ ports, integration }, leaving, confirm, { group: link });
    isChanged = isChange(base, change);
    const next = {
      ...{ integrationId, at, binds: true as const },
      ...(asksFor && { existing: { ...asksFor, version } }),
      ...(isConfirmed && { isConfirmed }),
    };
    return isChanged ? { ...change, next } : undefined;
  };
  let saved: SavedGroup | undefined;
  try {
    saved = await changeDirectoryGroup({ ports, call, carriedOut }, groupId, wish);
  } catch (error) {
    return savingReceipt(ports, { integrationId, groupId }, error);
  }
  // A change that another call began to save is still the act of that one, and so is what it is saved for.
  const begun = isChanged && !isAskedBy(saved?.asked, call.actor) ? saved?.asked : undefined;
  const asked = begun ?? askedBy(call.actor, ports.clock.now());
  const key = { integrationId, id: groupId };
  // Its own change is part of what is asked for.
  const askedAt = (isAlone ? saved?.version : version) ?? 0;
  const { assignment } = await bindGroup(ports, key, asked, asksFor && { ...asksFor, version: askedAt });
  if (isConfirmed && saved) await noteConfirmed(ports, counted ?? key, saved);
  const isOwnAct = isAskedBy(saved?.asked, call.actor) || isAskedBy(assignment.asked, call.actor);
  return provisionSavedGroup(context, groupId, { isOwnAct, ...first });
};

/** Who left before this call, and who joined, as far as the group at the provider has yet to follow. */
const changedBefore = async (
  ports: Ports,
  link: GroupLink,
  base: SavedGroup | undefined,
): Promise<{ left: string[]; joined: string[] }> => {
  if (!base) return { left: [], joined: [] };
  if (link.rev === 0) {
    const joined: string[] = [];
    for await (const page of ports.groups.members(base.groupId, base.version)) joined.push(...page);
    return { left: [], joined };
  }
  const difference = await readGroupDifference(ports, link, base);
  return { left: await openLeavers(ports, link, base, difference), joined: membersIn(difference) };
};

/** Kept with the bind, for whoever carries it out where nothing can be sent yet. */
const wishOf = (
  existing: Existing | undefined,
  confirm: number | undefined,
  at: string,
): ExistingWish | undefined => {
  if (existing === "keep") return { how: existing, at };
  return existing === "replace" && confirm !== undefined ? { how: existing, confirm, at } : undefined;
};
