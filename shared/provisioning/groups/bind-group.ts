import { omit } from "../../common/objects.ts";
import type { Asked } from "../../model/asked.ts";
import type { SavedGroup } from "../../model/directory.ts";
import type { GroupLink } from "../../model/link.ts";
import type { AfterChange, ExistingWish } from "../../model/work.ts";
import { updateGroupAssignment } from "../assignments/update-assignment.ts";
import { presentIntegration } from "../attempts/require-integration.ts";
import { noteConfirmed } from "../guard/open-leavers.ts";
import { withEnd } from "../memberships/group-state.ts";
import type { LinkKey } from "../ports/link-store.ts";
import type { Ports } from "../ports/ports.ts";

/** Bind a group; one that is bound stays as it is, but for `existing`, which a later bind may ask for otherwise. */
export const bindGroup = async (
  ports: Ports,
  key: LinkKey,
  asked: Asked,
  existing?: ExistingWish,
): Promise<GroupLink> => {
  await endUnbinding(ports, key);
  return updateGroupAssignment(ports, key, (now) => {
    if (!now.bound)
      return { ...omit(now, "removal", "existing"), bound: true, asked, ...(existing && { existing }) };
    return existing && isLater(existing, now.existing) ? { ...now, existing } : now;
  });
};

/** Calls may come to it late; one call says it twice, before it changes the group and after. */
const isLater = (wish: ExistingWish, before: ExistingWish | undefined): boolean => {
  if (!before || wish.at !== before.at) return !before || wish.at > before.at;
  return (wish.version ?? 0) >= (before.version ?? 0);
};

/** An unbinding that did not come to its end may have let go of members: all are looked at anew, as after its end. */
const endUnbinding = async (ports: Ports, key: LinkKey): Promise<void> => {
  const link = await ports.groupLinks.read(key);
  if (!link || link.assignment.bound || link.observed.ended) return;
  await ports.groupLinks.note(key, link.rev, withEnd(link.observed, "unbound"));
};

/** What calls would have done next whose change of the group took longer than they had. Safe to repeat. */
export const carryOnAfterChange = async (ports: Ports, saved: SavedGroup): Promise<void> => {
  for (const next of saved.changed?.next ?? []) await carryOn(ports, saved, next);
};

const carryOn = async (
  ports: Ports,
  saved: SavedGroup,
  { integrationId, at, binds, existing, isConfirmed }: AfterChange,
): Promise<void> => {
  const { groupId, asked, deleted } = saved;
  if (deleted || !asked || !(await presentIntegration(ports, integrationId))) return;
  const key = { integrationId, id: groupId };
  const link = await ports.groupLinks.read(key);
  const isUnboundSince = link?.assignment.bound === false && (link.assignment.asked?.at ?? "") > at;
  if (binds && !isUnboundSince) await bindGroup(ports, key, asked, existing);
  if (isConfirmed) await noteConfirmed(ports, key, saved);
};
