import { reconcileGroup } from "../provisioning/groups/reconcile-group.ts";
import { readGroupState } from "../provisioning/memberships/group-state.ts";
import { workOfGroup } from "../provisioning/memberships/work-of-group.ts";
import type { Context } from "../provisioning/ports/ports.ts";
import type { ServiceProvider } from "../provisioning/ports/service-provider.ts";
import { releaseGroup, soughtByName } from "../provisioning/remote-groups/take-over-group.ts";
import { compareGroup } from "./compare-group.ts";
import { lookAtGroup, noteSeenGroup } from "./look-at-group.ts";
import { membersShown } from "./members-shown.ts";
import { reading } from "./open-reader.ts";

/** As `repairUser`; of a group that is not bound nothing is wanted, and nothing was. */
export const repairGroup = async (
  context: Context,
  provider: ServiceProvider,
  groupId: string,
): Promise<boolean> => {
  const { ports, integration } = context;
  await reading(context, `Reading the group ${groupId} failed`, () => keep(context, provider, groupId));
  const { link } = await readGroupState(ports, integration.integrationId, groupId);
  if (link.assignment.bound) await reconcileGroup(context, groupId);
  return true;
};

const keep = async (context: Context, provider: ServiceProvider, groupId: string): Promise<void> => {
  const { ports } = context;
  const look = await lookAtGroup(context, provider, groupId);
  if (!look) return;
  const { saved, link, shown } = look;
  const compared = await compareGroup(context, look, shown, membersShown(context, provider));
  const isGone = compared.findings.some(({ finding }) => finding === "missing");
  if (!isGone) return void (await noteSeenGroup(context, look, compared));
  await releaseGroup(ports, link);
  const forgotten = soughtByName(link.observed);
  const work = workOfGroup(context, { saved, link: { ...link, observed: forgotten } });
  await ports.groupLinks.note(link, link.rev, forgotten, work);
};
